// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_LOG_BLOCK_SUMMARY_H_
#define FIREBREAK_CONTROLLER_LOG_BLOCK_SUMMARY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "proto/log/batch.h"
#include "proto/log/query.h"

namespace firebreak::controller {

// The kinds of keys by which a block is found.
enum class KeyKind : uint8_t { kAddress, kPort, kText };
inline constexpr size_t kKeyKinds = 3;

// The values that occur in a block, as key filters (key_filter.h): the addresses and ports of both
// ends, and the policies, mappings, reasons, interfaces, locations and protocols. An empty filter
// means unknown, as for a filter that would be too large in relation to the block's `bytes`.
using BlockSummary = std::array<std::string, kKeyKinds>;

BlockSummary Summarize(const RecordBatch& batch, size_t bytes);

// The keys that a search asks summaries for: at least one key of each list must occur.
struct QueryKeys {
  std::array<std::vector<std::vector<uint64_t>>, kKeyKinds> lists;

  bool Asks(KeyKind kind) const { return !lists[static_cast<size_t>(kind)].empty(); }
  // Returns false if no record of a block with this filter can match.
  bool MayOccur(KeyKind kind, absl::string_view filter) const;
};

QueryKeys KeysOf(const LogQuery& query);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_BLOCK_SUMMARY_H_
