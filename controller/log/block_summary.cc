// SPDX-License-Identifier: Apache-2.0
#include "controller/log/block_summary.h"

#include <algorithm>
#include <bitset>
#include <limits>
#include <utility>

#include "controller/log/key_filter.h"

namespace firebreak::controller {
namespace {

using v1::LogTerm;

// A prefix with at most this many addresses is looked up address by address.
constexpr uint64_t kMaxAddressesOfPrefix = 16;
constexpr size_t kPorts = 1 << 16;
// A filter may take at most this part of its block's bytes. Otherwise a host whose records compress
// to almost nothing could make the controller store several times that.
constexpr size_t kLeastPartOfBlock = 4;
constexpr size_t kAlwaysKept = 64;

// Keys are stored on disk, so the way they are computed must never change.
uint64_t AddressKey(LogAddress address, uint8_t family) {
  MakeCanonical(address, family);
  return KeyOf(KeyOf(address.high + family) + address.low);
}

uint64_t PortKey(uint16_t port) { return KeyOf(port); }

// The kinds of texts; protocols count as one of them.
enum class TextKind : uint64_t { kPolicy = 1, kMapping, kReason, kInterface, kLocation, kProtocol };

uint64_t TextKey(TextKind kind, absl::string_view text) {
  uint64_t hash = 0xcbf29ce484222325 + static_cast<uint64_t>(kind);  // FNV-1a offset basis
  for (const char byte : text) hash = (hash ^ static_cast<uint8_t>(byte)) * 0x100000001b3;
  return KeyOf(hash);
}

uint64_t ProtocolKey(uint16_t protocol) {
  return KeyOf(KeyOf(static_cast<uint64_t>(TextKind::kProtocol)) + protocol);
}

std::string SummarizeAddresses(const std::vector<Record>& records) {
  std::vector<uint64_t> keys;
  keys.reserve(2 * records.size());
  const Record* before = nullptr;
  for (const Record& record : records) {
    if (record.family == 0) continue;
    if (before == nullptr || !(before->source == record.source)) {
      keys.push_back(AddressKey(record.source, record.family));
    }
    if (before == nullptr || !(before->destination == record.destination)) {
      keys.push_back(AddressKey(record.destination, record.family));
    }
    before = &record;
  }
  return MakeKeyFilter(keys);
}

std::string SummarizePorts(const std::vector<Record>& records) {
  std::bitset<kPorts> seen;
  std::vector<uint64_t> keys;
  for (const Record& record : records) {
    if ((record.has & Record::kPorts) == 0) continue;
    for (const uint16_t port : {record.source_port, record.destination_port}) {
      if (!seen.test(port)) keys.push_back(PortKey(port));
      seen.set(port);
    }
  }
  return MakeKeyFilter(keys);
}

std::string SummarizeTexts(const RecordBatch& batch) {
  constexpr std::pair<TextKind, uint16_t Record::*> kTexts[] = {
      {TextKind::kPolicy, &Record::policy},
      {TextKind::kMapping, &Record::mapping},
      {TextKind::kReason, &Record::reason},
      {TextKind::kInterface, &Record::interface},
      {TextKind::kLocation, &Record::location}};
  std::vector<uint64_t> keys;
  for (const auto& [kind, field] : kTexts) {
    std::vector<bool> seen(batch.texts.size());
    for (const Record& record : batch.records) {
      if (!seen[record.*field]) keys.push_back(TextKey(kind, batch.texts[record.*field]));
      seen[record.*field] = true;
    }
  }
  std::bitset<256> protocols;
  for (const Record& record : batch.records) {
    if (record.family != 0 && !protocols.test(record.protocol)) {
      keys.push_back(ProtocolKey(record.protocol));
      protocols.set(record.protocol);
    }
  }
  return MakeKeyFilter(keys);
}

// Returns false if there are too many addresses.
bool AddAddresses(const LogQuery::Prefix& prefix, std::vector<uint64_t>& keys) {
  const uint64_t width = prefix.family == 4 ? std::numeric_limits<uint32_t>::max() : ~uint64_t{0};
  const uint64_t last = ~prefix.mask.low & width;
  if (last >= kMaxAddressesOfPrefix || (prefix.family == 6 && prefix.mask.high != ~uint64_t{0})) {
    return false;
  }
  for (uint64_t i = 0; i <= last; ++i) {
    keys.push_back(AddressKey({.high = prefix.address.high & prefix.mask.high,
                               .low = (prefix.address.low & prefix.mask.low) + i},
                              prefix.family));
  }
  return true;
}

bool AddKeys(const LogQuery::Term& term, KeyKind& kind, std::vector<uint64_t>& keys) {
  const auto texts = [&](TextKind text) {
    kind = KeyKind::kText;
    for (const std::string& value : term.texts) keys.push_back(TextKey(text, value));
    return true;
  };
  switch (term.field) {
    case LogTerm::ADDRESS:
    case LogTerm::SOURCE:
    case LogTerm::DESTINATION:
      kind = KeyKind::kAddress;
      return std::all_of(term.prefixes.begin(), term.prefixes.end(),
                         [&](const LogQuery::Prefix& one) { return AddAddresses(one, keys); });
    case LogTerm::PORT:
    case LogTerm::SOURCE_PORT:
    case LogTerm::DESTINATION_PORT:
      kind = KeyKind::kPort;
      for (const uint16_t port : term.numbers) keys.push_back(PortKey(port));
      return true;
    case LogTerm::PROTOCOL:
      kind = KeyKind::kText;
      for (const uint16_t protocol : term.numbers) keys.push_back(ProtocolKey(protocol));
      return true;
    case LogTerm::POLICY: return texts(TextKind::kPolicy);
    case LogTerm::MAPPING: return texts(TextKind::kMapping);
    case LogTerm::REASON: return texts(TextKind::kReason);
    case LogTerm::INTERFACE: return texts(TextKind::kInterface);
    case LogTerm::LOCATION: return texts(TextKind::kLocation);
    default: return false;
  }
}

}  // namespace

BlockSummary Summarize(const RecordBatch& batch, size_t bytes) {
  BlockSummary summary = {SummarizeAddresses(batch.records), SummarizePorts(batch.records),
                          SummarizeTexts(batch)};
  for (std::string& filter : summary) {
    if (filter.size() > std::max(bytes / kLeastPartOfBlock, kAlwaysKept)) filter.clear();
  }
  return summary;
}

bool QueryKeys::MayOccur(KeyKind kind, absl::string_view filter) const {
  const auto& asked = lists[static_cast<size_t>(kind)];
  return std::all_of(asked.begin(), asked.end(), [&](const std::vector<uint64_t>& keys) {
    return std::any_of(keys.begin(), keys.end(),
                       [&](uint64_t key) { return MayContain(filter, key); });
  });
}

QueryKeys KeysOf(const LogQuery& query) {
  QueryKeys result;
  for (const LogQuery::Term& term : query.terms) {
    KeyKind kind = KeyKind::kText;
    std::vector<uint64_t> keys;
    // A summary cannot show that a negated term matches nothing, so such terms are skipped.
    if (term.negated || !AddKeys(term, kind, keys)) continue;
    result.lists[static_cast<size_t>(kind)].push_back(std::move(keys));
  }
  return result;
}

}  // namespace firebreak::controller
