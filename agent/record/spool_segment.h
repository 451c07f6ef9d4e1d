// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_RECORD_SPOOL_SEGMENT_H_
#define FIREBREAK_AGENT_RECORD_SPOOL_SEGMENT_H_

#include <cstdint>
#include <map>
#include <optional>

#include "absl/strings/string_view.h"
#include "agent/record/spool_format.h"

namespace firebreak::agent {

// The facts that a spool remembers about one of its files.
struct SpoolSegment {
  uint64_t number = 0;
  uint64_t epoch = 0;
  uint64_t first = 1;  // the number of the first record
  uint64_t end = 1;    // the number behind the last record
  uint64_t bytes = 0;
  std::map<uint64_t, uint64_t> damage;  // spans of the file that are skipped: begin → end
  bool has_batches = false;
  // Damage behind the last batch that can be sent, so that no gap in the numbers shows it: the
  // number of records that are known to be lost, and whether more may be.
  uint64_t lost_at_end = 0;
  bool cut_off = false;
  // Nothing of the file can be used.
  bool is_lost() const { return damage.count(0) > 0 && !has_batches; }
};

// Finds out what a file contains, whose bytes these are, and sets `accounts` to the accounts behind
// its last batch. If the file's head is damaged, `epoch_before` is taken for its epoch.
SpoolSegment ScanSpoolSegment(absl::string_view bytes, uint64_t epoch_before,
                              std::optional<Accounts>& accounts);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_SPOOL_SEGMENT_H_
