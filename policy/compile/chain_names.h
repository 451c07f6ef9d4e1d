// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_CHAIN_NAMES_H_
#define FIREBREAK_POLICY_COMPILE_CHAIN_NAMES_H_

#include <string>

namespace firebreak::policy {

// Names of chains that tell a reader of a trace why a packet was let pass. No location's name is in
// them; see ObjectName for those with one.
inline constexpr char kEssentialInboundChain[] = "in.essential";
inline constexpr char kEssentialOutboundChain[] = "out.essential";
inline constexpr char kRelatedChain[] = "in.related";

// Chains that refuse count what they refuse in a counter of the same name. No other name begins so.
inline constexpr char kRefusalPrefix[] = "drop.";
inline constexpr char kObservedPrefix[] = "observe.";

// Between a mapping that refuses and the chain of its refusal: "in.needed-or-drop.blocked".
inline constexpr char kNeededInfix[] = ".needed-or-";

// The chain of that name, or its twin for observe mode, which lets pass what the first refuses.
inline std::string ChainFor(std::string name, bool observe) {
  return observe ? name + ".observe" : name;
}

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_CHAIN_NAMES_H_
