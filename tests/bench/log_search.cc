// SPDX-License-Identifier: Apache-2.0

// Measures searches of the controller's log, and ripgrep on the same records as lines of text: a
// search for an address, for the last records of a host while eight other searches read everything,
// and an export of everything. The argument is the number of records in millions, by default 10.
//
//   bazel run -c opt //tests/bench:log_search -- 30

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "controller/log/reader_pool.h"
#include "controller/log/segment_store.h"
#include "proto/log/batch.h"
#include "proto/log/w3c.h"
#include "tests/bench/log_records.h"
#include "tests/bench/namespace_pair.h"

namespace firebreak::bench {
namespace {

using controller::LogPosition;
using controller::SegmentStore;
using Clock = std::chrono::steady_clock;

constexpr size_t kRecordsAtOnce = 16 * kMaxBatchRecords;

double Since(Clock::time_point begin) {
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

// A search in turns, as LogCall makes it, so that other searches can be served in between.
class Search {
 public:
  Search(const SegmentStore& store, LogQuery query, uint64_t last)
      : store_(store), query_(std::move(query)), to_go_back_(last), only_blocks_(last > 0) {
    end_ = store_.End();
    position_ = only_blocks_ ? end_ : store_.Begin();
  }

  // Returns false if the search has ended.
  bool Turn() {
    const controller::LogVisitor visitor = {
        [this](const controller::StoredBlock& block) { found_ += block.chosen.size(); },
        [](const controller::LogGap&) {}};
    if (to_go_back_ > 0 && !begins_here_) {
      begins_here_ = !*store_.GoBack(query_, position_, to_go_back_, blocks_);
      return true;
    }
    if (!only_blocks_) return *store_.Read(query_, position_, end_, kRecordsAtOnce, visitor);
    for (size_t i = 0; i < 16 && !blocks_.empty(); ++i) {
      position_ = blocks_.back();
      blocks_.pop_back();
      const LogPosition behind = {position_.segment, position_.offset + 1, 0};
      static_cast<void>(*store_.Read(query_, position_, behind, kRecordsAtOnce, visitor));
    }
    return !blocks_.empty();
  }

  uint64_t found() const { return found_; }

 private:
  const SegmentStore& store_;
  const LogQuery query_;
  uint64_t to_go_back_;
  bool only_blocks_;
  bool begins_here_ = false;
  LogPosition position_;
  LogPosition end_;
  std::vector<LogPosition> blocks_;
  uint64_t found_ = 0;
};

// Runs turns in the pool until the search has ended or is told to stop.
void RunInPool(controller::ReaderPool& pool, Search& search, size_t turns,
               const std::atomic<bool>& stop, const std::function<void()>& done) {
  const bool taken = pool.Do(turns, [&pool, &search, turns, &stop, done] {
    if (!stop && search.Turn()) return RunInPool(pool, search, turns + 1, stop, done);
    done();
  });
  if (!taken) Die("the pool is full");
}

LogQuery OfAddress(const std::string& address) {
  v1::LogFilter filter;
  v1::LogTerm& term = *filter.add_terms();
  term.set_field(v1::LogTerm::ADDRESS);
  term.add_values(address);
  return *ReadQuery(filter);
}

// A query that no record matches, but for which every block must be read.
LogQuery OfEverything() {
  v1::LogFilter filter;
  v1::LogTerm& term = *filter.add_terms();
  term.set_field(v1::LogTerm::PROTOCOL);
  term.add_values("tcp");
  term.set_negated(true);
  return *ReadQuery(filter);
}

std::string AddressOf(const Record& record) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    absl::StrAppend(&text, record.source.low >> shift & 0xff, shift > 0 ? "." : "");
  }
  return text;
}

double Fill(SegmentStore& store, uint64_t batches) {
  BatchEncoder encoder;
  std::vector<uint64_t> next(kLogHosts, 1);
  double seconds = 0;
  for (uint64_t batch = 0; batch < batches; ++batch) {
    InternedStrings texts;
    const std::vector<Record> records = LogRecords(batch, batches, texts);
    controller::HostBatch one = {.host = absl::StrCat("web-", batch % kLogHosts),
                                 .epoch = 1,
                                 .first_sequence = next[batch % kLogHosts],
                                 .columns = encoder.Encode(records, texts)};
    next[batch % kLogHosts] += records.size();
    const auto begin = Clock::now();
    if (!store.Append({&one, 1}, absl::Now()).ok() || !one.status.ok()) Die("append");
    seconds += Since(begin);
  }
  return seconds;
}

void BenchAddress(const SegmentStore& store, const std::string& address, const std::string& file) {
  for (const char* when : {"the first time", "again"}) {
    const auto begin = Clock::now();
    Search search(store, OfAddress(address), 100);
    while (search.Turn()) continue;
    printf("an address: %lu found in %.3f s, %s\n", search.found(), Since(begin), when);
  }
  for (const char* when : {"the first time", "again"}) {
    const auto begin = Clock::now();
    if (system(absl::StrCat("rg -c -F ' ", address, " ' ", file, " > /dev/null").c_str()) != 0) {
      Die("rg found nothing");
    }
    printf("the same by rg in lines of text: %.3f s, %s\n", Since(begin), when);
  }
}

void BenchLastOfHost(const SegmentStore& store) {
  std::atomic<bool> stop = false;
  std::vector<Search> others(8, Search(store, OfEverything(), 0));
  std::vector<double> taken;
  {
    controller::ReaderPool pool(2, 1000);
    for (Search& other : others) RunInPool(pool, other, 0, stop, [] {});
    // By then they count as long searches.
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    for (int i = 0; i < 11; ++i) {
      LogQuery query;
      query.hosts = {"web-7"};
      Search search(store, query, 5);
      absl::Notification done;
      const auto begin = Clock::now();
      RunInPool(pool, search, 0, stop, [&] { done.Notify(); });
      done.WaitForNotification();
      taken.push_back(Since(begin));
      if (search.found() != 5) Die("the last 5 of a host were not found");
    }
    stop = true;
  }
  std::sort(taken.begin(), taken.end());
  printf(
      "the last 5 of a host beside eight searches of everything: %.3f s (median), %.3f s at "
      "worst\n",
      taken[taken.size() / 2], taken.back());
}

// Does in one thread what the controller does to read and the CLI to print.
void BenchExport(const SegmentStore& store, const std::string& file) {
  FILE* const out = fopen(file.c_str(), "w");
  if (out == nullptr) Die(file);
  W3cWriter writer;
  BatchDecoder decoder;
  RecordBatch batch;
  std::string text;
  uint64_t lines = 0;
  const auto begin = Clock::now();
  const controller::LogVisitor visitor = {[&](const controller::StoredBlock& block) {
                                            if (!decoder.Decode(block.columns, batch).ok())
                                              Die("decode");
                                            text.clear();
                                            for (const Record& record : batch.records) {
                                              writer.AppendOfFleet(record, batch.texts, block.host,
                                                                   text);
                                            }
                                            lines += batch.records.size();
                                            fwrite(text.data(), 1, text.size(), out);
                                          },
                                          [](const controller::LogGap&) {}};
  LogPosition position = store.Begin();
  while (*store.Read({}, position, store.End(), kRecordsAtOnce, visitor)) continue;
  fclose(out);
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  printf("all %lu as lines: %.2f M lines/s; %ld MiB of memory at most until here\n", lines,
         static_cast<double>(lines) / Since(begin) / 1e6, usage.ru_maxrss >> 10);
}

int Main(int argc, char** argv) {
  const uint64_t millions = argc > 1 ? strtoull(argv[1], nullptr, 10) : 10;
  const uint64_t batches = millions * 1'000'000 / kMaxBatchRecords;
  const std::string directory = "/tmp/fbt-bench-log-search";
  Run(absl::StrCat("rm -rf ", directory, " && mkdir -m 0700 ", directory));
  const SegmentStore::Options options = {.kept_free = 0};
  {
    auto store = SegmentStore::Open(directory + "/log", options);
    if (!store.ok()) Die(std::string(store.status().message()));
    const double records = static_cast<double>(batches * kMaxBatchRecords);
    const double seconds = Fill(**store, batches);
    printf("%.0f records taken in at %.1f M/s; %.1f bytes a record on the disk\n", records,
           records / seconds / 1e6, static_cast<double>((*store)->bytes()) / records);
  }
  // The store is opened again, so that nothing is cached in this process.
  auto store = SegmentStore::Open(directory + "/log", options);
  if (!store.ok()) Die(std::string(store.status().message()));
  InternedStrings texts;
  const std::string address = AddressOf(LogRecords(batches / 3, batches, texts)[7]);
  BenchExport(**store, directory + "/log.w3c");
  BenchAddress(**store, address, directory + "/log.w3c");
  BenchLastOfHost(**store);
  Run(absl::StrCat("rm -rf ", directory));
  return 0;
}

}  // namespace
}  // namespace firebreak::bench

int main(int argc, char** argv) { return firebreak::bench::Main(argc, argv); }
