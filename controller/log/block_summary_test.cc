// SPDX-License-Identifier: Apache-2.0
#include "controller/log/block_summary.h"

#include <gtest/gtest.h>

#include <random>

#include "controller/log/key_filter.h"

namespace firebreak::controller {
namespace {

using v1::LogTerm;

// The size of the largest batch, so that no filter is left out as too large.
constexpr size_t kAnyBytes = kMaxBatchBytes;

LogQuery Query(LogTerm::Field field, const std::string& value, bool negated = false) {
  v1::LogFilter filter;
  LogTerm& term = *filter.add_terms();
  term.set_field(field);
  term.add_values(value);
  term.set_negated(negated);
  return *ReadQuery(filter);
}

bool MayHold(const BlockSummary& summary, const LogQuery& query) {
  const QueryKeys keys = KeysOf(query);
  for (size_t kind = 0; kind < kKeyKinds; ++kind) {
    if (!keys.MayOccur(static_cast<KeyKind>(kind), summary[kind])) return false;
  }
  return true;
}

TEST(KeyFilter, KnowsAllOfItsKeysAndFewOthers) {
  std::mt19937_64 random(3);
  for (const size_t count : {0, 1, 10, 500, 4096}) {
    std::vector<uint64_t> keys(count);
    for (uint64_t& key : keys) key = random();
    const std::string filter = MakeKeyFilter(keys);
    EXPECT_LE(filter.size(), std::max<size_t>(2 * count, kMinKeyFilterBytes));
    for (const uint64_t key : keys) EXPECT_TRUE(MayContain(filter, key));
    int passed = 0;
    for (int i = 0; i < 10'000; ++i) passed += MayContain(filter, random()) ? 1 : 0;
    EXPECT_LT(passed, 600) << count;
  }
}

TEST(KeyFilter, OfTheSameKeyManyTimesTakesNothing) {
  const std::vector<uint64_t> keys(2000, 77);
  EXPECT_EQ(MakeKeyFilter(keys).size(), kMinKeyFilterBytes);
}

TEST(BlockSummary, NoRecordIsMissedWhateverIsAskedFor) {
  std::mt19937_64 random(9);
  RecordBatch batch;
  for (int i = 0; i < 300; ++i) {
    Record& record = batch.records.emplace_back();
    record.family = i % 3 == 0 ? 6 : i % 50 == 1 ? 0 : 4;
    record.source.low = static_cast<uint32_t>(random());
    record.destination.low = record.family == 6 ? random() : 0x0a000001;
    if (record.family == 6) record.destination.high = random();
    // The address becomes an IPv4-mapped IPv6 address.
    if (record.family == 6) record.source.low |= uint64_t{0xffff} << 32;
    record.protocol = i % 2 == 0 ? 6 : 17;
    record.has = Record::kPorts;
    record.source_port = static_cast<uint16_t>(random());
    record.destination_port = static_cast<uint16_t>(random() % 100);
    record.policy = batch.texts.Intern(i % 2 == 0 ? "web" : "mail");
  }
  const BlockSummary summary = Summarize(batch, kAnyBytes);
  int excluded = 0;
  const auto check = [&](const LogQuery& query) {
    bool any = false;
    for (const Record& record : batch.records) any = any || query.Matches(record, batch.texts);
    if (any) {
      EXPECT_TRUE(MayHold(summary, query));
    }
    excluded += MayHold(summary, query) ? 0 : 1;
  };
  for (const Record& record : batch.records) {
    check(Query(LogTerm::SOURCE_PORT, std::to_string(record.source_port)));
    if (record.family == 0) continue;
    const auto address = [](uint64_t low) {
      std::string text;
      for (int shift = 24; shift >= 0; shift -= 8) {
        text += std::to_string(low >> shift & 0xff) + (shift > 0 ? "." : "");
      }
      return text;
    };
    check(Query(LogTerm::ADDRESS, address(record.source.low)));
    check(Query(LogTerm::SOURCE, "::ffff:" + address(record.source.low)));
    check(Query(LogTerm::SOURCE, address(record.source.low) + "/29"));
    check(Query(LogTerm::SOURCE, address(record.source.low) + "/8"));
    check(Query(LogTerm::SOURCE, address(record.source.low), /*negated=*/true));
  }
  EXPECT_EQ(excluded, 0);
  for (const char* policy : {"web", "mail", "other"}) check(Query(LogTerm::POLICY, policy));
  for (const char* protocol : {"tcp", "udp", "icmp", "47"}) {
    check(Query(LogTerm::PROTOCOL, protocol));
  }
  EXPECT_EQ(excluded, 3);
}

TEST(BlockSummary, AFilterThatWouldTakeMoreThanItsBlockIsLeftOut) {
  RecordBatch batch;
  for (int i = 0; i < 1000; ++i) {
    Record& record = batch.records.emplace_back();
    record.family = 4;
    record.source.low = static_cast<uint64_t>(i);
  }
  EXPECT_FALSE(Summarize(batch, kAnyBytes)[0].empty());
  const BlockSummary small = Summarize(batch, 500);
  EXPECT_TRUE(small[0].empty());
  EXPECT_TRUE(MayHold(small, Query(LogTerm::SOURCE, "192.0.2.1")));
}

}  // namespace
}  // namespace firebreak::controller
