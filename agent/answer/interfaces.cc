// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/interfaces.h"

namespace firebreak::agent {

v1::InterfacesAnswer DescribeInterfaces(const Snapshot& host,
                                        const std::map<uint32_t, v1::NetworkFacts>& networks) {
  v1::InterfacesAnswer answer;
  for (const Link& link : host.links) {
    v1::InterfaceReport& report = *answer.add_interfaces();
    *report.mutable_interface() = ToInterface(link);
    const v1::InterfaceState* state = host.StateOf(link.name);
    if (state != nullptr) *report.mutable_state() = *state;
    if (const auto network = networks.find(link.index); network != networks.end()) {
      *report.mutable_network() = network->second;
    }
  }
  return answer;
}

}  // namespace firebreak::agent
