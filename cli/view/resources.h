// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_RESOURCES_H_
#define FIREBREAK_CLI_VIEW_RESOURCES_H_

#include <string>

#include "firebreak/v1/admin.pb.h"

namespace firebreak::cli {

// Returns a table for each kind of resource that the response contains.
std::string ResourceTables(const v1::GetResourcesResponse& response, bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_RESOURCES_H_
