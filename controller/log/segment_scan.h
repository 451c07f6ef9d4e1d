// SPDX-License-Identifier: Apache-2.0
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

// A part of the log that can no longer be read.
struct Damage {
  uint64_t offset = 0;  // in the segment
  uint64_t end = 0;
  // Its content arrived between these times, by the controller's clock.
  int64_t since_micros = std::numeric_limits<int64_t>::min();
  int64_t until_micros = std::numeric_limits<int64_t>::max();
  HostRecords lost;      // lost records, as far as known
  bool counted = false;  // whether `lost` is complete
};

// The content of a segment's file, found frame by frame without its index.
struct SegmentScan {
  struct Found {
    Block block;
    uint64_t offset;
    uint64_t length;
    uint64_t declared;  // records declared as lost in a block of the controller's own
  };

  std::optional<HostNumbers> head;  // nullopt: the head is damaged
  bool torn_head = false;           // there is only a part of a head, as a crash leaves it
  std::vector<Found> blocks;
  std::vector<Damage> damage;  // with `lost` unset
  bool has_holes = false;      // holes that were made to take blocks out
  uint64_t end = 0;            // behind the last whole frame
};

SegmentScan ScanSegment(int descriptor, uint64_t bytes);

// Returns the numbers behind the last block. `before` has the numbers before the first block.
HostNumbers NumbersAfter(const SegmentScan& scan, HostNumbers before);

// Adds to scan.damage the records that are missing according to the numbers of the blocks that
// exist. `before` has the numbers before the segment; `after`, if known, those in the head of the
// next one. Damage that lost no records, for example in an index, is removed from the scan.
void CountLost(const HostNumbers& before, const HostNumbers* after, SegmentScan& scan);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_SEGMENT_SCAN_H_
