// SPDX-License-Identifier: Apache-2.0
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

// The epochs that each host has used lately, newest last, each with the number of the next record.
using HostNumbers = std::map<std::string, std::vector<std::pair<uint64_t, uint64_t>>, std::less<>>;
inline constexpr size_t kMaxEpochs = 4;

// One batch of a host's records as a segment stores it: first the facts that a search asks for,
// then the columns of proto/log/batch.h.
struct Block {
  std::string host;
  uint64_t epoch = 0;
  uint64_t first_sequence = 0;  // 0: the controller's own declaration, not numbered by the host
  uint32_t records = 0;
  int64_t first_micros = 0;  // the earliest of the times of the records
  int64_t last_micros = 0;
  uint8_t actions = 0;  // bits of the actions that occur
  int64_t arrived_micros = 0;
};

// A frame is a length, a CRC-32C (4 bytes each, little-endian) and a payload, whose first byte is
// its kind. "H" comes first in a segment and has the numbers of all hosts as they stood before the
// segment. "B" is a block. "F" and "J" ("I" in older segments) come last in a segment that is no
// longer written to, and help to search it (segment_index.h). "D" is all that is left of a segment
// that was deleted when the log's state could not be written.
inline constexpr size_t kFrameHeader = 8;
inline constexpr size_t kMaxFrameBytes = 64 << 20;

// BeginFrame and EndFrame put a frame around what is appended between the two calls. BeginFrame
// returns where the frame begins.
size_t BeginFrame(char kind, std::string& out);
void EndFrame(size_t begin, std::string& out);

void AppendText(absl::string_view text, std::string& out);
bool ParseText(absl::string_view& bytes, std::string& text);

void AppendHead(const HostNumbers& numbers, std::string& out);
void AppendBlock(const Block& block, absl::string_view columns, std::string& out);

// Returns the payload of the frame at the beginning of `bytes`; nullopt if there is no whole frame.
std::optional<absl::string_view> FrameAt(absl::string_view bytes);
// Returns the length of the payload according to the header, unchecked; nullopt if there is not
// even a header.
std::optional<size_t> FrameLengthAt(absl::string_view bytes);

bool ReadHead(absl::string_view payload, HostNumbers& numbers);
// Returns the frame that replaces a deleted segment.
std::string DeletedMark();
// Reads a block; its columns are left in `payload`.
bool ReadBlock(absl::string_view& payload, Block& block);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_BLOCK_H_
