// SPDX-License-Identifier: Apache-2.0
#include "controller/log/block.h"

#include <string.h>

#include "base/checksum/crc32c.h"
#include "proto/log/columns.h"

namespace firebreak::controller {
namespace {

constexpr char kHead = 'H';
constexpr char kBlock = 'B';
constexpr char kDeleted = 'D';
constexpr uint64_t kMaxHostBytes = 255;

struct Header {
  uint32_t length;
  uint32_t crc;
};
static_assert(sizeof(Header) == kFrameHeader);

template <typename Number>
bool TakeNumber(absl::string_view& bytes, Number& number) {
  uint64_t value;
  if (!ParseVarint(bytes, value)) return false;
  number = static_cast<Number>(value);
  return true;
}

}  // namespace

size_t BeginFrame(char kind, std::string& out) {
  const size_t begin = out.size();
  out.append(kFrameHeader, '\0');
  out.push_back(kind);
  return begin;
}

void EndFrame(size_t begin, std::string& out) {
  const absl::string_view payload = absl::string_view(out).substr(begin + kFrameHeader);
  const Header header = {static_cast<uint32_t>(payload.size()), Crc32c(payload)};
  memcpy(out.data() + begin, &header, sizeof header);
}

void AppendText(absl::string_view text, std::string& out) {
  AppendVarint(text.size(), out);
  out.append(text.data(), text.size());
}

bool ParseText(absl::string_view& bytes, std::string& text) {
  uint64_t size;
  if (!ParseVarint(bytes, size) || size > kMaxHostBytes || size > bytes.size()) return false;
  text = std::string(bytes.substr(0, size));
  bytes.remove_prefix(size);
  return true;
}

void AppendHead(const HostNumbers& numbers, std::string& out) {
  const size_t begin = BeginFrame(kHead, out);
  AppendVarint(numbers.size(), out);
  for (const auto& [host, epochs] : numbers) {
    AppendText(host, out);
    AppendVarint(epochs.size(), out);
    for (const auto& [epoch, next] : epochs) {
      AppendVarint(epoch, out);
      AppendVarint(next, out);
    }
  }
  EndFrame(begin, out);
}

void AppendBlock(const Block& block, absl::string_view columns, std::string& out) {
  const size_t begin = BeginFrame(kBlock, out);
  AppendText(block.host, out);
  AppendVarint(block.epoch, out);
  AppendVarint(block.first_sequence, out);
  AppendVarint(block.records, out);
  AppendVarint(static_cast<uint64_t>(block.first_micros), out);
  AppendVarint(static_cast<uint64_t>(block.last_micros), out);
  AppendVarint(block.actions, out);
  AppendVarint(static_cast<uint64_t>(block.arrived_micros), out);
  out.append(columns.data(), columns.size());
  EndFrame(begin, out);
}

std::string DeletedMark() {
  std::string mark;
  EndFrame(BeginFrame(kDeleted, mark), mark);
  return mark;
}

std::optional<size_t> FrameLengthAt(absl::string_view bytes) {
  Header header;
  if (bytes.size() < kFrameHeader) return std::nullopt;
  memcpy(&header, bytes.data(), kFrameHeader);
  if (header.length > kMaxFrameBytes) return std::nullopt;
  return header.length;
}

std::optional<absl::string_view> FrameAt(absl::string_view bytes) {
  const std::optional<size_t> length = FrameLengthAt(bytes);
  if (!length.has_value() || bytes.size() - kFrameHeader < *length) return std::nullopt;
  Header header;
  memcpy(&header, bytes.data(), kFrameHeader);
  const absl::string_view payload = bytes.substr(kFrameHeader, *length);
  if (Crc32c(payload) != header.crc) return std::nullopt;
  return payload;
}

bool ReadHead(absl::string_view payload, HostNumbers& numbers) {
  uint64_t hosts;
  if (payload.empty() || payload.front() != kHead) return false;
  payload.remove_prefix(1);
  if (!ParseVarint(payload, hosts)) return false;
  numbers.clear();
  for (; hosts > 0; --hosts) {
    std::string host;
    uint64_t epochs;
    if (!ParseText(payload, host) || !ParseVarint(payload, epochs) || epochs > kMaxEpochs) {
      return false;
    }
    auto& list = numbers[host];
    for (; epochs > 0; --epochs) {
      auto& [epoch, next] = list.emplace_back();
      if (!ParseVarint(payload, epoch) || !ParseVarint(payload, next)) return false;
    }
  }
  return payload.empty();
}

bool ReadBlock(absl::string_view& payload, Block& block) {
  if (payload.empty() || payload.front() != kBlock) return false;
  payload.remove_prefix(1);
  return ParseText(payload, block.host) && ParseVarint(payload, block.epoch) &&
         ParseVarint(payload, block.first_sequence) && TakeNumber(payload, block.records) &&
         TakeNumber(payload, block.first_micros) && TakeNumber(payload, block.last_micros) &&
         TakeNumber(payload, block.actions) && TakeNumber(payload, block.arrived_micros);
}

}  // namespace firebreak::controller
