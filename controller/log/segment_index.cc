#include "controller/log/segment_index.h"

#include <string.h>

#include <algorithm>

#include "proto/log/columns.h"

namespace firebreak::controller {
namespace {

constexpr char kIndex = 'I';

bool TakeEntry(absl::string_view& bytes, uint64_t& at, SegmentIndex::Entry& entry) {
  uint64_t numbers[6];
  for (uint64_t& number : numbers) {
    if (!TakeVarint(bytes, number)) return false;
  }
  const auto& [gap, length, host, first, duration, actions] = numbers;
  if (length > kMaxFrameBytes + kFrameHeader || host > UINT32_MAX || actions > UINT8_MAX ||
      gap > UINT64_MAX / 4 || at > UINT64_MAX / 4) {
    return false;
  }
  entry = {.offset = at + gap,
           .first_micros = static_cast<int64_t>(first),
           .last_micros = static_cast<int64_t>(first + duration),
           .length = static_cast<uint32_t>(length),
           .host = static_cast<uint32_t>(host),
           .actions = static_cast<uint8_t>(actions)};
  at = entry.offset + length;
  return true;
}

}  // namespace

uint32_t SegmentIndex::NumberOf(const std::string& host) {
  const auto [found, is_new] = numbers_.try_emplace(host, static_cast<uint32_t>(hosts.size()));
  if (is_new) hosts.push_back(host);
  return found->second;
}

void SegmentIndex::Add(const Block& block, uint64_t offset, uint64_t length) {
  Add({.offset = offset,
       .first_micros = block.first_micros,
       .last_micros = block.last_micros,
       .length = static_cast<uint32_t>(length),
       .host = 0,
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
  AppendVarint(index.hosts.size(), out);
  for (const std::string& host : index.hosts) AppendText(host, out);
  AppendVarint(index.entries.size(), out);
  uint64_t at = 0;
  for (const SegmentIndex::Entry& entry : index.entries) {
    AppendVarint(entry.offset - at, out);
    AppendVarint(entry.length, out);
    AppendVarint(entry.host, out);
    AppendVarint(static_cast<uint64_t>(entry.first_micros), out);
    // Of times that a hostile host has made up, too.
    AppendVarint(
        static_cast<uint64_t>(entry.last_micros) - static_cast<uint64_t>(entry.first_micros), out);
    AppendVarint(entry.actions, out);
    at = entry.offset + entry.length;
  }
  const auto length = static_cast<uint32_t>(out.size() - begin + kIndexTrailer);
  out.append(reinterpret_cast<const char*>(&length), sizeof length);
  EndFrame(begin, out);
}

bool IsIndex(absl::string_view payload) { return !payload.empty() && payload.front() == kIndex; }

bool ReadIndex(absl::string_view payload, uint64_t end, SegmentIndex& index) {
  if (!IsIndex(payload) || payload.size() < 1 + kIndexTrailer) return false;
  payload = payload.substr(1, payload.size() - 1 - kIndexTrailer);
  uint64_t hosts;
  uint64_t entries;
  if (!TakeVarint(payload, hosts) || hosts > payload.size()) return false;
  std::vector<std::string> names(hosts);
  for (std::string& name : names) {
    if (!TakeText(payload, name)) return false;
  }
  if (!TakeVarint(payload, entries) || entries > payload.size()) return false;
  index = SegmentIndex();
  index.entries.reserve(entries);
  uint64_t at = 0;
  for (; entries > 0; --entries) {
    SegmentIndex::Entry entry;
    if (!TakeEntry(payload, at, entry) || entry.host >= hosts || at > end) return false;
    index.Add(entry, names[entry.host]);
  }
  return payload.empty();
}

}  // namespace firebreak::controller
