// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_MAPPINGS_H_
#define FIREBREAK_CLI_VIEW_MAPPINGS_H_

#include <string>

#include "firebreak/v1/admin.pb.h"

namespace firebreak::cli {

// Returns what a mapping opens: "ssh", "tcp 80,443", "tcp/53,udp/53", "icmp echo-request" or "esp".
std::string Opens(const v1::PortMapping& mapping);
// Returns for whom it does so: "any" or "10.0.0.0/8 except 10.1.0.0/16".
std::string Senders(const v1::PortMapping& mapping);

// Returns a table with a row for each mapping.
std::string MappingTable(const v1::ListMappingsResponse& response, bool colours);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_MAPPINGS_H_
