// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_MAPPINGS_H_
#define FIREBREAK_CLI_VIEW_MAPPINGS_H_

#include <string>

#include "firebreak/v1/admin.pb.h"

namespace firebreak::cli {

// Returns a table with a row for each mapping.
std::string MappingTable(const v1::ListMappingsResponse& response, bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_MAPPINGS_H_
