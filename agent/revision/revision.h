// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_REVISION_REVISION_H_
#define FIREBREAK_AGENT_REVISION_REVISION_H_

#include <chrono>
#include <cstdint>
#include <string>

// What agent/revision/lifecycle.h is about.
namespace firebreak::agent::lifecycle {

using Clock = std::chrono::steady_clock;
using Time = Clock::time_point;
using Duration = Clock::duration;

struct Revision {
  uint64_t number = 0;
  std::string policy;  // digest of the pushed policy
  std::string rules;   // digest of its rules on this host; empty if it has none
  // What it asks of the TCP/IP stack (policy::StackBytes), which may cut a host off as rules may.
  std::string stack = "";

  // Whether both come from the same push. Their rules may differ if the host's interfaces have
  // changed.
  bool IsPushOf(const Revision& other) const {
    return number == other.number && policy == other.policy;
  }
  // Whether what is known of the one's way to the controller is known of the other's.
  bool DoesTheSame(const Revision& other) const {
    return rules == other.rules && stack == other.stack;
  }
  friend bool operator==(const Revision&, const Revision&) = default;
};

// What a revision needs so that it may stay.
struct Proof {
  enum class By {
    kController,  // a new connection to the controller can be opened
    kPerson,      // somebody confirms it within `time`
    kNobody,      // nothing: there is no trial
  };
  By by = By::kController;
  Duration time{};
  friend bool operator==(const Proof&, const Proof&) = default;
};

}  // namespace firebreak::agent::lifecycle

#endif  // FIREBREAK_AGENT_REVISION_REVISION_H_
