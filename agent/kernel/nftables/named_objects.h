#ifndef FIREBREAK_AGENT_KERNEL_NFTABLES_NAMED_OBJECTS_H_
#define FIREBREAK_AGENT_KERNEL_NFTABLES_NAMED_OBJECTS_H_

#include <optional>
#include <string>

#include "policy/ruleset/ruleset.h"

struct nlmsghdr;

namespace firebreak::agent {

// The objects of NEWOBJ and DELOBJ messages: counters, helpers, timeouts (NFTA_OBJ_*). libnftnl
// knows the timeouts of TCP and UDP only, so they are written and read here.

// Appends the object of Firebreak's table of that name; without what it is made of, as a deletion
// wants it, unless `whole`. The message must have room for 1 KiB.
void PutObject(const std::string& name, const ruleset::Object& object, bool whole,
               nlmsghdr* message);

struct NamedObject {
  std::string table;
  std::string name;
  // None: of a kind, or with details, that we never write.
  std::optional<ruleset::Object> object;
};

NamedObject ReadObject(const nlmsghdr& message);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_NAMED_OBJECTS_H_
