// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_DIFFERENCE_SETTING_CHANGES_H_
#define FIREBREAK_POLICY_DIFFERENCE_SETTING_CHANGES_H_

#include <vector>

#include "firebreak/v1/plan.pb.h"
#include "policy/difference/judgement.h"

namespace firebreak::policy {

// Returns the differences between two judgements that do not concern the first packet of a flow:
// the firewall's mode, which decides about packets that no mapping covers, ICMP that belongs to
// flows, responses, helpers and timeouts.
std::vector<v1::SettingChange> SettingChanges(const Judgement& before, const Judgement& after);

// Returns changes of the settings that hold for the whole host while one location is its least
// trusted: logging, sharing, control.
std::vector<v1::SettingChange> SettingChanges(const v1::HostSettings& before,
                                              const v1::HostSettings& after);

// Returns changes of TCP/IP stack settings, for the host or for one interface.
std::vector<v1::SettingChange> SettingChanges(const v1::Hardened& before,
                                              const v1::Hardened& after);

// Returns changes of how an interface proves to be at the location. A missing proof counts as
// empty.
std::vector<v1::SettingChange> SettingChanges(const v1::Location& before,
                                              const v1::Location& after);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_DIFFERENCE_SETTING_CHANGES_H_
