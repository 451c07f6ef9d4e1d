// SPDX-License-Identifier: Apache-2.0

// How a SegmentStore loads the log that an earlier process has left, and finds out what is missing.

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/files/files.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "controller/log/numbers.h"
#include "controller/log/segment_file.h"
#include "controller/log/segment_store.h"

namespace firebreak::controller {
namespace {

constexpr size_t kMaxStateBytes = 4 << 20;
// If the heads of segments are damaged, this many segments are read backwards to determine the
// numbers.
constexpr size_t kMaxLookedBack = 8;

HostRecords Between(const HostNumbers& before, const HostNumbers& after) {
  SegmentScan nothing;
  CountLost(before, &after, nothing);
  return nothing.damage.empty() ? HostRecords() : nothing.damage.front().lost;
}

}  // namespace

absl::StatusOr<std::vector<uint64_t>> SegmentStore::ListNumbers() const {
  DIR* const entries = opendir(directory_.c_str());
  if (entries == nullptr) {
    return absl::ErrnoToStatus(errno, absl::StrCat("open the log's directory ", directory_));
  }
  std::vector<uint64_t> numbers;
  while (const dirent* entry = readdir(entries)) {
    uint64_t number;
    if (sscanf(entry->d_name, "%16" SCNx64, &number) == 1 && number > 0 &&
        PathOf(number) == absl::StrCat(directory_, "/", entry->d_name)) {
      numbers.push_back(number);
    }
  }
  closedir(entries);
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

bool SegmentStore::LoadState() {
  const absl::StatusOr<std::string> text = ReadFile(StatePath(), kMaxStateBytes);
  if (absl::IsNotFound(text.status())) return false;
  const auto state = text.ok() ? ParseLogState(*text) : std::nullopt;
  if (!state.has_value()) {
    LogError("the log's ", StatePath(), text.ok() ? " is damaged" : " cannot be read",
             "; whether segments are missing is not known");
    return false;
  }
  state_ = *state;
  saved_state_ = *text;
  return true;
}

bool SegmentStore::SaveState() {
  std::string text = PrintLogState(state_);
  if (text != saved_state_) {
    if (absl::Status status = ReplaceFile(StatePath(), text); !status.ok()) {
      LogWarning("the log: ", status.message());
      return false;
    }
    saved_state_ = std::move(text);
  }
  for (const std::string& path : doomed_) unlink(path.c_str());
  doomed_.clear();
  return true;
}

std::optional<HostNumbers> SegmentStore::NumbersBehind(const std::vector<SegmentPtr>& segments,
                                                       size_t i) {
  std::vector<SegmentScan> scans;
  for (size_t looked = 0; looked < kMaxLookedBack; ++looked) {
    if (looked > i) return std::nullopt;
    absl::StatusOr<SegmentScan> scan = segments[i - looked]->Scan();
    if (!scan.ok()) return std::nullopt;
    scans.push_back(*std::move(scan));
    // Nothing came before the first segment, so its head is known to be empty.
    if (segments[i - looked]->number() == 1) scans.back().head.emplace();
    if (!scans.back().head.has_value()) continue;
    HostNumbers numbers = *scans.back().head;
    for (; !scans.empty(); scans.pop_back()) {
      numbers = NumbersAfter(scans.back(), std::move(numbers));
    }
    return numbers;
  }
  return std::nullopt;
}

void SegmentStore::CheckUnsealed(const std::vector<SegmentPtr>& segments) const {
  for (size_t i = 0; i + 1 < segments.size(); ++i) {
    if (segments[i]->sealed()) continue;
    absl::StatusOr<SegmentScan> scan = segments[i]->Scan();
    if (!scan.ok()) continue;  // a search of this segment will report the error
    const bool next_is_there = segments[i + 1]->number() == segments[i]->number() + 1;
    const auto next = next_is_there ? segments[i + 1]->Scan() : scan;
    const bool next_known = next_is_there && next.ok() && next->head.has_value();
    auto before = scan->head;
    if (!before.has_value() && segments[i]->number() == 1) before.emplace();
    if (!before.has_value() && i > 0) before = NumbersBehind(segments, i - 1);
    // Blocks that were taken out on purpose leave gaps in the numbers too.
    if (before.has_value() && !scan->has_holes) {
      CountLost(*before, next_known ? &*next->head : nullptr, *scan);
    }
    for (const Damage& damage : scan->damage) {
      LogError("the log's segment ", segments[i]->path(), " is damaged from ", damage.offset,
               " to ", damage.end, "; the rest of it is kept");
    }
    segments[i]->UseScan(*scan);
  }
}

void SegmentStore::CheckMissing(const std::vector<SegmentPtr>& segments, size_t i) {
  const uint64_t first = i == 0 ? 1 : segments[i - 1]->number() + 1;
  const uint64_t last = segments[i]->number() - 1;
  uint64_t number = first;
  // Deleted segments form long runs of numbers.
  for (auto run = state_.deleted.begin(); run != state_.deleted.end(); ++run) {
    if (run->first <= number && number <= run->second) number = run->second + 1;
  }
  if (number > last) return;
  Damage missing;
  if (i > 0) {
    if (const auto arrivals = segments[i - 1]->arrivals()) {
      missing.since_micros = arrivals->last_micros;
    }
    const auto scan = segments[i]->Scan();
    const auto before =
        segments[i - 1]->taken_out() ? std::nullopt : NumbersBehind(segments, i - 1);
    if (scan.ok() && scan->head.has_value() && before.has_value()) {
      missing.lost = Between(*before, *scan->head);
      // If no number is missing, the segment may still have held records that hosts were told are
      // stored.
      missing.counted = !missing.lost.empty();
    }
  }
  if (const auto arrivals = segments[i]->arrivals()) missing.until_micros = arrivals->first_micros;
  LogError("the log's segment ", PathOf(number), " is missing, with all records in it");
  absl::MutexLock lock(&mutex_);
  missing_[segments[i]->number()].push_back(std::move(missing));
}

absl::StatusOr<bool> SegmentStore::RecoverLast(std::vector<SegmentPtr>& segments) {
  while (!segments.empty()) {
    Segment& last = *segments.back();
    absl::StatusOr<SegmentScan> scan = last.Scan();
    if (scan.ok() && scan->end > 0) {
      auto before = scan->head;
      if (!before.has_value() && last.number() == 1) before.emplace();
      if (!before.has_value() && segments.size() > 1) {
        before = NumbersBehind(segments, segments.size() - 2);
      }
      if (before.has_value() && !scan->has_holes) CountLost(*before, nullptr, *scan);
      numbers_ = NumbersAfter(*scan, before.value_or(HostNumbers()));
      last.UseScan(*scan);
      if (last.sealed()) return false;
      RETURN_IF_ERROR(last.Recover(scan->end));
      for (const Damage& damage : last.DamageIn(0, last.bytes())) {
        LogError("the log's segment ", last.path(), " is damaged from ", damage.offset, " to ",
                 damage.end, "; the rest of it is kept");
      }
      return true;
    }
    // A crash during the creation of a segment leaves one without a whole head; it contained
    // nothing yet.
    if (scan.ok() && scan->torn_head) state_.Delete(last.number());
    LogWarning("the log's segment ", last.path(),
               " contains nothing that can be read; it is set aside");
    static_cast<void>(rename(last.path().c_str(), (last.path() + ".damaged").c_str()) == 0);
    segments.pop_back();
  }
  return false;
}

absl::Status SegmentStore::Load() {
  ASSIGN_OR_RETURN(const std::vector<uint64_t> numbers, ListNumbers());
  const bool known = LoadState();
  std::vector<SegmentPtr> segments;
  for (const uint64_t number : numbers) {
    if (IsMarkedDeleted(PathOf(number))) {
      state_.Delete(number);
      doomed_.push_back(PathOf(number));
      continue;
    }
    auto segment = Segment::Open(PathOf(number), number);
    if (segment.ok()) {
      segments.push_back(*std::move(segment));
    } else {
      LogError("the log leaves out a file that it cannot read: ", segment.status().message());
    }
  }
  const uint64_t newest = std::max(state_.newest, numbers.empty() ? 0 : numbers.back());
  // Numbers above the last readable segment were used only by files that are not segments, so they
  // count as deleted.
  const uint64_t last = segments.empty() ? 0 : segments.back()->number();
  const uint64_t others = std::max(state_.newest, last) + 1;
  if (others <= newest) state_.deleted[others] = newest;
  state_.newest = newest;
  ASSIGN_OR_RETURN(const bool goes_on, RecoverLast(segments));
  CheckUnsealed(segments);
  {
    absl::MutexLock lock(&mutex_);
    segments_ = segments;
  }
  if (!goes_on || segments.back()->number() != newest) {
    RETURN_IF_ERROR(Rotate());
  }
  segments = Segments();
  if (known) {
    for (size_t i = 0; i < segments.size(); ++i) CheckMissing(segments, i);
  } else if (segments.front()->number() > 1) {
    // An older version wrote no state file; segments that are missing there were deleted.
    uint64_t next = 1;
    for (const SegmentPtr& segment : segments) {
      if (segment->number() > next) state_.deleted[next] = segment->number() - 1;
      next = segment->number() + 1;
    }
  }
  std::optional<absl::Time> believed;
  if (state_.trusted_micros.has_value()) {
    believed = absl::FromUnixMicros(*state_.trusted_micros);
  } else {
    for (const SegmentPtr& segment : segments) {
      const auto arrivals = segment->arrivals();
      if (!arrivals.has_value()) continue;
      believed = std::max(believed.value_or(absl::InfinitePast()),
                          absl::FromUnixMicros(arrivals->last_micros));
    }
  }
  clock_ = RetentionClock(believed, absl::Seconds(state_.ahead_seconds));
  SaveState();
  return absl::OkStatus();
}

}  // namespace firebreak::controller
