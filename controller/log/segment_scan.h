#ifndef FIREBREAK_CONTROLLER_LOG_SEGMENT_SCAN_H_
#define FIREBREAK_CONTROLLER_LOG_SEGMENT_SCAN_H_

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "controller/log/block.h"

namespace firebreak::controller {

// Numbers of records, by host.
using HostRecords = std::map<std::string, uint64_t, std::less<>>;

// A span of the log that can no longer be read.
struct Damage {
  uint64_t offset = 0;  // in its segment
  uint64_t end = 0;
  // What was in it arrived between these times, by the controller's clock.
  int64_t since_micros = std::numeric_limits<int64_t>::min();
  int64_t until_micros = std::numeric_limits<int64_t>::max();
  HostRecords lost;      // as far as is known
  bool counted = false;  // whether that is all
};

// What a segment's file holds, found frame by frame, without its index.
struct SegmentScan {
  struct Found {
    Block block;
    uint64_t offset;
    uint64_t length;
    uint64_t declared;  // as lost, in a block of the controller's own
  };

  std::optional<HostNumbers> head;  // none: damaged
  bool torn_head = false;           // there is but the beginning of one, as a crash leaves it
  std::vector<Found> blocks;
  std::vector<Damage> damage;  // without `lost`
  bool has_holes = false;      // which were made to take blocks out
  uint64_t end = 0;            // behind the last whole frame
};

SegmentScan ScanSegment(int descriptor, uint64_t bytes);

// The numbers behind the last block. `before`: as they stood before the first.
HostNumbers NumbersAfter(const SegmentScan& scan, HostNumbers before);

// Adds to scan.damage what is missing according to the numbers of the blocks that are there:
// between `before` and, if it is known, `after`, as the next segment has them. Damage in which
// nothing was lost, as in an index, is taken out then.
void CountLost(const HostNumbers& before, const HostNumbers* after, SegmentScan& scan);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_SEGMENT_SCAN_H_
