#ifndef FIREBREAK_AGENT_LOCATION_INTERFACE_LOCATIONS_H_
#define FIREBREAK_AGENT_LOCATION_INTERFACE_LOCATIONS_H_

#include "firebreak/v1/state.pb.h"

namespace firebreak::agent {

// Whoever knows where this host's interfaces are.
class InterfaceLocations {
 public:
  virtual ~InterfaceLocations() = default;
  // Fills in location, evidence and refusals of the interface with this name; leaves the state as
  // it is if there is none of this name.
  virtual void Describe(v1::InterfaceState& state) const = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_INTERFACE_LOCATIONS_H_
