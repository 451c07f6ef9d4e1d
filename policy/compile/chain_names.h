// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_CHAIN_NAMES_H_
#define FIREBREAK_POLICY_COMPILE_CHAIN_NAMES_H_

#include <string>

namespace firebreak::policy {

// Names of chains that tell the reader of a trace why a packet was accepted. They contain no
// location's name; names that do are made by ObjectName.
inline constexpr char kEssentialInboundChain[] = "in.essential";
inline constexpr char kEssentialOutboundChain[] = "out.essential";
inline constexpr char kRelatedChain[] = "in.related";

// Chains that refuse packets count them in a counter of the same name. No other name begins with
// these prefixes.
inline constexpr char kRefusalPrefix[] = "drop.";
inline constexpr char kObservedPrefix[] = "observe.";

// Joins the name of a chain that lets in what the host needs with the name of a chain that refuses
// the rest: "in.needed-or-drop.blocked".
inline constexpr char kNeededInfix[] = ".needed-or-";

// Returns the name of the chain, or of its twin for observe mode, which accepts what the chain
// refuses.
inline std::string ChainFor(std::string name, bool observe) {
  return observe ? name + ".observe" : name;
}

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_CHAIN_NAMES_H_
