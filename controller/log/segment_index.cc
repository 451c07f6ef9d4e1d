// SPDX-License-Identifier: Apache-2.0
#include "controller/log/segment_index.h"

#include <string.h>

#include <algorithm>
#include <bit>

#include "base/checksum/crc32c.h"
#include "controller/log/key_filter.h"
#include "proto/log/columns.h"

namespace firebreak::controller {
namespace {

constexpr char kOldIndex = 'I';
constexpr char kIndex = 'J';
constexpr char kSummaries = 'F';
constexpr size_t kOldTrailer = 4;
constexpr uint64_t kTakenOut = 1;

// The end of an index; numbers are little-endian.
struct Trailer {
  int64_t first_arrived;
  int64_t last_arrived;
  uint32_t crc;  // of the two fields above
  uint32_t length;
};
static_assert(sizeof(Trailer) == kIndexTrailer);

uint32_t CrcOfArrivals(const Trailer& trailer) {
  return Crc32c({reinterpret_cast<const char*>(&trailer), offsetof(Trailer, crc)});
}

bool TakeEntry(absl::string_view& bytes, bool old, uint64_t& at, SegmentIndex::Entry& entry) {
  uint64_t numbers[7] = {};
  for (size_t i = 0; i < (old ? 6 : 7); ++i) {
    if (!ParseVarint(bytes, numbers[i])) return false;
  }
  const auto& [gap, length, host, first, duration, actions, records] = numbers;
  if (length > kMaxFrameBytes + kFrameHeader || host > UINT32_MAX || actions > UINT8_MAX ||
      records > kMaxBatchRecords || gap > UINT64_MAX / 4 || at > UINT64_MAX / 4) {
    return false;
  }
  entry = {.offset = at + gap,
           .first_micros = static_cast<int64_t>(first),
           .last_micros = static_cast<int64_t>(first + duration),
           .length = static_cast<uint32_t>(length),
           .host = static_cast<uint32_t>(host),
           .records = static_cast<uint32_t>(records),
           .actions = static_cast<uint8_t>(actions)};
  at = entry.offset + length;
  return true;
}

bool TakeFrames(absl::string_view& bytes, uint64_t end,
                std::array<SegmentIndex::Frame, kKeyKinds>& frames) {
  for (SegmentIndex::Frame& frame : frames) {
    if (!ParseVarint(bytes, frame.offset) || !ParseVarint(bytes, frame.length) ||
        frame.offset > end || frame.length > end - frame.offset ||
        frame.length > kMaxFrameBytes + kFrameHeader) {
      return false;
    }
  }
  return true;
}

}  // namespace

void Arrivals::Add(int64_t micros) {
  first_micros = std::min(first_micros, micros);
  last_micros = std::max(last_micros, micros);
}

uint32_t SegmentIndex::NumberOf(const std::string& host) {
  const auto [found, is_new] = numbers_.try_emplace(host, static_cast<uint32_t>(hosts.size()));
  if (is_new) hosts.push_back(host);
  return found->second;
}

void SegmentIndex::Add(const Block& block, uint64_t offset, uint64_t length) {
  arrivals.Add(block.arrived_micros);
  Add({.offset = offset,
       .first_micros = block.first_micros,
       .last_micros = block.last_micros,
       .length = static_cast<uint32_t>(length),
       .host = 0,
       .records = block.records,
       .actions = block.actions},
      block.host);
}

void SegmentIndex::Add(const Entry& entry, const std::string& host) {
  entries.push_back(entry);
  entries.back().host = NumberOf(host);
  first_micros = std::min(first_micros, entry.first_micros);
  last_micros = std::max(last_micros, entry.last_micros);
}

std::vector<bool> SegmentIndex::Wanted(const LogQuery& query) const {
  std::vector<bool> wanted(hosts.size());
  for (size_t i = 0; i < hosts.size(); ++i) wanted[i] = query.WantsHost(hosts[i]);
  return wanted;
}

void AppendIndex(const SegmentIndex& index, std::string& out) {
  const size_t begin = BeginFrame(kIndex, out);
  AppendVarint(index.taken_out ? kTakenOut : 0, out);
  AppendVarint(index.hosts.size(), out);
  for (const std::string& host : index.hosts) AppendText(host, out);
  AppendVarint(index.entries.size(), out);
  uint64_t at = 0;
  for (const SegmentIndex::Entry& entry : index.entries) {
    AppendVarint(entry.offset - at, out);
    AppendVarint(entry.length, out);
    AppendVarint(entry.host, out);
    AppendVarint(static_cast<uint64_t>(entry.first_micros), out);
    // A hostile host may have made up the times.
    AppendVarint(
        static_cast<uint64_t>(entry.last_micros) - static_cast<uint64_t>(entry.first_micros), out);
    AppendVarint(entry.actions, out);
    AppendVarint(entry.records, out);
    at = entry.offset + entry.length;
  }
  for (const SegmentIndex::Frame& frame : index.summaries) {
    AppendVarint(frame.offset, out);
    AppendVarint(frame.length, out);
  }
  Trailer trailer = {.first_arrived = index.arrivals.first_micros,
                     .last_arrived = index.arrivals.last_micros,
                     .crc = 0,
                     .length = static_cast<uint32_t>(out.size() - begin + kIndexTrailer)};
  trailer.crc = CrcOfArrivals(trailer);
  out.append(reinterpret_cast<const char*>(&trailer), sizeof trailer);
  EndFrame(begin, out);
}

IndexTrailer ReadIndexTrailer(absl::string_view end) {
  IndexTrailer result;
  memcpy(&result.length, end.data() + end.size() - sizeof result.length, sizeof result.length);
  if (end.size() < kIndexTrailer) return result;
  Trailer trailer;
  memcpy(&trailer, end.data() + end.size() - sizeof trailer, sizeof trailer);
  if (trailer.crc == CrcOfArrivals(trailer)) {
    result.arrivals = {trailer.first_arrived, trailer.last_arrived};
  }
  return result;
}

bool ReadIndex(absl::string_view payload, uint64_t end, SegmentIndex& index) {
  if (payload.empty() || (payload.front() != kIndex && payload.front() != kOldIndex)) return false;
  const bool old = payload.front() == kOldIndex;
  const size_t trailer_bytes = old ? kOldTrailer : kIndexTrailer;
  if (payload.size() < 1 + trailer_bytes) return false;
  const IndexTrailer trailer = ReadIndexTrailer(payload);
  payload = payload.substr(1, payload.size() - 1 - trailer_bytes);
  uint64_t flags = 0;
  uint64_t hosts;
  uint64_t entries;
  if (!old && !ParseVarint(payload, flags)) return false;
  if (!ParseVarint(payload, hosts) || hosts > payload.size()) return false;
  std::vector<std::string> names(hosts);
  for (std::string& name : names) {
    if (!ParseText(payload, name)) return false;
  }
  if (!ParseVarint(payload, entries) || entries > payload.size()) return false;
  index = SegmentIndex();
  index.entries.reserve(entries);
  index.taken_out = (flags & kTakenOut) != 0;
  uint64_t at = 0;
  for (; entries > 0; --entries) {
    SegmentIndex::Entry entry;
    if (!TakeEntry(payload, old, at, entry) || entry.host >= hosts || at > end) return false;
    index.Add(entry, names[entry.host]);
  }
  if (!old) {
    if (!trailer.arrivals.has_value() || !TakeFrames(payload, end, index.summaries)) return false;
    index.arrivals = *trailer.arrivals;
  }
  return payload.empty();
}

void AppendSummaries(const std::vector<BlockSummary>& summaries, KeyKind kind, std::string& out) {
  const size_t begin = BeginFrame(kSummaries, out);
  out.push_back(static_cast<char>(kind));
  for (const BlockSummary& summary : summaries) {
    const std::string& filter = summary[static_cast<size_t>(kind)];
    out.push_back(filter.empty() ? '\0' : static_cast<char>(std::bit_width(filter.size())));
    out.append(filter);
  }
  EndFrame(begin, out);
}

bool ReadSummaries(absl::string_view payload, KeyKind kind, size_t blocks,
                   std::vector<absl::string_view>& filters) {
  if (payload.size() < 2 || payload[0] != kSummaries || payload[1] != static_cast<char>(kind)) {
    return false;
  }
  payload.remove_prefix(2);
  filters.clear();
  for (; blocks > 0; --blocks) {
    if (payload.empty()) return false;
    const auto width = static_cast<uint8_t>(payload.front());
    payload.remove_prefix(1);
    const size_t length = width == 0 ? 0 : width > 20 ? SIZE_MAX : size_t{1} << (width - 1);
    if (length > kMaxKeyFilterBytes || length > payload.size()) return false;
    filters.push_back(payload.substr(0, length));
    payload.remove_prefix(length);
  }
  return payload.empty();
}

bool IsOfIndex(absl::string_view payload) {
  return !payload.empty() && (payload.front() == kOldIndex || payload.front() == kIndex ||
                              payload.front() == kSummaries);
}

}  // namespace firebreak::controller
