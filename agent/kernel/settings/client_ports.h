// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_SETTINGS_CLIENT_PORTS_H_
#define FIREBREAK_AGENT_KERNEL_SETTINGS_CLIENT_PORTS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policy/compile/port_span.h"

namespace firebreak::agent {

// Parses net.ipv4.ip_local_port_range, the two ends of the range of ports that the kernel assigns
// to programs that ask for any port.
absl::StatusOr<policy::PortSpan> ParseClientPorts(absl::string_view text);

// Reads the range in force; returns the kernel's default if it cannot be read.
policy::PortSpan ReadClientPorts();

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_SETTINGS_CLIENT_PORTS_H_
