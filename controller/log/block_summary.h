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

// The kinds of keys that a block's records are found by.
enum class KeyKind : uint8_t { kAddress, kPort, kText };
inline constexpr size_t kKeyKinds = 3;

// What occurs in a block, as key filters (key_filter.h): the addresses and the ports of both ends;
// the policies, mappings, reasons, interfaces, locations and protocols. An empty filter: unknown,
// as where it would take too much beside the block's own `bytes`.
using BlockSummary = std::array<std::string, kKeyKinds>;

BlockSummary Summarize(const RecordBatch& batch, size_t bytes);

// What a search asks summaries: of each list one key must occur at least.
struct QueryKeys {
  std::array<std::vector<std::vector<uint64_t>>, kKeyKinds> lists;

  bool Asks(KeyKind kind) const { return !lists[static_cast<size_t>(kind)].empty(); }
  // False: no record of such a block matches.
  bool MayOccur(KeyKind kind, absl::string_view filter) const;
};

QueryKeys KeysOf(const LogQuery& query);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_BLOCK_SUMMARY_H_
