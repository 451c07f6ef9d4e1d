#include "controller/log/segment_store.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

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

  // Records whose source ports count up with their numbers, one `step` after the other.
  static HostBatch Batch(const std::string& host, uint64_t first, size_t count,
                         absl::Time time = kNow, absl::Duration step = absl::ZeroDuration()) {
    Texts texts;
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

  // That does not get smaller by compression.
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
            .columns = BatchEncoder().Encode(records, Texts())};
  }

  static HostBatch Append(SegmentStore& store, HostBatch batch, absl::Time now = kNow) {
    EXPECT_TRUE(store.Append({&batch, 1}, now).ok());
    return batch;
  }

  struct Found {
    std::string host;
    uint64_t sequence;
    Record record;
  };
  static std::vector<Found> Read(const LogStore& store, const LogQuery& query, LogPosition from) {
    std::vector<Found> found;
    for (bool more = true; more;) {
      more = *store.Read(query, from, 100, [&](const StoredRecord& stored) {
        found.push_back({stored.host, stored.sequence, stored.record});
      });
    }
    return found;
  }
  // From where on `count` records match.
  static LogPosition Last(const LogStore& store, const LogQuery& query, uint64_t count) {
    LogPosition position = store.End();
    while (*store.GoBack(query, position, count)) continue;
    return position;
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
  query.port = 101;
  EXPECT_EQ(Read(*store, query, store->Begin()).size(), 0u);
  EXPECT_EQ(Read(*store, {.port = 101}, store->Begin()).size(), 2u);
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
  const LogQuery query = {.port = 3};
  LogPosition position = store->End();
  uint64_t count = 2;
  int steps = 1;
  for (; *store->GoBack(query, position, count); ++steps) continue;
  EXPECT_EQ(count, 1u);
  EXPECT_EQ(position, store->Begin());
  EXPECT_GE(steps, 8);  // each of some of the blocks only
  EXPECT_LE(steps, 30);
  // What retention takes meanwhile is not missed.
  position = store->End();
  count = 2;
  ASSERT_TRUE(*store->GoBack(query, position, count));
  store->Expire(kNow + absl::Hours(24 * 365));
  while (*store->GoBack(query, position, count)) continue;
  EXPECT_EQ(Read(*store, query, position).size(), 0u);
}

TEST_F(SegmentStoreTest, FindsByTimeWhatAClockThatIsSetBackHasMixed) {
  auto store = Open({.segment_bytes = 1});  // one for each batch
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
    if (day % 50 == 25) {  // a restart changes nothing
      store.reset();
      store = Open(options);
    }
    Append(*store, Batch("web-1", 1 + day, 1, now), now);
    store->Expire(now);
    const auto found = All(*store);
    ASSERT_FALSE(found.empty());
    const absl::Duration oldest = now - absl::FromUnixMicros(found.front().record.time_micros);
    EXPECT_LE(oldest, options.max_age * 1.25);
    if (day > 30) {
      EXPECT_GE(oldest, options.max_age);
    }
  }
  store->Expire(now + options.max_age * 1.25);
  EXPECT_TRUE(All(*store).empty());
  EXPECT_EQ(Append(*store, Batch("web-1", 1, 200), now).next_sequence, 201);
}

TEST_F(SegmentStoreTest, WhatExpiredWhileNobodyWatchedGoesAtOnce) {
  {
    auto store = Open({.max_age = absl::Hours(24)});
    Append(*store, Batch("web-1", 1, 5));
  }
  auto store = Open({.max_age = absl::Hours(24)});
  store->Expire(kNow + absl::Hours(25));
  EXPECT_TRUE(All(*store).empty());
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
    store->Expire(kNow);
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
  // The room is really free, and the next process finds the same.
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
    // Cut off, or another's.
    if (++files % 2 == 0) std::filesystem::resize_file(entry.path(), size - 1);
    if (files % 3 == 0) std::ofstream(entry.path(), std::ios::app) << std::string("\x10\0\0\0", 4);
  }
  EXPECT_GT(files, 5u);
  auto store = Open({.segment_bytes = 500});
  // The last segment's last block was cut with it, if it was one of those.
  EXPECT_GE(All(*store).size(), 490u);
  EXPECT_EQ(Read(*store, {.hosts = {"nobody"}}, store->Begin()).size(), 0u);
}

TEST_F(SegmentStoreTest, CountsWhatItTakesIn) {
  auto store = Open();
  Append(*store, Batch("web-1", 1, 5));
  Append(*store, Batch("web-1", 1, 5));
  Append(*store, Batch("web-1", 11, 2));
  EXPECT_EQ(store->figures().records, 7u);
  EXPECT_EQ(store->figures().lost, 5u);
  EXPECT_EQ(store->figures().bytes, store->bytes());
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

}  // namespace
}  // namespace firebreak::controller
