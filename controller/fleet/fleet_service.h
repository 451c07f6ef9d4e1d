// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_FLEET_SERVICE_H_
#define FIREBREAK_CONTROLLER_FLEET_FLEET_SERVICE_H_

#include "controller/fleet/fleet.h"
#include "controller/identity/host_methods.h"

namespace firebreak::controller {

// Adds the Fleet service of fleet.proto to what hosts may call. `fleet` must outlive the calls.
void AddFleetService(Fleet& fleet, HostMethods& methods);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_FLEET_SERVICE_H_
