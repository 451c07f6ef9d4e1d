// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_PACKET_CLASSES_H_
#define FIREBREAK_POLICY_DIFFERENCE_PACKET_CLASSES_H_

#include <functional>
#include <vector>

#include "firebreak/v1/plan.pb.h"
#include "policy/difference/difference.h"
#include "policy/difference/witness.h"

namespace firebreak::policy {

// Whether both policies treat the packet as its class says; see TracedHost.
using ConfirmWitness = std::function<bool(const Witness& witness, const PacketClass& packets)>;

// Describes the classes in words. Classes that differ only in their addresses are described
// together, then those that differ only in protocol and ports. The largest comes first.
std::vector<v1::PacketClass> Describe(const std::vector<PacketClass>& classes,
                                      const ConfirmWitness& confirm);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_PACKET_CLASSES_H_
