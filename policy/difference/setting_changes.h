// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_SETTING_CHANGES_H_
#define FIREBREAK_POLICY_DIFFERENCE_SETTING_CHANGES_H_

#include <vector>

#include "firebreak/v1/plan.pb.h"
#include "policy/difference/judgement.h"

namespace firebreak::policy {

// Where two judgements differ apart from the packets that begin a flow: in the firewall's mode,
// which decides about packets that no mapping is about, in ICMP that belongs to flows, responses,
// helpers, timeouts.
std::vector<v1::SettingChange> SettingChanges(const Judgement& before, const Judgement& after);

// Changes of settings that hold for the host as a whole, while a location is the least trusted one:
// logging, sharing, control.
std::vector<v1::SettingChange> SettingChanges(const v1::HostSettings& before,
                                              const v1::HostSettings& after);

// Changes of settings of the TCP/IP stack, of the host as a whole or of one interface.
std::vector<v1::SettingChange> SettingChanges(const v1::Hardened& before,
                                              const v1::Hardened& after);

// How an interface proves to be at the location. A missing proof is an empty one.
std::vector<v1::SettingChange> SettingChanges(const v1::Location& before,
                                              const v1::Location& after);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_SETTING_CHANGES_H_
