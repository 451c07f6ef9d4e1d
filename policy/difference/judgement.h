// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_JUDGEMENT_H_
#define FIREBREAK_POLICY_DIFFERENCE_JUDGEMENT_H_

#include "policy/difference/rules.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {

// How a host judges the packets that come in or go out by one interface.
struct Judgement {
  Profile profile;
  // Set where there is no firewall, whatever the profile says: kUnmanaged or kPrivate.
  std::optional<Cause::Kind> exempt;
};

// What the judgement says of the packets that begin a flow, as rules. It is the meaning of a policy
// by itself, not taken from the compiler, so that each can be held against the other.
//
// Such packets are, of TCP, a lone SYN; of SCTP an INIT; of ICMP none that belongs to a flow, as
// answers and errors do; from and to addresses that can be (see IsPossible); sound, and whole. What
// comes in is sent to a global address of the host, and the host has sent nothing before: answers
// to DHCP, multicast and `responses` are no such packets, nor is IGMP that stays on the link.
// What becomes of others rests on the firewall's mode, on the ICMP options, or on what was before.
//
// A mapping that decides on a condition alone (mapping_boxes.h) makes rulings that say what becomes
// of a packet either way. What that takes is subtracted from `work_left`; when it is used up, the
// rules are not all, and what is compared with them is not complete.
RuleList RulesOf(const Judgement& judgement, const Plane& plane, Rulings& rulings,
                 size_t& work_left);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_JUDGEMENT_H_
