// SPDX-License-Identifier: Apache-2.0
#include <sqlite3.h>
#include <stdio.h>

#include <chrono>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "controller/log/segment_store.h"
#include "proto/log/batch.h"
#include "tests/bench/log_bench.h"
#include "tests/bench/log_records.h"
#include "tests/bench/namespace_pair.h"

namespace firebreak::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint64_t kStored = 10'000'000;
constexpr uint64_t kBatches = kStored / kMaxBatchRecords;
constexpr uint64_t kHosts = kLogHosts;
constexpr absl::Time kBegin = kLogBegin;

double OwnCpu() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return CpuOf(usage);
}

// Inserts the same records, one transaction for each batch. `synchronous` is FULL, which is as
// durable as the controller's store, or NORMAL, with which a power failure may lose the last
// batches.
double InsertIntoSqlite(const std::string& path, const char* synchronous) {
  sqlite3* database = nullptr;
  sqlite3_open(path.c_str(), &database);
  sqlite3_exec(database,
               absl::StrCat("PRAGMA journal_mode=WAL; PRAGMA synchronous=", synchronous).c_str(),
               nullptr, nullptr, nullptr);
  sqlite3_exec(
      database,
      "CREATE TABLE log(host TEXT, "
      "time INTEGER, action INTEGER, protocol INTEGER, source INTEGER, destination INTEGER,"
      " source_port INTEGER, destination_port INTEGER, size INTEGER, flags INTEGER, "
      "sequence INTEGER, window INTEGER, interface TEXT, policy TEXT, reason TEXT)",
      nullptr, nullptr, nullptr);
  sqlite3_stmt* insert = nullptr;
  sqlite3_prepare_v2(database, "INSERT INTO log VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", -1, &insert,
                     nullptr);
  double cpu = 0;
  for (uint64_t batch = 0; batch < kBatches; ++batch) {
    InternedStrings texts;
    const std::vector<Record> records = LogRecords(batch, kBatches, texts);
    const double begin = OwnCpu();
    sqlite3_exec(database, "BEGIN", nullptr, nullptr, nullptr);
    for (const Record& record : records) {
      const int64_t numbers[] = {record.time_micros,
                                 static_cast<int64_t>(record.action),
                                 record.protocol,
                                 static_cast<int64_t>(record.source.low),
                                 static_cast<int64_t>(record.destination.low),
                                 record.source_port,
                                 record.destination_port,
                                 static_cast<int64_t>(record.size),
                                 record.tcp_flags,
                                 record.tcp_sequence,
                                 record.tcp_window};
      sqlite3_bind_text(insert, 1, "web-1", -1, SQLITE_STATIC);
      for (int i = 0; i < 11; ++i) sqlite3_bind_int64(insert, 2 + i, numbers[i]);
      int column = 13;
      for (const uint16_t text : {record.interface, record.policy, record.reason}) {
        sqlite3_bind_text(insert, column++, texts[text].c_str(), -1, SQLITE_STATIC);
      }
      sqlite3_step(insert);
      sqlite3_reset(insert);
    }
    if (sqlite3_exec(database, "COMMIT", nullptr, nullptr, nullptr) != SQLITE_OK) Die("SQLite");
    cpu += OwnCpu() - begin;
  }
  sqlite3_finalize(insert);
  sqlite3_close(database);
  return static_cast<double>(kBatches * kMaxBatchRecords) / cpu;
}

}  // namespace

void BenchStore(const std::string& directory) {
  auto store = controller::SegmentStore::Open(directory + "/store", {});
  if (!store.ok()) Die(std::string(store.status().message()));
  BatchEncoder encoder;
  double cpu = 0;
  uint64_t wire = 0;
  std::vector<uint64_t> next(kHosts, 1);
  for (uint64_t batch = 0; batch < kBatches; ++batch) {
    InternedStrings texts;
    const std::vector<Record> records = LogRecords(batch, kBatches, texts);
    controller::HostBatch one = {.host = absl::StrCat("web-", batch % kHosts),
                                 .epoch = 1,
                                 .first_sequence = next[batch % kHosts],
                                 .columns = encoder.Encode(records, texts)};
    next[batch % kHosts] += records.size();
    wire += one.columns.size();
    const double begin = OwnCpu();
    if (!(*store)->Append({&one, 1}, absl::Now()).ok() || !one.status.ok()) Die("append");
    cpu += OwnCpu() - begin;
  }
  const double records = static_cast<double>(kBatches * kMaxBatchRecords);
  for (const char* synchronous : {"FULL", "NORMAL"}) {
    const std::string path = absl::StrCat(directory, "/log-", synchronous, ".db");
    PrintRatio(
        absl::StrCat("controller takes in, against SQLite, synchronous=", synchronous).c_str(),
        records / cpu, InsertIntoSqlite(path, synchronous), "records/CPU s");
    Run(absl::StrCat("rm -f ", path, "*"));
  }
  printf("%.1f bytes a record on the wire, %.1f on disk\n", static_cast<double>(wire) / records,
         static_cast<double>((*store)->bytes()) / records);

  // A controller that has just started finds the store like this.
  store->reset();
  store = controller::SegmentStore::Open(directory + "/store", {});
  LogQuery query;
  query.hosts = {"web-7"};
  query.since = absl::ToUnixMicros(kBegin + absl::Hours(11));
  query.until = absl::ToUnixMicros(kBegin + absl::Hours(12));
  for (const char* when : {"the first time", "again"}) {
    const auto begin = Clock::now();
    uint64_t found = 0;
    controller::LogPosition position = (*store)->Begin();
    const controller::LogVisitor visitor = {
        [&](const controller::StoredBlock& block) { found += block.chosen.size(); },
        [](const controller::LogGap&) {}};
    while (*(*store)->Read(query, position, (*store)->End(), 512, visitor)) {
    }
    const std::chrono::duration<double, std::milli> taken = Clock::now() - begin;
    printf("one host and hour of %.0f records: %lu found in %.1f ms, %s\n", records, found,
           taken.count(), when);
  }
}

}  // namespace firebreak::bench
