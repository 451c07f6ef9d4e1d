// SPDX-License-Identifier: Apache-2.0
#include "agent/record/outbox.h"

#include <algorithm>
#include <utility>

#include "base/log/log.h"

namespace firebreak::agent {

void Outbox::Restart() {
  sent_.clear();
  next_.reset();
  bytes_ = 0;
  spool_.Rewind();
  Send();
}

void Outbox::Acknowledge(uint64_t epoch, uint64_t next_sequence) {
  const auto last = std::find_if(sent_.rbegin(), sent_.rend(), [&](const Sent& sent) {
    return sent.epoch == epoch && sent.end <= next_sequence;
  });
  // An acknowledgement also covers every batch sent before it.
  for (auto count = sent_.rend() - last; count > 0; --count) {
    bytes_ -= sent_.front().bytes;
    sent_.pop_front();
  }
  spool_.Acknowledge(epoch, next_sequence);
  Send();
}

bool Outbox::Fits(uint64_t epoch) const {
  return sent_.empty() || epoch == sent_.back().epoch || sent_.front().epoch == sent_.back().epoch;
}

void Outbox::Send() {
  while (sent_.size() < kMaxBatches && bytes_ < kMaxBytes) {
    if (!next_.has_value()) {
      absl::StatusOr<std::optional<SpooledBatch>> next = spool_.Next();
      if (!next.ok()) {
        LogError(next.status().message());
        continue;
      }
      if (!next->has_value()) return;
      next_ = **std::move(next);
    }
    if (!Fits(next_->epoch)) return;
    SpooledBatch batch = *std::exchange(next_, std::nullopt);
    sent_.push_back({batch.epoch, batch.end(), batch.columns.size()});
    bytes_ += batch.columns.size();
    v1::LogBatch message;
    message.set_epoch(batch.epoch);
    message.set_first_sequence(batch.first_sequence);
    message.set_columns(std::move(batch.columns));
    send_(std::move(message));
  }
}

}  // namespace firebreak::agent
