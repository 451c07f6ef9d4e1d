// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_JUDGEMENT_H_
#define FIREBREAK_POLICY_DIFFERENCE_JUDGEMENT_H_

#include "policy/difference/rules.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {

// How a host judges the packets that come in or go out by one interface.
struct Judgement {
  Profile profile;
  // Set where no firewall is active, whatever the profile says: kUnmanaged or kPrivate.
  std::optional<Cause::Kind> exempt;
};

// Returns rules that say what the judgement means for packets that begin a flow. They come from the
// policy's definition and not from the compiler, so that tests can compare the two.
//
// A packet that begins a flow is a lone SYN for TCP, an INIT for SCTP, and for ICMP any message
// that is not an answer or an error about a flow. It is whole, has valid checksums and possible
// addresses (see IsPossible). An inbound packet goes to a global address of the host, and the host
// has sent nothing before. So answers to DHCP, multicast, packets let in by `responses`, and IGMP
// that stays on the link are not covered: they depend on the firewall's mode, on ICMP options, or
// on earlier packets.
//
// A mapping with a condition (mapping_boxes.h) makes rulings that say what happens with and without
// it. This work is subtracted from `work_left`; when that is used up, the rules are incomplete, and
// so is any comparison made with them.
RuleList RulesOf(const Judgement& judgement, const Plane& plane, Rulings& rulings,
                 size_t& work_left);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_JUDGEMENT_H_
