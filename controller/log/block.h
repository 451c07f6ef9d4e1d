#ifndef FIREBREAK_CONTROLLER_LOG_BLOCK_H_
#define FIREBREAK_CONTROLLER_LOG_BLOCK_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"

namespace firebreak::controller {

// For each host the numberings that it has lately used, newest last, and their next numbers.
using HostNumbers = std::map<std::string, std::vector<std::pair<uint64_t, uint64_t>>, std::less<>>;
inline constexpr size_t kMaxEpochs = 4;

// One batch of a host's records as a segment has it: first what a search asks about it, then the
// columns of proto/log/batch.h.
struct Block {
  std::string host;
  uint64_t epoch = 0;
  uint64_t first_sequence = 0;  // 0: not of the host's numbering, but the controller's own
  uint32_t records = 0;
  int64_t first_micros = 0;  // the earliest of the records' times
  int64_t last_micros = 0;
  uint8_t actions = 0;  // the bits of those that occur
  int64_t arrived_micros = 0;
};

// A frame is a length, a CRC-32C (4 bytes each, little-endian) and a payload, which begins with its
// kind: "H", the numbers of all hosts as they stood before, first in a segment; "B", a block; "F"
// and "J" ("I" in older ones), last in a segment that is no longer written to, what helps to search
// it (segment_index.h).
inline constexpr size_t kFrameHeader = 8;
inline constexpr size_t kMaxFrameBytes = 64 << 20;

// Puts a frame around what is appended between the two calls. BeginFrame says where it begins.
size_t BeginFrame(char kind, std::string& out);
void EndFrame(size_t begin, std::string& out);

void AppendText(absl::string_view text, std::string& out);
bool TakeText(absl::string_view& bytes, std::string& text);

void AppendHead(const HostNumbers& numbers, std::string& out);
void AppendBlock(const Block& block, absl::string_view columns, std::string& out);

// The payload of the frame that `bytes` begin with. None: there is no whole one.
std::optional<absl::string_view> FrameAt(absl::string_view bytes);
// The length of its payload, unchecked; none if there is not even a header.
std::optional<size_t> FrameLengthAt(absl::string_view bytes);

bool ReadHead(absl::string_view payload, HostNumbers& numbers);
// Leaves the columns in `payload`.
bool ReadBlock(absl::string_view& payload, Block& block);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_BLOCK_H_
