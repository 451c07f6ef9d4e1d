// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_RECORD_LEDGER_H_
#define FIREBREAK_AGENT_RECORD_LEDGER_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "agent/kernel/counters/counters.h"
#include "agent/record/spool.h"

namespace firebreak::agent {

// Ensures that every packet that the kernel has counted is either recorded or declared lost.
//
// A counted packet is logged right after, unless the rate limit or a full kernel buffer prevents
// that. Read the counters, then read everything that the kernel had to deliver at that time: a
// counter that is then ahead of the records shows how many packets were lost. Records read
// meanwhile can only hide a loss, never feign one. So every declared loss is real, and once traffic
// rests no loss is left out.
//
// Pure state; not thread-safe.
class Ledger {
 public:
  struct Loss {
    std::string counter;
    uint64_t packets = 0;
  };

  // Whether the counter counts packets that are logged. Such counters are named "drop.REASON" or
  // "observe.REASON".
  static bool Counts(absl::string_view counter);

  // Continues with what an earlier agent has accounted for.
  void Resume(const Accounts& accounts);
  // Ignores everything that the counters have counted so far.
  void Begin(const PacketCounts& counts);

  // Notes that `packets` packets counted by `counter` have records.
  void Took(const std::string& counter, uint64_t packets = 1) {
    Line& line = lines_[counter];
    line.accounted += packets;
    line.fresh += packets;
  }
  // Notes that `packets` packets that were passed to Took or declared as lost reached no log after
  // all.
  void GaveUp(const std::string& counter, uint64_t packets) {
    lines_[counter].accounted -= packets;
  }

  void Read(const PacketCounts& counts);
  // Returns the losses. Call this after reading everything that the kernel had to deliver when the
  // counters were last read. The returned losses count as declared from then on. `quiet`: no record
  // was read since then either.
  std::vector<Loss> Settle(bool quiet);

  Accounts accounts() const;

 private:
  // Numbers of packets since the counter was first seen, even if the kernel's counter restarted
  // meanwhile.
  struct Line {
    uint64_t accounted = 0;
    uint64_t counted = 0;
    uint64_t fresh = 0;  // those of `accounted` that were added since the counter was last read
    uint64_t raw = 0;    // the counter's value when it was last read
    uint64_t base = 0;   // the sum of the counter's values before each restart
  };

  std::map<std::string, Line> lines_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_LEDGER_H_
