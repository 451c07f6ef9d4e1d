// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_PORT_SPAN_H_
#define FIREBREAK_POLICY_COMPILE_PORT_SPAN_H_

#include <cstdint>

namespace firebreak::policy {

// The ports that the kernel assigns to programs that ask for any port
// (net.ipv4.ip_local_port_range).
struct PortSpan {
  uint16_t first = 32768;
  uint16_t last = 60999;
  friend bool operator==(const PortSpan&, const PortSpan&) = default;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_PORT_SPAN_H_
