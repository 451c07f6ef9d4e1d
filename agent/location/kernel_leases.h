// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCATION_KERNEL_LEASES_H_
#define FIREBREAK_AGENT_LOCATION_KERNEL_LEASES_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "agent/enforce/enforcer.h"
#include "agent/location/leases.h"

namespace firebreak::agent {

// Stores leases as elements with a timeout, in the sets in which the rules look up locations.
//
// Threading: on the enforcer's thread.
class KernelLeases : public Leases {
 public:
  // `enforcer` must outlive this object.
  explicit KernelLeases(Enforcer& enforcer) : enforcer_(enforcer) {}

  absl::Status Put(const std::string& location, uint32_t interface_index,
                   std::chrono::milliseconds lease) override;
  absl::Status End(const std::string& location, uint32_t interface_index) override;

 private:
  Enforcer& enforcer_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_KERNEL_LEASES_H_
