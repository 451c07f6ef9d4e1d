// SPDX-License-Identifier: Apache-2.0
#include "agent/record/spool_format.h"

#include <string.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/checksum/crc32c.h"
#include "proto/log/batch.h"
#include "proto/log/columns.h"

namespace firebreak::agent {
namespace {

// One batch, and the accounts of more drop reasons than exist.
constexpr size_t kMaxFrameBytes = kMaxBatchBytes + (64 << 10);
// No host reaches this number. Numbers from a damaged file are rejected above it, so that counting
// on cannot overflow to 0.
constexpr uint64_t kMaxSequence = uint64_t{1} << 62;
constexpr char kHead = 'H';
constexpr char kOldBatch = 'B';
constexpr char kBatch = 'C';

struct FrameHeader {
  uint32_t length;
  uint32_t crc;
};
static_assert(sizeof(FrameHeader) == kSpoolFrameHeader);

void AppendRaw(uint64_t value, std::string& out) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

bool TakeRaw(absl::string_view& bytes, uint64_t& value) {
  if (bytes.size() < sizeof value) return false;
  memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return true;
}

void AppendAccounts(const Accounts& accounts, std::string& out) {
  AppendVarint(accounts.size(), out);
  for (const auto& [name, value] : accounts) {
    AppendVarint(name.size(), out);
    out.append(name);
    AppendVarint(value, out);
  }
}

bool TakeAccounts(absl::string_view& bytes, Accounts& accounts) {
  uint64_t count;
  if (!ParseVarint(bytes, count)) return false;
  for (; count > 0; --count) {
    uint64_t length;
    uint64_t value;
    if (!ParseVarint(bytes, length) || bytes.size() < length) return false;
    const std::string name(bytes.substr(0, length));
    bytes.remove_prefix(length);
    if (!ParseVarint(bytes, value)) return false;
    accounts[name] = value;
  }
  return true;
}

}  // namespace

std::string SpoolFrame(absl::string_view payload) {
  const FrameHeader header = {static_cast<uint32_t>(payload.size()), Crc32c(payload)};
  std::string frame(reinterpret_cast<const char*>(&header), sizeof header);
  absl::StrAppend(&frame, payload);
  return frame;
}

std::optional<absl::string_view> SpoolFrameAt(absl::string_view bytes) {
  FrameHeader header;
  if (bytes.size() < kSpoolFrameHeader) return std::nullopt;
  memcpy(&header, bytes.data(), kSpoolFrameHeader);
  if (header.length > kMaxFrameBytes || bytes.size() - kSpoolFrameHeader < header.length) {
    return std::nullopt;
  }
  const absl::string_view payload = bytes.substr(kSpoolFrameHeader, header.length);
  if (Crc32c(payload) != header.crc) return std::nullopt;
  return payload;
}

std::optional<size_t> AnnouncedSpoolFrameLength(absl::string_view bytes) {
  FrameHeader header;
  if (bytes.size() < kSpoolFrameHeader) return std::nullopt;
  memcpy(&header, bytes.data(), kSpoolFrameHeader);
  if (header.length == 0 || header.length > kMaxFrameBytes) return std::nullopt;
  return kSpoolFrameHeader + header.length;
}

std::optional<size_t> SpoolFrameLengthAt(absl::string_view bytes) {
  const std::optional<size_t> length = AnnouncedSpoolFrameLength(bytes);
  return length.has_value() && *length <= bytes.size() ? length : std::nullopt;
}

bool IsSpoolFrameAt(absl::string_view bytes) {
  constexpr absl::string_view kKinds = "HBC";
  return SpoolFrameLengthAt(bytes).has_value() &&
         kKinds.find(bytes[kSpoolFrameHeader]) != absl::string_view::npos &&
         SpoolFrameAt(bytes).has_value();
}

size_t FindSpoolFrame(absl::string_view bytes, size_t at) {
  for (++at; at < bytes.size() && !IsSpoolFrameAt(bytes.substr(at));) ++at;
  return std::min(at, bytes.size());
}

std::string PrintSpoolHead(const SpoolHead& head) {
  std::string payload(1, kHead);
  AppendRaw(0, payload);
  AppendRaw(head.epoch, payload);
  AppendVarint(head.first, payload);
  AppendAccounts(head.accounts, payload);
  return payload;
}

bool IsSpoolHead(absl::string_view payload) { return !payload.empty() && payload.front() == kHead; }

bool ReadSpoolHead(absl::string_view payload, SpoolHead& head) {
  if (!IsSpoolHead(payload)) return false;
  payload.remove_prefix(1);
  uint64_t unused;
  SpoolHead read;
  if (!TakeRaw(payload, unused) || !TakeRaw(payload, read.epoch) ||
      !ParseVarint(payload, read.first) || read.first > kMaxSequence ||
      !TakeAccounts(payload, read.accounts) || !payload.empty()) {
    return false;
  }
  head = std::move(read);
  return true;
}

std::string PrintSpoolBatchHeader(uint64_t epoch, uint64_t first, uint64_t records,
                                  const Accounts& changed) {
  std::string header;
  AppendRaw(epoch, header);
  AppendVarint(first, header);
  AppendVarint(records, header);
  AppendAccounts(changed, header);
  std::string payload(1, kBatch);
  AppendVarint(header.size(), payload);
  const uint32_t crc = Crc32c(header);
  absl::StrAppend(&payload, header,
                  absl::string_view(reinterpret_cast<const char*>(&crc), sizeof crc));
  return payload;
}

bool ReadSpoolBatchHeader(absl::string_view& payload, SpoolBatchHeader& header) {
  if (payload.empty()) return false;
  const char kind = payload.front();
  payload.remove_prefix(1);
  if (kind == kOldBatch) {
    return ParseVarint(payload, header.first) && ParseVarint(payload, header.records) &&
           TakeAccounts(payload, header.changed);
  }
  uint64_t length;
  uint32_t crc;
  if (kind != kBatch || !ParseVarint(payload, length) || length > payload.size() ||
      payload.size() - length < sizeof crc) {
    return false;
  }
  absl::string_view bytes = payload.substr(0, length);
  memcpy(&crc, payload.data() + length, sizeof crc);
  if (crc != Crc32c(bytes)) return false;
  payload.remove_prefix(length + sizeof crc);
  uint64_t epoch;
  if (!TakeRaw(bytes, epoch)) return false;
  header.epoch = epoch;
  return ParseVarint(bytes, header.first) && ParseVarint(bytes, header.records) &&
         TakeAccounts(bytes, header.changed) && bytes.empty();
}

bool IsPlausible(const SpoolBatchHeader& header) {
  return header.first > 0 && header.first <= kMaxSequence && header.records <= kMaxBatchRecords;
}

}  // namespace firebreak::agent
