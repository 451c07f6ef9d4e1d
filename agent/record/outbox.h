#ifndef FIREBREAK_AGENT_RECORD_OUTBOX_H_
#define FIREBREAK_AGENT_RECORD_OUTBOX_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>

#include "agent/record/spool.h"
#include "firebreak/v1/log.pb.h"

namespace firebreak::agent {

// Sends what the spool has, in order, with no more than a window of it unacknowledged: a controller
// that is slow is not flooded, and a stream that ends has not much to repeat.
//
// Threading: one thread at a time. The spool must outlive it.
class Outbox {
 public:
  static constexpr size_t kMaxBatches = 16;
  static constexpr size_t kMaxBytes = 1 << 20;

  Outbox(Spool& spool, std::function<void(v1::LogBatch)> send)
      : spool_(spool), send_(std::move(send)) {}

  // On a new stream: from the oldest that is not acknowledged on.
  void Restart();
  void Acknowledge(uint64_t epoch, uint64_t next_sequence);
  // Sends what the window has room for.
  void Send();

 private:
  struct Sent {
    uint64_t epoch;
    uint64_t end;
    size_t bytes;
  };

  Spool& spool_;
  const std::function<void(v1::LogBatch)> send_;
  std::deque<Sent> sent_;
  size_t bytes_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_OUTBOX_H_
