// SPDX-License-Identifier: Apache-2.0
#include "agent/record/spool_segment.h"

#include <algorithm>
#include <utility>

namespace firebreak::agent {
namespace {

class Scan {
 public:
  Scan(absl::string_view bytes, uint64_t epoch_before, std::optional<Accounts>& accounts)
      : bytes_(bytes), accounts_(accounts) {
    segment_.bytes = bytes.size();
    segment_.epoch = epoch_before;
  }

  SpoolSegment Run() {
    for (size_t at = 0; at < bytes_.size();) {
      const auto payload = SpoolFrameAt(bytes_.substr(at));
      const bool taken = payload.has_value() && Take(at, *payload);
      at = taken ? at + kSpoolFrameHeader + payload->size() : PassDamage(at);
    }
    return std::move(segment_);
  }

 private:
  bool Take(size_t at, absl::string_view payload) {
    if (SpoolHead head; at == 0 && ReadSpoolHead(payload, head)) {
      segment_.epoch = head.epoch;
      segment_.first = segment_.end = head.first;
      accounts_ = std::move(head.accounts);
      return true;
    }
    SpoolBatchHeader header;
    if (!ReadSpoolBatchHeader(payload, header) || !Take(header)) return false;
    if (header.records > 0) {
      segment_.lost_at_end = 0;
      segment_.cut_off = false;
    }
    return true;
  }

  bool Take(const SpoolBatchHeader& header) {
    const bool head_is_damaged = segment_.damage.count(0) > 0;
    if (!IsPlausible(header) || (head_is_damaged && !header.epoch.has_value())) return false;
    if (head_is_damaged && !segment_.has_batches) {
      segment_.epoch = *header.epoch;
      segment_.first = segment_.end = header.first;
    }
    // Numbers may be missing only where something is damaged.
    if (header.epoch.value_or(segment_.epoch) != segment_.epoch || header.first < segment_.end ||
        (header.first > segment_.end && segment_.damage.empty())) {
      return false;
    }
    segment_.end = header.first + header.records;
    segment_.has_batches = true;
    if (!accounts_.has_value()) accounts_.emplace();
    for (const auto& [name, value] : header.changed) (*accounts_)[name] = value;
    return true;
  }

  // Skips the damaged bytes at `at`, and returns where they end.
  size_t PassDamage(size_t at) {
    const auto length = SpoolFrameLengthAt(bytes_.substr(at));
    const size_t next = at + length.value_or(0);
    const bool leads_on =
        length.has_value() && (next == bytes_.size() || IsSpoolFrameAt(bytes_.substr(next)));
    const size_t end = leads_on ? next : FindSpoolFrame(bytes_, at);
    segment_.damage[at] = end;
    // If only the columns of a batch are damaged, its header still tells the number of records.
    const size_t begin = std::min(at + kSpoolFrameHeader, end);
    absl::string_view payload = bytes_.substr(begin, end - begin);
    SpoolBatchHeader header;
    const bool known = at > 0 && leads_on && ReadSpoolBatchHeader(payload, header) &&
                       header.epoch.has_value() && Take(header);
    if (known) {
      segment_.lost_at_end += header.records;
    } else {
      segment_.cut_off = true;
    }
    return end;
  }

  const absl::string_view bytes_;
  std::optional<Accounts>& accounts_;
  SpoolSegment segment_;
};

}  // namespace

SpoolSegment ScanSpoolSegment(absl::string_view bytes, uint64_t epoch_before,
                              std::optional<Accounts>& accounts) {
  return Scan(bytes, epoch_before, accounts).Run();
}

}  // namespace firebreak::agent
