// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_RECORD_OUTBOX_H_
#define FIREBREAK_AGENT_RECORD_OUTBOX_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>

#include "agent/record/spool.h"
#include "firebreak/v1/log.pb.h"

namespace firebreak::agent {

// Sends the spool's batches in order and keeps at most a window of them unacknowledged, so that a
// slow controller is not flooded and a new stream has little to repeat. The window has batches of
// at most two epochs, because the controller remembers the numbers of a few epochs only, and would
// take the repeated batches of another one as new.
//
// Threading: one thread at a time. The spool must outlive it.
class Outbox {
 public:
  static constexpr size_t kMaxBatches = 16;
  static constexpr size_t kMaxBytes = 1 << 20;

  Outbox(Spool& spool, std::function<void(v1::LogBatch)> send)
      : spool_(spool), send_(std::move(send)) {}

  // Call this when a new stream begins: sends again from the oldest batch that is not acknowledged.
  void Restart();
  void Acknowledge(uint64_t epoch, uint64_t next_sequence);
  // Sends as many batches as the window has room for.
  void Send();

 private:
  struct Sent {
    uint64_t epoch;
    uint64_t end;
    size_t bytes;
  };

  Spool& spool_;
  const std::function<void(v1::LogBatch)> send_;
  // Whether a batch of this epoch fits into the window.
  bool Fits(uint64_t epoch) const;

  std::deque<Sent> sent_;
  std::optional<SpooledBatch> next_;  // taken from the spool, and not sent yet
  size_t bytes_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_OUTBOX_H_
