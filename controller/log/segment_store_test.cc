// SPDX-License-Identifier: Apache-2.0
#include "controller/log/segment_store.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>

#include "absl/strings/str_cat.h"
#include "controller/log/block.h"

namespace firebreak::controller {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1'795'262'400);
constexpr uint64_t kEpoch = 7;

class SegmentStoreTest : public testing::Test {
 protected:
  SegmentStoreTest() {
    char name[] = "/tmp/segment-store-test-XXXXXX";
    directory_ = mkdtemp(name);
  }
  ~SegmentStoreTest() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<SegmentStore> Open(SegmentStore::Options options = {}) {
    auto store = SegmentStore::Open(directory_ + "/log", options);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }

  // A batch whose records' source ports start at their number and increase by `step`.
  static HostBatch Batch(const std::string& host, uint64_t first, size_t count,
                         absl::Time time = kNow, absl::Duration step = absl::ZeroDuration()) {
    InternedStrings texts;
    std::vector<Record> records(count);
    for (size_t i = 0; i < count; ++i) {
      Record& record = records[i];
      record.time_micros = absl::ToUnixMicros(time + step * static_cast<int64_t>(i));
      record.action = Action::kDrop;
      record.family = 4;
      record.protocol = 17;
      record.has = Record::kPorts;
      record.source.low = 0x0a000001;
      record.source_port = static_cast<uint16_t>(first + i);
      record.destination_port = 53;
      record.reason = texts.Intern("unsolicited");
    }
    return {.host = host,
            .epoch = kEpoch,
            .first_sequence = first,
            .columns = BatchEncoder().Encode(records, texts)};
  }

  // A batch that cannot be compressed.
  static HostBatch NoisyBatch(const std::string& host, uint64_t first, std::mt19937_64& random) {
    std::vector<Record> records(kMaxBatchRecords);
    for (Record& record : records) {
      record.time_micros = absl::ToUnixMicros(kNow);
      record.family = 6;
      record.source = {random(), random()};
    }
    return {.host = host,
            .epoch = kEpoch,
            .first_sequence = first,
            .columns = BatchEncoder().Encode(records, InternedStrings())};
  }

  static HostBatch Append(SegmentStore& store, HostBatch batch, absl::Time now = kNow) {
    EXPECT_TRUE(store.Append({&batch, 1}, now).ok());
    return batch;
  }

  struct Found {
    std::string host;
    uint64_t sequence;
    Record record;

    friend bool operator==(const Found&, const Found&) = default;
  };
  static std::vector<Found> Read(const LogStore& store, const LogQuery& query, LogPosition from,
                                 std::vector<LogGap>* gaps = nullptr) {
    std::vector<Found> found;
    LogVisitor visitor = {
        [&](const StoredBlock& block) {
          for (const uint32_t index : block.chosen) {
            found.push_back({block.host, block.SequenceOf(index), block.batch.records[index]});
          }
        },
        [&](const LogGap& gap) {
          if (gaps != nullptr) gaps->push_back(gap);
        }};
    const LogPosition end = store.End();
    LogPosition position = from;
    for (bool more = true; more;) more = *store.Read(query, position, end, 100, visitor);

    // A caller that takes whole blocks gets the same records.
    const std::vector<Found> decoded = std::exchange(found, {});
    gaps = nullptr;
    visitor.on_whole_block = [&](const WholeBlock& block) {
      RecordBatch batch;
      ASSERT_TRUE(BatchDecoder().Decode(block.columns, batch).ok());
      for (uint64_t i = 0; i < batch.records.size(); ++i) {
        const uint64_t first = block.first_sequence;
        found.push_back({block.host, first == 0 ? 0 : first + i, batch.records[i]});
      }
    };
    for (bool more = true; more;) more = *store.Read(query, from, end, 100, visitor);
    EXPECT_EQ(found, decoded);
    return decoded;
  }
  // Returns the position from which on `count` records match.
  static LogPosition Last(const LogStore& store, const LogQuery& query, uint64_t count) {
    LogPosition position = store.End();
    std::vector<LogPosition> blocks;
    while (*store.GoBack(query, position, count, blocks)) continue;
    return position;
  }
  // All ports up to 1000 except one.
  static std::vector<uint16_t> OtherThan(uint16_t port) {
    std::vector<uint16_t> ports;
    for (uint16_t one = 1; one <= 1000; ++one) {
      if (one != port) ports.push_back(one);
    }
    return ports;
  }
  static LogQuery WithPort(uint16_t port) {
    LogQuery query;
    query.terms.push_back({.field = v1::LogTerm::PORT, .numbers = {port}});
    return query;
  }
  static std::vector<Found> All(const LogStore& store) { return Read(store, {}, store.Begin()); }

  std::string directory_;
};

TEST_F(SegmentStoreTest, WhatWasAppendedIsFoundByTheNextProcessToo) {
  {
    auto store = Open();
    EXPECT_EQ(Append(*store, Batch("web-1", 1, 5)).next_sequence, 6);
    EXPECT_EQ(Append(*store, Batch("web-2", 1, 3)).next_sequence, 4);
  }
  auto store = Open();
  const auto found = All(*store);
  ASSERT_EQ(found.size(), 8u);
  EXPECT_EQ(found[4].record.source_port, 5);
  EXPECT_EQ(found[5].host, "web-2");
  EXPECT_EQ(Append(*store, Batch("web-1", 1, 5)).next_sequence, 6);
  EXPECT_EQ(All(*store).size(), 8u);
}

TEST_F(SegmentStoreTest, WhatIsThereAlreadyIsTakenNoSecondTime) {
  auto store = Open();
  Append(*store, Batch("web-1", 1, 5));
  EXPECT_EQ(Append(*store, Batch("web-1", 3, 5)).next_sequence, 8);
  const auto found = All(*store);
  ASSERT_EQ(found.size(), 7u);
  for (size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i].sequence, i + 1);
}

TEST_F(SegmentStoreTest, NumbersThatAreMissingAreDeclaredLost) {
  auto store = Open();
  Append(*store, Batch("web-1", 1, 5));
  Append(*store, Batch("web-1", 11, 2));
  const auto found = All(*store);
  ASSERT_EQ(found.size(), 8u);
  EXPECT_EQ(found[5].record.action, Action::kEventsLost);
  EXPECT_EQ(found[5].record.lost, 5);
  EXPECT_EQ(found[6].sequence, 11);
}

TEST_F(SegmentStoreTest, ABatchThatIsNoneIsRefusedAndOthersAreTaken) {
  auto store = Open();
  HostBatch batches[] = {Batch("web-1", 1, 1), Batch("web-2", 1, 1), Batch("web-3", 0, 1)};
  batches[0].columns = "rubbish";
  ASSERT_TRUE(store->Append(batches, kNow).ok());
  EXPECT_TRUE(absl::IsInvalidArgument(batches[0].status));
  EXPECT_TRUE(batches[1].status.ok());
  EXPECT_TRUE(absl::IsInvalidArgument(batches[2].status));
  EXPECT_EQ(All(*store).size(), 1u);
}

TEST_F(SegmentStoreTest, FindsByEveryFilterAndTheLast) {
  auto store = Open({.segment_bytes = 500});
  for (uint64_t i = 0; i < 50; ++i) {
    Append(*store, Batch(i % 2 == 0 ? "even" : "odd", 1 + i / 2 * 10, 10, kNow + absl::Minutes(i)));
  }
  LogQuery query;
  query.hosts = {"odd"};
  query.since = absl::ToUnixMicros(kNow + absl::Minutes(10));
  query.until = absl::ToUnixMicros(kNow + absl::Minutes(20));
  EXPECT_EQ(Read(*store, query, store->Begin()).size(), 50u);
  query.terms = WithPort(101).terms;
  EXPECT_EQ(Read(*store, query, store->Begin()).size(), 0u);
  EXPECT_EQ(Read(*store, WithPort(101), store->Begin()).size(), 2u);
  EXPECT_EQ(Read(*store, {.actions = ActionBit(Action::kClose)}, store->Begin()).size(), 0u);
  const auto found = Read(*store, {.hosts = {"even"}}, Last(*store, {.hosts = {"even"}}, 15));
  ASSERT_EQ(found.size(), 15u);
  EXPECT_EQ(found[0].sequence, 236);
  EXPECT_EQ(found[14].sequence, 250);
  EXPECT_EQ(Read(*store, {}, Last(*store, {}, 10000)).size(), 500u);
}

TEST_F(SegmentStoreTest, GoesBackALittleAtATime) {
  auto store = Open({.segment_bytes = 10'000});
  constexpr uint64_t kBlocks = 500;
  for (uint64_t i = 0; i < kBlocks; ++i) Append(*store, Batch("web-1", 1 + i, 1));
  LogQuery query;  // a query that the blocks' summaries cannot answer
  query.terms.push_back(
      {.field = v1::LogTerm::SOURCE_PORT, .negated = true, .numbers = OtherThan(3)});
  std::vector<LogPosition> blocks;
  LogPosition position = store->End();
  uint64_t count = 2;
  int steps = 1;
  for (; *store->GoBack(query, position, count, blocks); ++steps) continue;
  EXPECT_EQ(count, 1u);
  EXPECT_EQ(position, store->Begin());
  EXPECT_GE(steps, 8);  // each step examined only some of the blocks
  EXPECT_LE(steps, 30);
  // Records that retention deletes during a search are skipped.
  position = store->End();
  count = 2;
  ASSERT_TRUE(*store->GoBack(query, position, count, blocks));
  store->Expire(kNow, absl::ZeroDuration());
  store->Expire(kNow + absl::Hours(24 * 365), absl::Hours(24 * 365));
  while (*store->GoBack(query, position, count, blocks)) continue;
  EXPECT_EQ(Read(*store, query, position).size(), 0u);
}

TEST_F(SegmentStoreTest, FindsByTimeWhatAClockThatIsSetBackHasMixed) {
  auto store = Open({.segment_bytes = 1});  // one segment for each batch
  Append(*store, Batch("web-1", 1, 3, kNow, -absl::Hours(12)));
  Append(*store, Batch("web-1", 4, 1, kNow + absl::Minutes(1)), kNow - absl::Hours(48));
  Append(*store, Batch("web-1", 5, 3, kNow - absl::Hours(24), absl::Hours(12)));
  LogQuery query;
  query.since = absl::ToUnixMicros(kNow - absl::Hours(13));
  query.until = absl::ToUnixMicros(kNow - absl::Hours(11));
  for (int i = 0; i < 2; ++i) {
    const auto found = Read(*store, query, store->Begin());
    ASSERT_EQ(found.size(), 2u);
    EXPECT_EQ(found[0].sequence, 2u);
    EXPECT_EQ(found[1].sequence, 6u);
    EXPECT_EQ(Read(*store, query, Last(*store, query, 1)).size(), 1u);
    store.reset();
    store = Open({.segment_bytes = 1});
  }
}

TEST_F(SegmentStoreTest, TheOldestGoAndNumbersStay) {
  auto store = Open({.max_bytes = 5000, .segment_bytes = 500});
  for (uint64_t i = 0; i < 200; ++i) Append(*store, Batch("web-1", 1 + i, 1));
  EXPECT_LT(store->bytes(), 7000);
  Append(*store, Batch("web-2", 1, 1));
  store.reset();
  store = Open({.max_bytes = 5000, .segment_bytes = 500});
  EXPECT_EQ(Append(*store, Batch("web-1", 1, 1)).next_sequence, 201);
}

TEST_F(SegmentStoreTest, NothingStaysMuchLongerThanItMayHoweverLittleComes) {
  const SegmentStore::Options options = {.max_age = absl::Hours(24 * 30)};
  auto store = Open(options);
  absl::Time now = kNow;
  for (uint64_t day = 0; day < 200; ++day) {
    now = kNow + absl::Hours(24 * day);
    if (day % 50 == 25) {  // restarts make no difference
      store.reset();
      store = Open(options);
    }
    Append(*store, Batch("web-1", 1 + day, 1, now), now);
    store->Expire(now, day == 0 ? absl::ZeroDuration() : absl::Hours(24));
    const auto found = All(*store);
    ASSERT_FALSE(found.empty());
    const absl::Duration oldest = now - absl::FromUnixMicros(found.front().record.time_micros);
    EXPECT_LE(oldest, options.max_age * 1.25);
    if (day > 30) {
      EXPECT_GE(oldest, options.max_age);
    }
  }
  store->Expire(now + options.max_age * 1.25, options.max_age * 1.25);
  EXPECT_TRUE(All(*store).empty());
  EXPECT_EQ(Append(*store, Batch("web-1", 1, 200), now).next_sequence, 201);
}

TEST_F(SegmentStoreTest, AClockThatIsAheadDeletesNothingUntilItHasLasted) {
  const SegmentStore::Options options = {.max_age = absl::Hours(24)};
  {
    auto store = Open(options);
    Append(*store, Batch("web-1", 1, 5));
    store->Expire(kNow, absl::ZeroDuration());
  }
  for (const bool comes_back : {true, false}) {
    auto store = Open(options);
    const absl::Time ahead = kNow + absl::Hours(24 * 20);
    store->Expire(ahead, absl::ZeroDuration());
    store->Expire(ahead + absl::Hours(10), absl::Hours(10));
    EXPECT_EQ(All(*store).size(), 5u);
    if (comes_back) {
      store->Expire(kNow + absl::Hours(10), absl::Seconds(1));
      EXPECT_EQ(All(*store).size(), 5u);
      continue;
    }
    // Neither a restart nor records that arrive by that clock confirm it.
    Append(*store, Batch("web-1", 6, 1), ahead);
    store.reset();
    store = Open(options);
    store->Expire(ahead + absl::Hours(11), absl::ZeroDuration());
    EXPECT_EQ(All(*store).size(), 6u);
    store->Expire(ahead + absl::Hours(40), absl::Hours(29));
    EXPECT_TRUE(All(*store).empty());
  }
}

TEST_F(SegmentStoreTest, WhatArrivedWhileTheClockWasBehindIsNotOldWhenItIsRight) {
  auto store = Open({.max_age = absl::Hours(24), .segment_bytes = 1});
  Append(*store, Batch("web-1", 1, 1), kNow);
  Append(*store, Batch("web-1", 2, 1), absl::UnixEpoch());
  Append(*store, Batch("web-1", 3, 1), kNow + absl::Minutes(1));
  store->Expire(kNow + absl::Hours(1), absl::ZeroDuration());
  EXPECT_EQ(All(*store).size(), 3u);
}

TEST_F(SegmentStoreTest, AgeIsThatOfTheRecordsAndNotOfTheFiles) {
  const SegmentStore::Options options = {.max_age = absl::Hours(24), .segment_bytes = 1};
  {
    auto store = Open(options);
    Append(*store, Batch("web-1", 1, 1), kNow - absl::Hours(30));
    for (uint64_t i = 2; i < 5; ++i) Append(*store, Batch("web-1", i, 1), kNow);
  }
  // Restoring a backup leaves files with such times, and so does `touch`.
  for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/log")) {
    std::filesystem::last_write_time(entry.path(), std::filesystem::file_time_type());
  }
  auto store = Open(options);
  store->Expire(kNow, absl::ZeroDuration());
  const auto found = All(*store);
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found.front().sequence, 2u);
}

TEST_F(SegmentStoreTest, TheLogGivesWayToTheDatabase) {
  const SegmentStore::Options small = {.max_bytes = 1 << 20, .segment_bytes = 128 << 10};
  std::mt19937_64 random(7);
  uint64_t next = 1;
  {
    auto store = Open(small);
    for (; next < 20 * kMaxBatchRecords; next += kMaxBatchRecords) {
      Append(*store, NoisyBatch("web-1", next, random));
    }
    EXPECT_GT(store->bytes(), 500u << 10);
  }
  // No disk has that much free space.
  SegmentStore::Options full = small;
  full.kept_free = uint64_t{1} << 60;
  auto store = Open(full);
  HostBatch batch = NoisyBatch("web-1", next, random);
  EXPECT_TRUE(absl::IsResourceExhausted(store->Append({&batch, 1}, kNow)));
  EXPECT_LT(store->bytes(), 1000u);
  EXPECT_GT(store->stats().gave_way, kMaxBatchRecords);
  // When there is room again, appending continues, and the deleted records are not reported as
  // damage.
  store.reset();
  store = Open(small);
  ASSERT_TRUE(store->Append({&batch, 1}, kNow).ok());
  std::vector<LogGap> gaps;
  EXPECT_EQ(Read(*store, {}, store->Begin(), &gaps).size(), kMaxBatchRecords);
  EXPECT_TRUE(gaps.empty());
}

TEST_F(SegmentStoreTest, SegmentsThatAreDeletedOnAFullDiskAreNotMissing) {
  const SegmentStore::Options options = {.max_bytes = 5000, .segment_bytes = 500};
  // Nothing can be written to the state file as long as this directory exists.
  const std::string obstacle = directory_ + "/log/state.new/x";
  uint64_t next = 1;
  const auto fill = [&](SegmentStore& store) {
    for (const uint64_t end = next + 200; next < end; ++next)
      Append(store, Batch("web-1", next, 1));
  };
  const auto files = [&] {
    const std::filesystem::directory_iterator all(directory_ + "/log");
    return std::distance(begin(all), end(all));
  };
  {
    auto store = Open(options);
    fill(*store);
    const auto usual = files();
    std::filesystem::create_directories(obstacle);
    fill(*store);
    EXPECT_GT(files(), usual + 5);
    EXPECT_LT(store->bytes(), 6000u);
  }
  std::filesystem::remove_all(directory_ + "/log/state.new");
  auto store = Open(options);
  EXPECT_LT(files(), 20);
  std::vector<LogGap> gaps;
  const auto found = Read(*store, {}, store->Begin(), &gaps);
  EXPECT_EQ(found.back().sequence, next - 1);
  EXPECT_TRUE(gaps.empty());
}

TEST_F(SegmentStoreTest, AHostThatFloodsTakesNobodyElsesPlace) {
  const SegmentStore::Options options = {.max_bytes = 4 << 20, .segment_bytes = 256 << 10};
  auto store = Open(options);
  std::mt19937_64 random(7);
  uint64_t flood = 1;
  uint64_t quiet = 1;
  uint64_t sent = 0;
  while (sent < 40 << 20) {
    std::vector<HostBatch> batches;
    for (int i = 0; i < 8; ++i) {
      batches.push_back(NoisyBatch("flood", flood, random));
      flood += kMaxBatchRecords;
      sent += batches.back().columns.size();
    }
    for (const char* host : {"web-1", "web-2"}) batches.push_back(Batch(host, quiet, 3));
    quiet += 3;
    ASSERT_TRUE(store->Append(batches, kNow).ok());
    store->Expire(kNow, absl::ZeroDuration());
    EXPECT_LE(store->bytes(), (4 << 20) + (512 << 10));
  }
  const auto check = [&](const LogStore& of) {
    for (const char* host : {"web-1", "web-2"}) {
      const auto found = Read(of, {.hosts = {host}}, of.Begin());
      EXPECT_EQ(found.size(), quiet - 1) << host;
      for (size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i].sequence, i + 1);
    }
    const auto rest = Read(of, {.hosts = {"flood"}}, of.Begin());
    ASSERT_GT(rest.size(), 10 * kMaxBatchRecords);
    EXPECT_EQ(rest.back().sequence, flood - 1);
    for (size_t i = 1; i < rest.size(); ++i) EXPECT_EQ(rest[i].sequence, rest[i - 1].sequence + 1);
  };
  check(*store);
  // The space is really free, and the next process finds the same records.
  uint64_t blocks = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/log")) {
    struct stat info;
    ASSERT_EQ(stat(entry.path().c_str(), &info), 0);
    blocks += static_cast<uint64_t>(info.st_blocks);
  }
  EXPECT_LE(blocks * 512, (5 << 20));
  store.reset();
  store = Open(options);
  check(*store);
  EXPECT_LE(store->bytes(), (4 << 20) + (512 << 10));
}

TEST_F(SegmentStoreTest, AnIndexThatIsDamagedIsMadeAnew) {
  {
    auto store = Open({.segment_bytes = 500});
    for (uint64_t i = 0; i < 50; ++i) Append(*store, Batch("web-1", 1 + i * 10, 10));
  }
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/log")) {
    const auto size = std::filesystem::file_size(entry.path());
    // One index is cut off, another has a wrong trailer.
    if (++files % 2 == 0) std::filesystem::resize_file(entry.path(), size - 1);
    if (files % 3 == 0) std::ofstream(entry.path(), std::ios::app) << std::string("\x10\0\0\0", 4);
  }
  EXPECT_GT(files, 5u);
  auto store = Open({.segment_bytes = 500});
  // If the last segment was one of the cut ones, its last block was lost.
  std::vector<LogGap> gaps;
  EXPECT_GE(Read(*store, {}, store->Begin(), &gaps).size(), 490u);
  EXPECT_TRUE(gaps.empty());  // a damaged index loses no records
  EXPECT_EQ(Read(*store, {.hosts = {"nobody"}}, store->Begin()).size(), 0u);
}

TEST_F(SegmentStoreTest, CountsWhatItTakesIn) {
  auto store = Open();
  Append(*store, Batch("web-1", 1, 5));
  Append(*store, Batch("web-1", 1, 5));
  Append(*store, Batch("web-1", 11, 2));
  EXPECT_EQ(store->stats().records, 7u);
  EXPECT_EQ(store->stats().lost, 5u);
  EXPECT_EQ(store->stats().bytes, store->bytes());
}

TEST_F(SegmentStoreTest, WhateverACrashLeavesTheWholeBlocksAreKept) {
  uint64_t whole = 0;
  {
    auto store = Open();
    Append(*store, Batch("web-1", 1, 5));
    whole = store->bytes();
    Append(*store, Batch("web-1", 6, 5));
  }
  const std::string path = directory_ + "/log/0000000000000001.segment";
  const auto size = std::filesystem::file_size(path);
  for (auto length = size - 1; length >= whole; length -= 7) {
    std::filesystem::resize_file(path, length);
    auto store = Open();
    EXPECT_EQ(All(*store).size(), 5u);
    EXPECT_EQ(Append(*store, Batch("web-1", 6, 5)).next_sequence, 11);
    EXPECT_EQ(All(*store).size(), 10u);
  }
}

TEST_F(SegmentStoreTest, AFullDiskLosesNothing) {
  auto store = Open();
  Append(*store, Batch("web-1", 1, 5));
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  signal(SIGXFSZ, SIG_IGN);
  const rlimit full = {.rlim_cur = store->bytes() + 20, .rlim_max = before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  HostBatch batch = Batch("web-1", 6, 5);
  EXPECT_FALSE(store->Append({&batch, 1}, kNow).ok());
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(All(*store).size(), 5u);
  ASSERT_TRUE(store->Append({&batch, 1}, kNow).ok());
  EXPECT_EQ(All(*store).size(), 10u);
  store.reset();
  EXPECT_EQ(All(*Open()).size(), 10u);
}

// Whatever is done to the files, the records found and the records declared missing add up to all
// records.
class DamagedLogTest : public SegmentStoreTest {
 protected:
  static constexpr uint64_t kBatches = 40;
  static constexpr uint64_t kRecords = 5;  // in each batch
  const SegmentStore::Options options_ = {.segment_bytes = 600};

  // Batches of two hosts in turns.
  static HostBatch Nth(uint64_t i) {
    return Batch(i % 2 == 0 ? "web-1" : "web-2", 1 + i / 2 * kRecords, kRecords,
                 kNow + absl::Minutes(i));
  }

  DamagedLogTest() {
    {
      auto store = Open(options_);
      for (uint64_t i = 0; i < kBatches; ++i) {
        Append(*store, Nth(i), kNow + absl::Minutes(i));
      }
    }
    for (const auto& entry : std::filesystem::directory_iterator(directory_ + "/log")) {
      if (entry.path().extension() == ".segment") files_.push_back(entry.path());
    }
    std::sort(files_.begin(), files_.end());
  }

  struct Answer {
    uint64_t found = 0;
    uint64_t declared = 0;
    uint64_t gaps = 0;
    bool unknown = false;
  };
  static Answer Ask(const LogStore& store, const LogQuery& query = {}) {
    std::vector<LogGap> gaps;
    Answer answer;
    for (const Found& one : Read(store, query, store.Begin(), &gaps)) {
      if (one.record.action == Action::kEventsLost) {
        answer.declared += one.record.lost;
      } else {
        ++answer.found;
      }
    }
    answer.gaps = gaps.size();
    for (const LogGap& gap : gaps) {
      answer.declared += gap.records;
      answer.unknown = answer.unknown || gap.records == 0;
    }
    return answer;
  }

  void CheckSum(const std::string& what) {
    auto store = Open(options_);
    // Each host continues at its next number, because it does not send acknowledged records again.
    for (uint64_t i = kBatches; i < kBatches + 2; ++i) {
      Append(*store, Nth(i), kNow + absl::Minutes(i));
    }
    const Answer answer = Ask(*store);
    EXPECT_EQ(answer.found + answer.declared, (kBatches + 2) * kRecords) << what;
    EXPECT_GE(answer.found, 2 * kRecords) << what;
  }

  std::string Copy() const { return directory_ + "/copy"; }
  void Save() {
    std::filesystem::remove_all(Copy());
    std::filesystem::copy(directory_ + "/log", Copy());
  }
  void Restore() {
    std::filesystem::remove_all(directory_ + "/log");
    std::filesystem::copy(Copy(), directory_ + "/log");
  }
  static void Flip(const std::string& path, uint64_t offset, char bits) {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekg(static_cast<std::streamoff>(offset));
    const char byte = static_cast<char>(file.get() ^ bits);
    file.seekp(static_cast<std::streamoff>(offset));
    file.put(byte);
  }

  std::vector<std::string> files_;
};

TEST_F(DamagedLogTest, AFlippedBitLosesNoMoreThanItsBlockAndThatIsTold) {
  ASSERT_GT(files_.size(), 4u);
  Save();
  // Damages the first file, one in the middle, and the one being written to.
  for (const std::string& file : {files_.front(), files_[2], files_.back()}) {
    const uint64_t size = std::filesystem::file_size(file);
    for (uint64_t offset = 0; offset < size; offset += 23) {
      Restore();
      Flip(file, offset, static_cast<char>(1 << offset % 8));
      const std::string what = absl::StrCat(file, " at ", offset);
      {
        auto store = Open(options_);
        EXPECT_GE(Ask(*store).found, (kBatches - 1) * kRecords) << what;
      }
      CheckSum(what);
    }
  }
}

TEST_F(DamagedLogTest, AFileThatIsCutOffLosesWhatWasCutOffAndThatIsTold) {
  Save();
  for (const std::string& file : {files_.front(), files_[2], files_.back()}) {
    const uint64_t size = std::filesystem::file_size(file);
    for (uint64_t length = 0; length < size; length += length < 200 ? 20 : 51) {
      Restore();
      std::filesystem::resize_file(file, length);
      CheckSum(absl::StrCat(file, " cut to ", length));
    }
  }
}

TEST_F(DamagedLogTest, AMissingSegmentIsToldWithTheNumberOfItsRecords) {
  std::filesystem::remove(files_[2]);
  auto store = Open(options_);
  const Answer all = Ask(*store);
  EXPECT_EQ(all.found + all.declared, kBatches * kRecords);
  EXPECT_GT(all.declared, 0u);
  EXPECT_FALSE(all.unknown);
  // A search for one host reports what that host lost; a search for later times reports nothing.
  const Answer one = Ask(*store, {.hosts = {"web-1"}});
  EXPECT_EQ(one.found + one.declared, kBatches / 2 * kRecords);
  EXPECT_EQ(Ask(*store, {.hosts = {"web-3"}}).gaps, 0u);
  LogQuery later;
  later.since = absl::ToUnixMicros(kNow + absl::Hours(48));
  EXPECT_EQ(Ask(*store, later).gaps, 0u);
  // Finding the newest records reports no gap, because none of them are missing.
  LogPosition position = store->End();
  uint64_t count = 3;
  std::vector<LogPosition> blocks;
  while (*store->GoBack({}, position, count, blocks)) continue;
  EXPECT_EQ(blocks.size(), 1u);
  // The gap is also reported after the next start.
  store.reset();
  EXPECT_EQ(Ask(*Open(options_)).declared, all.declared);
}

TEST_F(DamagedLogTest, WhatIsNamedLikeASegmentStopsNothing) {
  const std::string log = directory_ + "/log/";
  std::filesystem::create_directory(log + "00000000000000f0.segment");
  std::filesystem::create_symlink("/etc/passwd", log + "00000000000000f1.segment");
  ASSERT_EQ(mkfifo((log + "00000000000000f2.segment").c_str(), 0600), 0);
  std::filesystem::create_symlink(files_.back(), log + "state.new");
  auto store = Open(options_);
  EXPECT_EQ(Ask(*store).found, kBatches * kRecords);
  Append(*store, Nth(kBatches), kNow);
  store.reset();
  store = Open(options_);
  EXPECT_EQ(Ask(*store).found, (kBatches + 1) * kRecords);
  EXPECT_EQ(Ask(*store).gaps, 0u);
}

TEST_F(DamagedLogTest, ABlockThatBecomesDamagedWhileItRunsIsTold) {
  auto store = Open(options_);
  EXPECT_EQ(Ask(*store).gaps, 0u);
  const uint64_t head = 8;  // skips the head, which precedes the first block
  Flip(files_[2], std::filesystem::file_size(files_[2]) / 4 + head, 1);
  for (int i = 0; i < 2; ++i) {
    const Answer answer = Ask(*store);
    EXPECT_EQ(answer.gaps, 1u);
    EXPECT_EQ(answer.found + answer.declared, kBatches * kRecords);
  }
  EXPECT_EQ(store->stats().damaged, 1u);
}

}  // namespace
}  // namespace firebreak::controller
