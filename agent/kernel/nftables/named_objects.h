// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_NFTABLES_NAMED_OBJECTS_H_
#define FIREBREAK_AGENT_KERNEL_NFTABLES_NAMED_OBJECTS_H_

#include <optional>
#include <string>

#include "policy/ruleset/ruleset.h"

struct nlmsghdr;

namespace firebreak::agent {

// The objects of NEWOBJ and DELOBJ messages: counters, helpers, timeouts (NFTA_OBJ_*). They are
// encoded and decoded here because libnftnl supports the timeouts of TCP and UDP only.

// Appends the object `name` of Firebreak's table. If `whole` is false, appends only its identity,
// for a deletion. The message must have room for 1 KiB.
void PutObject(const std::string& name, const ruleset::Object& object, bool whole,
               nlmsghdr* message);

struct NamedObject {
  std::string table;
  std::string name;
  // nullopt: a kind or details that Firebreak never writes.
  std::optional<ruleset::Object> object;
};

NamedObject ReadObject(const nlmsghdr& message);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_NAMED_OBJECTS_H_
