#ifndef FIREBREAK_AGENT_LOCATION_KERNEL_LEASES_H_
#define FIREBREAK_AGENT_LOCATION_KERNEL_LEASES_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "agent/enforce/enforcer.h"
#include "agent/location/leases.h"

namespace firebreak::agent {

// The leases as elements with a timeout of the sets that the rules look locations up in.
//
// Threading: one thread at a time, the enforcer's.
class KernelLeases : public Leases {
 public:
  // `enforcer` must outlive it.
  explicit KernelLeases(Enforcer& enforcer) : enforcer_(enforcer) {}

  absl::Status Put(const std::string& location, uint32_t interface_index,
                   std::chrono::milliseconds lease) override;
  absl::Status End(const std::string& location, uint32_t interface_index) override;

 private:
  Enforcer& enforcer_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_KERNEL_LEASES_H_
