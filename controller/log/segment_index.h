#ifndef FIREBREAK_CONTROLLER_LOG_SEGMENT_INDEX_H_
#define FIREBREAK_CONTROLLER_LOG_SEGMENT_INDEX_H_

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "controller/log/block.h"
#include "proto/log/query.h"

namespace firebreak::controller {

// What a search asks about each block of a segment, so that it reads those only that may hold what
// it wants.
struct SegmentIndex {
  struct Entry {
    uint64_t offset;
    int64_t first_micros;
    int64_t last_micros;
    uint32_t length;
    uint32_t host;  // index into `hosts`
    uint8_t actions;
  };

  std::vector<Entry> entries;  // by offset
  std::vector<std::string> hosts;
  int64_t first_micros = std::numeric_limits<int64_t>::max();
  int64_t last_micros = std::numeric_limits<int64_t>::min();

  void Add(const Block& block, uint64_t offset, uint64_t length);
  // An entry of another index, whose host is called `host`.
  void Add(const Entry& entry, const std::string& host);

  // Of each of `hosts`, whether it is.
  std::vector<bool> Wanted(const LogQuery& query) const;

 private:
  uint32_t NumberOf(const std::string& host);

  absl::flat_hash_map<std::string, uint32_t> numbers_;
};

// As a frame (block.h), the last of a segment that is no longer written to. Its payload is "I", the
// hosts, the entries, and at the very end in 4 bytes, little-endian, how long the frame is, so that
// it is found from behind.
void AppendIndex(const SegmentIndex& index, std::string& out);
// False if it is none, or tells of blocks behind `end`.
bool ReadIndex(absl::string_view payload, uint64_t end, SegmentIndex& index);
bool IsIndex(absl::string_view payload);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_SEGMENT_INDEX_H_
