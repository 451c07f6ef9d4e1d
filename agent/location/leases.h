// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCATION_LEASES_H_
#define FIREBREAK_AGENT_LOCATION_LEASES_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace firebreak::agent {

// Tells the kernel which interface is at which location, and for how long.
class Leases {
 public:
  virtual ~Leases() = default;
  // Put makes the kernel treat the interface as being at the location for that long; End stops
  // that. NotFound: the policy in force has no such location.
  virtual absl::Status Put(const std::string& location, uint32_t interface_index,
                           std::chrono::milliseconds lease) = 0;
  virtual absl::Status End(const std::string& location, uint32_t interface_index) = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_LEASES_H_
