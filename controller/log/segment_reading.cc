// SPDX-License-Identifier: Apache-2.0

// How a Segment is searched.

#include <fcntl.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "controller/log/segment.h"
#include "controller/log/segment_file.h"

namespace firebreak::controller {
namespace {

bool MayHold(const SegmentIndex::Entry& entry, const LogQuery& query,
             const std::vector<bool>& wanted) {
  return wanted[entry.host] && (entry.actions & query.actions) != 0 &&
         entry.last_micros >= query.since && entry.first_micros < query.until;
}

}  // namespace

absl::Status Segment::EnsureIndex() {
  if (index_.has_value()) return absl::OkStatus();
  const auto file = OpenFile(O_RDONLY);
  SegmentIndex index;
  if (file.ok()) {
    const auto at = ReadIndexAtEnd((*file)->descriptor, bytes_, index);
    index_at_ = at.value_or(0);
    if (!at.has_value()) index = IndexOf(ScanSegment((*file)->descriptor, bytes_));
    // NotFound: retention has just deleted the segment
  } else if (!absl::IsNotFound(file.status())) {
    return file.status();
  }
  index_ = std::move(index);
  return absl::OkStatus();
}

std::vector<absl::string_view> Segment::Filters(KeyKind kind, std::string& bytes) const {
  std::vector<absl::string_view> filters;
  const SegmentIndex::Frame& frame = index_->summaries[static_cast<size_t>(kind)];
  if (writer_ != nullptr) {
    for (const BlockSummary& summary : summaries_) {
      filters.push_back(summary[static_cast<size_t>(kind)]);
    }
  } else if (frame.length > 0) {
    const auto file = OpenFile(O_RDONLY);
    const auto payload = file.ok() ? ReadFrame((*file)->descriptor, frame, bytes) : std::nullopt;
    if (!payload.has_value() || !ReadSummaries(*payload, kind, index_->entries.size(), filters)) {
      filters.clear();
    }
  }
  if (filters.size() != index_->entries.size()) filters.clear();
  return filters;
}

std::vector<BlockSummary> Segment::Summaries() const {
  std::vector<BlockSummary> summaries(index_->entries.size());
  for (size_t kind = 0; kind < kKeyKinds; ++kind) {
    std::string bytes;
    const auto filters = Filters(static_cast<KeyKind>(kind), bytes);
    for (size_t i = 0; i < filters.size(); ++i) summaries[i][kind] = std::string(filters[i]);
  }
  return summaries;
}

std::vector<bool> Segment::Candidates(const BlockQuery& query, size_t from, size_t to) {
  std::vector<bool> candidates(index_->entries.size());
  if (index_->last_micros < query.query.since || index_->first_micros >= query.query.until) {
    return candidates;
  }
  const std::vector<bool> wanted = index_->Wanted(query.query);
  bool any = false;
  for (size_t i = from; i < to; ++i) {
    candidates[i] = MayHold(index_->entries[i], query.query, wanted);
    any = any || candidates[i];
  }
  for (size_t kind = 0; any && kind < kKeyKinds; ++kind) {
    if (!query.keys.Asks(static_cast<KeyKind>(kind))) continue;
    std::string bytes;
    const auto filters = Filters(static_cast<KeyKind>(kind), bytes);
    if (filters.empty()) continue;
    any = false;
    for (size_t i = from; i < to; ++i) {
      candidates[i] = candidates[i] && query.keys.MayOccur(static_cast<KeyKind>(kind), filters[i]);
      any = any || candidates[i];
    }
  }
  return candidates;
}

Segment::Place Segment::PlaceOf(const SegmentIndex::Entry& entry, const LogQuery& query) const {
  return {.offset = entry.offset,
          .end = entry.offset + entry.length,
          .host = index_->hosts[entry.host],
          .first_micros = entry.first_micros,
          .last_micros = entry.last_micros,
          .records = entry.records,
          .all_match = query.terms.empty() && (entry.actions & ~query.actions) == 0 &&
                       entry.first_micros >= query.since && entry.last_micros < query.until};
}

size_t Segment::FirstFrom(uint64_t offset) const {
  const auto& entries = index_->entries;
  const auto first =
      std::lower_bound(entries.begin(), entries.end(), offset,
                       [](const SegmentIndex::Entry& one, uint64_t at) { return one.offset < at; });
  return static_cast<size_t>(first - entries.begin());
}

absl::StatusOr<std::vector<Segment::Place>> Segment::Find(const BlockQuery& query, uint64_t from,
                                                          size_t max, uint64_t* next) {
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(EnsureIndex());
  std::vector<Place> places;
  *next = bytes_;
  const size_t first = FirstFrom(from);
  const auto candidates = Candidates(query, first, index_->entries.size());
  for (size_t i = first; i < candidates.size(); ++i) {
    if (!candidates[i]) continue;
    if (places.size() == max) {
      *next = index_->entries[i].offset;
      break;
    }
    places.push_back(PlaceOf(index_->entries[i], query.query));
  }
  return places;
}

absl::StatusOr<std::vector<Segment::Place>> Segment::FindBefore(const BlockQuery& query,
                                                                uint64_t before, size_t max) {
  absl::MutexLock lock(&mutex_);
  RETURN_IF_ERROR(EnsureIndex());
  std::vector<Place> places;
  const size_t end = FirstFrom(before);
  const auto candidates = Candidates(query, 0, end);
  for (size_t i = end; i > 0 && places.size() < max; --i) {
    if (candidates[i - 1]) places.push_back(PlaceOf(index_->entries[i - 1], query.query));
  }
  return places;
}

absl::Status Segment::Read(const File& file, const Place& place, std::string& bytes, Block& block,
                           absl::string_view& columns) const {
  const auto payload = ReadFrame(file.descriptor, {place.offset, place.end - place.offset}, bytes);
  if (!payload.has_value()) {
    return absl::DataLossError(
        absl::StrCat("the log's segment ", path_, " is damaged at ", place.offset));
  }
  columns = *payload;
  if (!ReadBlock(columns, block)) {
    return absl::DataLossError(
        absl::StrCat("the log's segment ", path_, " holds no block at ", place.offset));
  }
  return absl::OkStatus();
}

void Segment::ForgetIndex() {
  absl::MutexLock lock(&mutex_);
  if (writer_ == nullptr) index_.reset();
}

size_t Segment::indexed() const {
  absl::MutexLock lock(&mutex_);
  return index_.has_value() ? index_->entries.size() : 0;
}

}  // namespace firebreak::controller
