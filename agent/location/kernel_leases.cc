// SPDX-License-Identifier: Apache-2.0
#include "agent/location/kernel_leases.h"

#include "policy/compile/compile.h"

namespace firebreak::agent {
namespace {

// Returns the index as bytes in the order in which `meta iif` has them.
ruleset::Bytes InterfaceKey(uint32_t index) {
  return ruleset::Bytes(reinterpret_cast<const char*>(&index), sizeof index);
}

}  // namespace

absl::Status KernelLeases::Put(const std::string& location, uint32_t interface_index,
                               std::chrono::milliseconds lease) {
  return enforcer_.PutElement(policy::LocationSetName(location), InterfaceKey(interface_index),
                              lease);
}

absl::Status KernelLeases::End(const std::string& location, uint32_t interface_index) {
  return enforcer_.DeleteElement(policy::LocationSetName(location), InterfaceKey(interface_index));
}

}  // namespace firebreak::agent
