// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_MAPPINGS_HOLDER_H_
#define FIREBREAK_AGENT_MAPPINGS_HOLDER_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "agent/answer/reply.h"
#include "base/descriptor/descriptor.h"
#include "firebreak/v1/location.pb.h"

namespace firebreak::agent {

// What a mapping ends with: the program that asked for it, or a unit of systemd. A holder owns a
// handle of the process, so that another process that gets the same number is not taken for it;
// a unit is known by the number of its control group, which is another one when it starts again.
struct Holder {
  std::string name;    // for LocalMapping.unit: "process 123", "game.service"; empty: nothing
  Descriptor process;  // a pidfd, readable when the process has ended; -1: not a process
  uint64_t group = 0;  // of a unit
};

// Finds what the caller names in LocalMapping.unit: kWithTheProgram, or a unit that runs. A caller
// other than root may only name a unit that its program belongs to. The unit's name has been
// checked.
absl::StatusOr<Holder> FindHolder(const std::string& unit, const Caller& caller);

// Finds the holder of a mapping that an earlier run of the agent has taken in. NotFound, with the
// reason: it is there no longer. A process that started after the mapping was asked for has got
// its number from the one that asked.
absl::StatusOr<Holder> FindHolderAgain(const v1::LocalMapping& mapping);

// Whether the program that has connected runs still, so that what /proc says of its number is about
// it. False also if the kernel does not tell.
bool IsThere(const Caller& caller);

// Why the holder is there no longer; nullopt: it is there.
std::optional<std::string> WhyGone(const Holder& holder);

// The unit that the mapping ends with; empty: it ends with none.
std::string UnitOfMapping(const v1::LocalMapping& mapping);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_MAPPINGS_HOLDER_H_
