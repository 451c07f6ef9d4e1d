// SPDX-License-Identifier: Apache-2.0
#include "controller/log/segment_scan.h"

#include <unistd.h>

#include <algorithm>

#include "absl/strings/string_view.h"
#include "controller/log/frame_reader.h"
#include "controller/log/numbers.h"
#include "controller/log/segment_index.h"
#include "proto/log/batch.h"

namespace firebreak::controller {
namespace {

uint64_t DeclaredIn(const Block& block, absl::string_view columns, BatchDecoder& decoder) {
  RecordBatch batch;
  if (block.first_sequence != 0 || !decoder.Decode(columns, batch).ok()) return 0;
  uint64_t declared = 0;
  for (const Record& record : batch.records) declared += record.lost;
  return declared;
}

void AddDamage(uint64_t begin, uint64_t end, SegmentScan& scan) {
  Damage& damage = scan.damage.emplace_back();
  damage.offset = begin;
  damage.end = end;
}

// Sets the span of time in which each damaged part arrived, by the blocks before and behind it.
void SetTimes(SegmentScan& scan) {
  for (Damage& damage : scan.damage) {
    for (const SegmentScan::Found& found : scan.blocks) {
      const int64_t arrived = found.block.arrived_micros;
      if (found.offset < damage.offset) damage.since_micros = arrived;
      if (found.offset < damage.end) continue;
      damage.until_micros = arrived;
      break;
    }
  }
}

// Returns the damage that explains what is missing before `offset`; adds one if there is none.
Damage& DamageBefore(uint64_t offset, SegmentScan& scan) {
  for (auto damage = scan.damage.rbegin(); damage != scan.damage.rend(); ++damage) {
    if (damage->offset <= offset) return *damage;
  }
  // The file was cut off exactly at the end of a frame.
  Damage cut;
  cut.offset = scan.end - std::min<uint64_t>(scan.end, 1);
  cut.end = scan.end;
  if (!scan.blocks.empty()) cut.since_micros = scan.blocks.back().block.arrived_micros;
  return *scan.damage.insert(scan.damage.begin(), cut);
}

bool IsTornHead(int descriptor, uint64_t bytes) {
  char begin[kFrameHeader + 1];
  if (bytes < sizeof begin) return true;
  if (pread(descriptor, begin, sizeof begin, 0) != sizeof begin) return false;
  const auto length = FrameLengthAt({begin, sizeof begin});
  return begin[kFrameHeader] == 'H' && length.has_value() && *length + kFrameHeader > bytes;
}

}  // namespace

SegmentScan ScanSegment(int descriptor, uint64_t bytes) {
  SegmentScan scan;
  FrameReader reader(descriptor, bytes);
  BatchDecoder decoder;
  while (reader.offset() < bytes) {
    const uint64_t at = reader.offset();
    const auto payload = reader.NextChecked();
    if (!payload.has_value()) {
      const bool hole = reader.PassDamage();
      if (hole) scan.has_holes = true;
      if (!hole) AddDamage(at, reader.offset(), scan);
      continue;
    }
    Block block;
    HostNumbers head;
    absl::string_view columns = *payload;
    if (ReadBlock(columns, block)) {
      const uint64_t declared = DeclaredIn(block, columns, decoder);
      scan.blocks.push_back({std::move(block), at, reader.offset() - at, declared});
    } else if (at == 0 && ReadHead(*payload, head)) {
      scan.head = std::move(head);
    } else if (!IsOfIndex(*payload)) {
      AddDamage(at, reader.offset(), scan);
      continue;
    }
    scan.end = reader.offset();
  }
  scan.torn_head = scan.end == 0 && IsTornHead(descriptor, bytes);
  SetTimes(scan);
  return scan;
}

HostNumbers NumbersAfter(const SegmentScan& scan, HostNumbers before) {
  for (const SegmentScan::Found& found : scan.blocks) TakeNumbers(found.block, before);
  return before;
}

void CountLost(const HostNumbers& before, const HostNumbers* after, SegmentScan& scan) {
  HostNumbers numbers = before;
  HostRecords declared;
  const auto missing = [&](const std::string& host, uint64_t next, uint64_t first) {
    const uint64_t jump = first - std::min(first, next);
    const uint64_t known = std::min(jump, declared[host]);
    declared[host] -= known;
    return jump - known;
  };
  for (const SegmentScan::Found& found : scan.blocks) {
    const Block& block = found.block;
    if (block.first_sequence == 0) {
      declared[block.host] += found.declared;
      continue;
    }
    const uint64_t lost =
        missing(block.host, NextNumber(numbers, block.host, block.epoch), block.first_sequence);
    if (lost > 0) DamageBefore(found.offset, scan).lost[block.host] += lost;
    TakeNumbers(block, numbers);
  }
  if (after == nullptr) return;
  for (const auto& [host, epochs] : *after) {
    for (const auto& [epoch, next] : epochs) {
      const uint64_t lost = missing(host, NextNumber(numbers, host, epoch), next);
      if (lost > 0) DamageBefore(scan.end, scan).lost[host] += lost;
    }
  }
  std::erase_if(scan.damage, [](const Damage& damage) { return damage.lost.empty(); });
  for (Damage& damage : scan.damage) damage.counted = true;
}

}  // namespace firebreak::controller
