#ifndef FIREBREAK_POLICY_DIFFERENCE_PACKET_CLASSES_H_
#define FIREBREAK_POLICY_DIFFERENCE_PACKET_CLASSES_H_

#include <functional>
#include <vector>

#include "firebreak/v1/plan.pb.h"
#include "policy/difference/difference.h"
#include "policy/difference/witness.h"

namespace firebreak::policy {

// Whether both policies do with the packet what the class says of it; see TracedHost.
using ConfirmWitness = std::function<bool(const Witness& witness, const PacketClass& packets)>;

// The boxes in words. Those that differ in their addresses only are told as one, then those that
// differ in protocol and ports only. Biggest first.
std::vector<v1::PacketClass> Describe(const std::vector<PacketClass>& classes,
                                      const ConfirmWitness& confirm);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_PACKET_CLASSES_H_
