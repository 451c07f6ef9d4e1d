// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_REVISION_REVISION_H_
#define FIREBREAK_AGENT_REVISION_REVISION_H_

#include <chrono>
#include <cstdint>
#include <string>

// The values that agent/revision/lifecycle.h works with.
namespace firebreak::agent::lifecycle {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Duration = Clock::duration;

struct Revision {
  uint64_t number = 0;
  std::string policy;  // digest of the pushed policy
  std::string rules;   // digest of its rules on this host; empty if it has none
  // What it asks of the TCP/IP stack (policy::StackBytes), which can cut a host off just like
  // rules.
  std::string stack = "";

  // Whether both come from the same push. Their rules may differ if the host's interfaces have
  // changed.
  bool IsPushOf(const Revision& other) const {
    return number == other.number && policy == other.policy;
  }
  // Whether a proof that the controller can be reached under one also holds for the other.
  bool DoesTheSame(const Revision& other) const {
    return rules == other.rules && stack == other.stack;
  }
  friend bool operator==(const Revision&, const Revision&) = default;
};

// The proof that a revision needs in order to stay.
struct Proof {
  enum class By {
    kController,  // a new connection to the controller can be opened
    kPerson,      // a person confirms it within `time`
    kNobody,      // nothing: there is no trial
  };
  By by = By::kController;
  Duration time{};
  friend bool operator==(const Proof&, const Proof&) = default;
};

}  // namespace firebreak::agent::lifecycle

#endif  // FIREBREAK_AGENT_REVISION_REVISION_H_
