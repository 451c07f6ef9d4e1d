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

// Decides whether a host drops more packets than before a change, by reason
// (RolloutGates.drops_rise).

// Packets that the host's rules have dropped since they were first loaded, by reason.
using DropCounts = std::map<std::string, uint64_t>;
// Packets per minute, by reason. A missing reason means none.
using DropRates = std::map<std::string, double>;

// Returns the rates between two counts of one host, taken `passed` apart. A count lower than the
// earlier one has restarted from 0 in between. `passed` is taken to be at least one second.
DropRates RatesBetween(const DropCounts& before, const DropCounts& after, absl::Duration passed);

// The drops of one host in the last minute, from counts read at irregular times. Drops before the
// first count are ignored.
class LastMinuteOfDrops {
 public:
  // `at` is monotonic time and must not be earlier than in the previous call.
  void Add(absl::Duration at, DropCounts counts);

  // Returns the packets dropped since the newest count that is at least a minute older than the
  // last count, or since the first count if no count is that old.
  DropCounts Packets() const;
  // Returns the time between that count and the last one.
  absl::Duration Span() const;

 private:
  struct Count {
    absl::Duration at;
    DropCounts counts;
  };
  std::deque<Count> counts_;
};

// A reason for which the host dropped more in the last minute than the gates allow.
struct DropsRisen {
  std::string reason;
  uint64_t packets = 0;  // in the last minute
  double before = 0;     // per minute, before the change
};

// Returns the reason that exceeds its bound the most; none: no bound is exceeded.
std::optional<DropsRisen> RisenBeyond(const v1::RolloutGates& gates, const DropRates& before,
                                      const DropCounts& last_minute);

// Returns a text such as "it dropped 312 packets within 20s as unsolicited, and 3 in a minute
// before the change".
std::string RisenText(const DropsRisen& risen, absl::Duration span);

// Counts packets of one kind by the time of each, and finds the greatest number in any minute.
class MostInAMinute {
 public:
  // Times may be out of order. A time more than a minute before the newest one is ignored.
  void Add(absl::Time at);
  uint64_t most() const { return most_; }

 private:
  std::map<int64_t, uint64_t> seconds_;  // packets of the last minute, by second
  uint64_t sum_ = 0;
  uint64_t most_ = 0;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_ROLLOUT_DROPS_RISE_H_
