// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_RECORD_SPOOL_FORMAT_H_
#define FIREBREAK_AGENT_RECORD_SPOOL_FORMAT_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::agent {

// The format of the spool's files.
//
// A file is a sequence of frames. A frame is the length and the CRC-32C of its payload (4 bytes
// each, little-endian), then the payload. The first frame is an "H" (8 bytes that once named the
// host's boot, epoch, first number, all accounts). The others are "C": the length of a header, the
// header (epoch, number, count, changed accounts), the header's CRC-32C, and the columns. An older
// version wrote "B" (number, count, changed accounts, columns).
//
// The bytes may come from a damaged disk: whatever they are, reading them is safe.

// For each kernel counter, by name, how many of the packets that it has counted are in the spool,
// as records or in a declared loss.
using Accounts = std::map<std::string, uint64_t>;

inline constexpr size_t kSpoolFrameHeader = 8;

// Puts a frame around a payload.
std::string SpoolFrame(absl::string_view payload);

// Returns the payload of the frame at the beginning of `bytes`, or nullopt if no whole frame is
// there.
std::optional<absl::string_view> SpoolFrameAt(absl::string_view bytes);
// Returns the length of that frame according to its header, which must be there; nullopt if no
// frame has that length.
std::optional<size_t> AnnouncedSpoolFrameLength(absl::string_view bytes);
// Returns the length of that frame according to its header, without checking its content; nullopt
// if `bytes` is shorter than that.
std::optional<size_t> SpoolFrameLengthAt(absl::string_view bytes);
// Whether a whole frame of a known kind is at the beginning of `bytes`.
bool IsSpoolFrameAt(absl::string_view bytes);
// Returns where the first whole frame behind `at` begins, or the end of `bytes`.
size_t FindSpoolFrame(absl::string_view bytes, size_t at);

struct SpoolHead {
  uint64_t epoch = 0;
  uint64_t first = 1;
  Accounts accounts;
};
std::string PrintSpoolHead(const SpoolHead& head);
bool IsSpoolHead(absl::string_view payload);
// Returns false if the payload is not a head.
bool ReadSpoolHead(absl::string_view payload, SpoolHead& head);

// The part of a batch's payload that precedes its columns.
struct SpoolBatchHeader {
  std::optional<uint64_t> epoch;  // nullopt: the epoch in the file's head
  uint64_t first = 0;
  uint64_t records = 0;
  Accounts changed;
};
std::string PrintSpoolBatchHeader(uint64_t epoch, uint64_t first, uint64_t records,
                                  const Accounts& changed);
// Reads the header; the columns are left in `payload`. Returns false if it is not a batch.
bool ReadSpoolBatchHeader(absl::string_view& payload, SpoolBatchHeader& header);
// Whether numbers like these can be a batch's.
bool IsPlausible(const SpoolBatchHeader& header);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_SPOOL_FORMAT_H_
