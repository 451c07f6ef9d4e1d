// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCATION_INTERFACE_LOCATIONS_H_
#define FIREBREAK_AGENT_LOCATION_INTERFACE_LOCATIONS_H_

#include <string>

#include "firebreak/v1/state.pb.h"

namespace firebreak::agent {

// Knows where this host's interfaces are.
class InterfaceLocations {
 public:
  virtual ~InterfaceLocations() = default;
  // Fills in the location, evidence and refusals of the interface that `state` names; leaves
  // `state` unchanged if there is no such interface.
  virtual void Describe(v1::InterfaceState& state) const = 0;
  // Returns the location of the interface; "elsewhere" if there is no such interface.
  virtual std::string At(const std::string& interface_name) const = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_INTERFACE_LOCATIONS_H_
