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

// Sees to it that every packet that the kernel has counted is recorded or declared lost.
//
// A packet that is counted is logged right after, if the rate limit and the kernel's buffer let it.
// So once all that the kernel had to tell when the counters stood at some value has been read, what
// they are ahead of the records is lost. The records read meanwhile can only make that look less,
// never more: a loss that is declared is one, and when traffic rests none is left out.
//
// Pure state; not thread-safe.
class Ledger {
 public:
  struct Loss {
    std::string counter;
    uint64_t packets = 0;
  };

  // Whether the counter is one of packets that are logged: "drop.REASON", "observe.REASON".
  static bool Counts(absl::string_view counter);

  // Goes on from what an agent before this one has accounted for.
  void Resume(const Accounts& accounts);
  // What the counters have counted until now is nobody's business.
  void Begin(const PacketCounts& counts);

  // There are records of so many packets that `counter` has counted.
  void Took(const std::string& counter, uint64_t packets = 1) {
    Line& line = lines_[counter];
    line.accounted += packets;
    line.fresh += packets;
  }
  // So many packets that were taken or declared came to nothing after all.
  void GaveUp(const std::string& counter, uint64_t packets) {
    lines_[counter].accounted -= packets;
  }

  void Read(const PacketCounts& counts);
  // After all has been read that the kernel had to tell when the counters last were: what is lost.
  // It counts as declared from then on. `quiet`: no record was read since then either.
  std::vector<Loss> Settle(bool quiet);

  Accounts accounts() const;

 private:
  // In the kernel's numbers since the counter was first seen, even if it began anew meanwhile.
  struct Line {
    uint64_t accounted = 0;
    uint64_t counted = 0;
    uint64_t fresh = 0;  // of the accounted ones, those since the counter was last read
    uint64_t raw = 0;    // as last read
    uint64_t base = 0;   // what the counters before this one had counted
  };

  std::map<std::string, Line> lines_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_LEDGER_H_
