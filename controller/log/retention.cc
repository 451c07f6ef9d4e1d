// SPDX-License-Identifier: Apache-2.0

// Retention: which records a SegmentStore deletes, and in which order.

#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "base/time/passed.h"
#include "controller/log/segment_file.h"
#include "controller/log/segment_store.h"

namespace firebreak::controller {
namespace {

// The segment being written to is never made smaller, so the log is divided into at least this
// many.
constexpr uint64_t kLeastSegments = 8;
constexpr uint64_t kLeastSegmentBytes = 64 << 10;
// A segment is deleted when its newest record is too old. So that its oldest record does not stay
// much longer, a segment covers at most this part of the maximum age.
constexpr int kSegmentsInMaxAge = 8;

// The part of the disk left to others unless the options say otherwise.
constexpr uint64_t kPartKeptFree = 20;
constexpr uint64_t kMostKeptFree = uint64_t{1} << 30;
constexpr uint64_t kLeastKeptFree = 16 << 20;
constexpr uint64_t kMostPartKeptFree = 4;

}  // namespace

SegmentStore::Space SegmentStore::MeasureSpace() const {
  struct statvfs disk;
  if (statvfs(directory_.c_str(), &disk) != 0) return {.free = UINT64_MAX};
  const uint64_t all = uint64_t{disk.f_blocks} * disk.f_frsize;
  const uint64_t least = std::min(kLeastKeptFree, all / kMostPartKeptFree);
  return {
      .free = uint64_t{disk.f_bavail} * disk.f_frsize,
      .kept = options_.kept_free.value_or(std::clamp(all / kPartKeptFree, least, kMostKeptFree))};
}

uint64_t SegmentStore::LimitFor(const Space& space) const {
  const uint64_t stored = bytes();
  if (space.free >= space.kept) {
    return std::min(options_.max_bytes, stored + std::min(space.free - space.kept, UINT64_MAX / 2));
  }
  return std::min(options_.max_bytes, stored - std::min(stored, space.kept - space.free));
}

uint64_t SegmentStore::SegmentBytes() const {
  return std::min(options_.segment_bytes, std::max(limit_ / kLeastSegments, kLeastSegmentBytes));
}

absl::Status SegmentStore::MakeRoom(uint64_t bytes) {
  const auto enough = [&](const Space& space) {
    return space.free >= bytes && space.free - bytes >= space.kept;
  };
  Space space = MeasureSpace();
  limit_ = LimitFor(space);
  if (enough(space)) return absl::OkStatus();
  // The segment being written to cannot be made smaller, so a new one is begun.
  if (Segments().back()->bytes() >= kLeastSegmentBytes) {
    RETURN_IF_ERROR(Rotate());
  }
  limit_ -= std::min(limit_, bytes);
  TrimToSize();
  space = MeasureSpace();
  if (enough(space)) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(
      "the log takes no records: ", space.free >> 20, " MiB of its disk are free, and ",
      space.kept >> 20, " MiB are kept for the database; make room on the disk"));
}

bool SegmentStore::IsFull(absl::Time now) const {
  const auto last = Segments().back();
  const auto arrivals = last->arrivals();
  return arrivals.has_value() && (last->bytes() >= SegmentBytes() ||
                                  HasPassed(options_.max_age / kSegmentsInMaxAge,
                                            absl::FromUnixMicros(arrivals->first_micros), now));
}

void SegmentStore::Delete(const std::vector<SegmentPtr>& segments, bool early) {
  if (segments.empty()) return;
  uint64_t records = 0;
  for (const SegmentPtr& segment : segments) {
    HostBytes held;
    // If the bytes of a segment cannot be subtracted, its hosts seem to hold more than they do.
    if (held_.has_value() && segment->AddHeld(held).ok()) SubtractHeld(held);
    if (early) records += segment->CountRecords();
    state_.Delete(segment->number());
  }
  // Segments that are missing before the oldest remaining one need not be reported any more.
  const auto all = Segments();
  for (size_t i = 0; i < all.size() && state_.IsDeleted(all[i]->number()); ++i) {
    state_.deleted.erase(state_.deleted.begin(), state_.deleted.upper_bound(all[i]->number()));
    state_.deleted[1] = all[i]->number();
  }
  {
    absl::MutexLock lock(&mutex_);
    stats_.gave_way += records;
    for (const SegmentPtr& segment : segments) {
      std::erase(segments_, segment);
      missing_.erase(segment->number());
    }
  }
  for (const SegmentPtr& segment : segments) doomed_.push_back(segment->path());
  if (SaveState()) return;
  // The disk may be too full for the state, although a deletion would make room. A file that were
  // just deleted would seem lost after a crash.
  for (const SegmentPtr& segment : segments) {
    if (absl::Status status = MarkDeleted(segment->path()); !status.ok()) {
      LogWarning("the log: ", status.message());
    }
  }
  SaveState();
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

absl::Status SegmentStore::Remove(HostBytes excess) {
  auto segments = Segments();
  segments.pop_back();  // is being written to
  for (const auto& segment : segments) {
    HostBytes asked;
    for (const auto& [host, bytes] : excess) {
      if (bytes > 0 && taken_out_before_[host] <= segment->number()) asked[host] = bytes;
    }
    if (asked.empty()) continue;
    uint64_t records = 0;
    ASSIGN_OR_RETURN(const HostBytes taken, segment->Remove(asked, records));
    SubtractHeld(taken);
    {
      absl::MutexLock lock(&mutex_);
      stats_.gave_way += records;
    }
    for (const auto& [host, bytes] : asked) {
      const auto of = taken.find(host);
      const uint64_t gone = of == taken.end() ? 0 : of->second;
      excess[host] -= std::min(bytes, gone);
      if (gone < bytes) taken_out_before_[host] = segment->number() + 1;
    }
    if (segment->indexed() == 0) Delete({segment}, /*early=*/true);
    BoundIndices();
  }
  return absl::OkStatus();
}

void SegmentStore::TrimToSize() {
  for (uint64_t all = bytes(); all > limit_;) {
    absl::Status status = CountHeld();
    if (status.ok()) {
      uint64_t held = 0;
      for (const auto& [host, bytes] : *held_) held += bytes;
      // Heads and indices take space besides the hosts' blocks, and a hole only frees whole blocks
      // of the file system. So more is taken out than necessary, or the next segment would need
      // trimming too.
      const uint64_t others = all - std::min(all, held) + SegmentBytes();
      status = Remove(ExcessOf(*held_, limit_ - std::min(limit_, others)));
    }
    if (!status.ok() && !absl::IsUnimplemented(status)) LogError(status.message());
    const uint64_t left = bytes();
    const auto segments = Segments();
    if (left >= all && segments.size() == 1) return;
    if (left >= all) Delete({segments.front()}, /*early=*/true);
    all = std::min(left, bytes());
  }
}

void SegmentStore::DeleteOld(absl::Time now) {
  const auto is_old = [&](absl::Time arrived) { return arrived < now - options_.max_age; };
  auto segments = Segments();
  segments.pop_back();  // is being written to
  std::vector<SegmentPtr> old;
  // A segment that arrived while the clock was behind is at least as new as the segments before it.
  absl::Time newest = absl::InfinitePast();
  for (const SegmentPtr& segment : segments) {
    const auto arrivals = segment->arrivals();
    if (!arrivals.has_value()) continue;
    const absl::Time last = absl::FromUnixMicros(arrivals->last_micros);
    if (last <= now) newest = std::max(newest, last);
    if (is_old(std::max(last, newest))) old.push_back(segment);
  }
  Delete(old, /*early=*/false);
}

void SegmentStore::Expire(absl::Time now, absl::Duration passed) {
  if (IsFull(now)) {
    if (absl::Status status = Rotate(); !status.ok()) LogError(status.message());
  }
  const absl::Time believed = clock_.Advance(now, passed);
  if (clock_.ahead() != told_of_clock_) {
    told_of_clock_ = clock_.ahead();
    if (told_of_clock_) {
      LogWarning("the clock is ",
                 absl::FormatDuration(absl::Trunc(now - believed, absl::Minutes(1))),
                 " ahead of what the log has seen; if that is right, records are deleted for their "
                 "age again when it has lasted for ",
                 absl::FormatDuration(RetentionClock::kConfirmation));
    } else {
      LogInfo("the log uses the clock again");
    }
  }
  state_.trusted_micros = absl::ToUnixMicros(believed);
  state_.ahead_seconds = absl::ToInt64Seconds(clock_.ahead_for());
  DeleteOld(believed);
  limit_ = LimitFor(MeasureSpace());
  TrimToSize();
  SaveState();
}

}  // namespace firebreak::controller
