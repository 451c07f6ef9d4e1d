// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_SENDERS_SENDERS_H_
#define FIREBREAK_AGENT_SENDERS_SENDERS_H_

#include <set>
#include <string>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "policy/compile/senders.h"

namespace firebreak::agent {

// Users, groups and units by whom mappings of a policy know who sends.
struct SenderNames {
  std::set<std::string> users, user_groups, units;

  bool empty() const { return users.empty() && user_groups.empty() && units.empty(); }
  friend bool operator==(const SenderNames&, const SenderNames&) = default;
};

SenderNames SendersIn(const v1::EffectivePolicy& policy);

// Who they are on this host now: what its files say of accounts, and which units run.
policy::Senders FindOnHost(const SenderNames& names);

// Says of each name that is nobody on this host why: "unit chrony.service: it is not running". So
// many lines at most, the last of which then counts the rest.
std::vector<std::string> DescribeUnknown(const SenderNames& names, const policy::Senders& found,
                                         bool has_control_groups, size_t most = 20);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_SENDERS_SENDERS_H_
