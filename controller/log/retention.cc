// What a SegmentStore lets go of, and in which order.

#include <unistd.h>

#include <algorithm>

#include "base/log/log.h"
#include "base/status/status.h"
#include "base/time/passed.h"
#include "controller/log/segment_store.h"

namespace firebreak::controller {
namespace {

// Of which the one that is written to is never made smaller.
constexpr uint64_t kLeastSegments = 8;
constexpr uint64_t kLeastSegmentBytes = 64 << 10;
// A segment goes when its newest record must; its oldest may stay that part longer.
constexpr int kSegmentsInMaxAge = 8;

}  // namespace

uint64_t SegmentStore::SegmentBytes() const {
  return std::min(options_.segment_bytes,
                  std::max(options_.max_bytes / kLeastSegments, kLeastSegmentBytes));
}

bool SegmentStore::IsFull(absl::Time now) const {
  const auto last = Segments().back();
  const auto first = last->first_written();
  return first.has_value() && (last->bytes() >= SegmentBytes() ||
                               HasPassed(options_.max_age / kSegmentsInMaxAge, *first, now));
}

void SegmentStore::Delete(const std::shared_ptr<Segment>& segment) {
  HostBytes held;
  // What cannot be subtracted makes its host look as if it had more than it has.
  if (held_.has_value() && segment->AddHeld(held).ok()) SubtractHeld(held);
  absl::MutexLock lock(&mutex_);
  segments_.erase(std::find(segments_.begin(), segments_.end(), segment));
  unlink(segment->path().c_str());
}

void SegmentStore::SubtractHeld(const HostBytes& gone) {
  for (const auto& [host, bytes] : gone) {
    const auto held = held_->find(host);
    if (held == held_->end()) continue;
    held->second -= std::min(held->second, bytes);
    if (held->second == 0) held_->erase(held);
  }
}

absl::Status SegmentStore::CountHeld() {
  if (held_.has_value()) return absl::OkStatus();
  HostBytes held;
  for (const auto& segment : Segments()) {
    RETURN_IF_ERROR(segment->AddHeld(held));
  }
  held_ = std::move(held);
  return absl::OkStatus();
}

absl::Status SegmentStore::TakeOut(HostBytes excess) {
  auto segments = Segments();
  segments.pop_back();  // it is written to
  for (const auto& segment : segments) {
    HostBytes asked;
    for (const auto& [host, bytes] : excess) {
      if (bytes > 0 && taken_out_before_[host] <= segment->number()) asked[host] = bytes;
    }
    if (asked.empty()) continue;
    ASSIGN_OR_RETURN(const HostBytes taken, segment->TakeOut(asked));
    SubtractHeld(taken);
    for (const auto& [host, bytes] : asked) {
      const auto of = taken.find(host);
      const uint64_t gone = of == taken.end() ? 0 : of->second;
      excess[host] -= std::min(bytes, gone);
      if (gone < bytes) taken_out_before_[host] = segment->number() + 1;
    }
    if (segment->indexed() == 0) Delete(segment);
    BoundIndices();
  }
  return absl::OkStatus();
}

void SegmentStore::TrimToSize() {
  for (uint64_t all = bytes(); all > options_.max_bytes;) {
    absl::Status status = CountHeld();
    if (status.ok()) {
      uint64_t held = 0;
      for (const auto& [host, bytes] : *held_) held += bytes;
      // Besides what hosts hold there are heads and indices; and holes end at the file system's
      // blocks, so some more is taken out than need be, or the next segment would end this way too.
      const uint64_t others = all - std::min(all, held) + SegmentBytes();
      status = TakeOut(ExcessOf(*held_, options_.max_bytes - std::min(options_.max_bytes, others)));
    }
    if (!status.ok() && !absl::IsUnimplemented(status)) LogError(status.message());
    const uint64_t left = bytes();
    const auto segments = Segments();
    if (left >= all && segments.size() == 1) return;
    if (left >= all) Delete(segments.front());
    all = std::min(left, bytes());
  }
}

void SegmentStore::Expire(absl::Time now) {
  if (IsFull(now)) {
    if (absl::Status status = Rotate(); !status.ok()) LogError(status.message());
  }
  auto segments = Segments();
  segments.pop_back();  // it is written to
  for (const auto& segment : segments) {
    if (segment->last_written() >= now - options_.max_age) break;
    Delete(segment);
  }
  TrimToSize();
}

}  // namespace firebreak::controller
