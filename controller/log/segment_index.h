// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_LOG_SEGMENT_INDEX_H_
#define FIREBREAK_CONTROLLER_LOG_SEGMENT_INDEX_H_

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "controller/log/block.h"
#include "controller/log/block_summary.h"
#include "proto/log/query.h"

namespace firebreak::controller {

// When the blocks of a segment arrived, by the controller's clock.
struct Arrivals {
  int64_t first_micros = std::numeric_limits<int64_t>::max();
  int64_t last_micros = std::numeric_limits<int64_t>::min();

  bool any() const { return first_micros <= last_micros; }
  void Add(int64_t micros);

  friend bool operator==(const Arrivals&, const Arrivals&) = default;
};

// The facts that a search needs about each block of a segment, to read only the blocks that may
// match.
struct SegmentIndex {
  struct Entry {
    uint64_t offset;
    int64_t first_micros;
    int64_t last_micros;
    uint32_t length;
    uint32_t host;     // index into `hosts`
    uint32_t records;  // 0: unknown, in an index of an older version
    uint8_t actions;
  };
  // A frame in the file; its length is 0 if the frame does not exist.
  struct Frame {
    uint64_t offset = 0;
    uint64_t length = 0;
  };

  std::vector<Entry> entries;  // sorted by offset
  std::vector<std::string> hosts;
  int64_t first_micros = std::numeric_limits<int64_t>::max();
  int64_t last_micros = std::numeric_limits<int64_t>::min();
  Arrivals arrivals;
  bool taken_out = false;  // blocks were taken out to make room for other hosts
  // The frames with the blocks' summaries, which are in the order of `entries`.
  std::array<Frame, kKeyKinds> summaries;

  void Add(const Block& block, uint64_t offset, uint64_t length);
  // Adds an entry of another index, in which the host is called `host`.
  void Add(const Entry& entry, const std::string& host);

  // Whether the query wants each of `hosts`.
  std::vector<bool> Wanted(const LogQuery& query) const;

 private:
  uint32_t NumberOf(const std::string& host);

  absl::flat_hash_map<std::string, uint32_t> numbers_;
};

// Appends the index as a frame (block.h), the last frame of a segment that is no longer written to.
// It consists of "J", the hosts, the entries, the places of the summaries and, at the very end, a
// trailer, by which the index is found from the end of the file. An older version wrote "I",
// without arrivals and summaries.
void AppendIndex(const SegmentIndex& index, std::string& out);
// Returns false if the payload is not an index, or names blocks behind `end`.
bool ReadIndex(absl::string_view payload, uint64_t end, SegmentIndex& index);

// The size of the trailer, the last bytes of a segment, which describe its index.
inline constexpr size_t kIndexTrailer = 24;
struct IndexTrailer {
  uint32_t length = 0;               // of the index's frame
  std::optional<Arrivals> arrivals;  // nullopt: the index is of the older version, or damaged
};
// `end` must contain at least the last 4 bytes of the file.
IndexTrailer ReadIndexTrailer(absl::string_view end);

// Appends the summaries of one kind, of all blocks, as a frame: "F", the kind, and for each block
// one byte with 1 + the logarithm of its filter's length, and the filter.
void AppendSummaries(const std::vector<BlockSummary>& summaries, KeyKind kind, std::string& out);
// The filters point into `payload`. Returns false if there are not exactly as many filters as
// blocks.
bool ReadSummaries(absl::string_view payload, KeyKind kind, size_t blocks,
                   std::vector<absl::string_view>& filters);

// Whether the frame only serves searches, and holds no records.
bool IsOfIndex(absl::string_view payload);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_SEGMENT_INDEX_H_
