#include "agent/answer/interfaces.h"

namespace firebreak::agent {

v1::InterfacesAnswer DescribeInterfaces(const Snapshot& host) {
  v1::InterfacesAnswer answer;
  for (const Link& link : host.links) {
    v1::InterfaceReport& report = *answer.add_interfaces();
    *report.mutable_interface() = ToInterface(link);
    const v1::InterfaceState* state = host.StateOf(link.name);
    if (state != nullptr) *report.mutable_state() = *state;
  }
  return answer;
}

}  // namespace firebreak::agent
