// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_ROLLOUT_DROPS_RISE_H_
#define FIREBREAK_POLICY_ROLLOUT_DROPS_RISE_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "firebreak/v1/resources.pb.h"

namespace firebreak::policy {

// Whether one host drops more than it did before a change, by reason (RolloutGates.drops_rise).

// How many packets the host's rules have dropped, by reason, since they were first made.
using DropCounts = std::map<std::string, uint64_t>;
// Packets in a minute, by reason. A reason that is missing stands for none.
using DropRates = std::map<std::string, double>;

// The rates between two counts of one host, which lie `passed` apart. A count that is lower than
// the one before began anew meanwhile. At least a second is taken to have passed.
DropRates RatesBetween(const DropCounts& before, const DropCounts& after, absl::Duration passed);

// The last minute of a host's drops, from counts that were read now and then. What was dropped
// before the first count does not matter.
class LastMinuteOfDrops {
 public:
  // `at` is by a clock that nobody sets, and not before that of the count added last.
  void Add(absl::Duration at, DropCounts counts);

  // Returns how many packets were dropped since the newest count that is at least a minute older
  // than the last one; since the first count if none is.
  DropCounts Packets() const;
  // How long ago that count was, seen from the last one.
  absl::Duration Span() const;

 private:
  struct Count {
    absl::Duration at;
    DropCounts counts;
  };
  std::deque<Count> counts_;
};

// A reason for which more was dropped in the last minute than the gates allow.
struct DropsRisen {
  std::string reason;
  uint64_t packets = 0;  // in the last minute
  double before = 0;     // in a minute before the change
};

// The reason that is furthest beyond its bound; none: no bound is exceeded.
std::optional<DropsRisen> RisenBeyond(const v1::RolloutGates& gates, const DropRates& before,
                                      const DropCounts& last_minute);

// "it dropped 312 packets within 20s as unsolicited, and 3 in a minute before the change".
std::string RisenText(const DropsRisen& risen, absl::Duration span);

// Packets of one kind, each at its own time, and the most that there were in any minute.
class MostInAMinute {
 public:
  // Times may come out of order; one that lies more than a minute behind the newest is left out.
  void Add(absl::Time at);
  uint64_t most() const { return most_; }

 private:
  std::map<int64_t, uint64_t> seconds_;  // the packets of each second, of one minute
  uint64_t sum_ = 0;
  uint64_t most_ = 0;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_ROLLOUT_DROPS_RISE_H_
