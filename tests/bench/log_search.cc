// SPDX-License-Identifier: Apache-2.0

// Measures searches of a large log by Firebreak's programs, beside ripgrep and ClickHouse with the
// same records.

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "controller/log/segment_store.h"
#include "controller/store/database.h"
#include "controller/store/hosts.h"
#include "proto/log/batch.h"
#include "tests/bench/clickhouse.h"
#include "tests/bench/log_bench.h"
#include "tests/bench/log_fleet.h"
#include "tests/bench/log_records.h"
#include "tests/bench/namespace_pair.h"

namespace firebreak::bench {
namespace {

using controller::SegmentStore;
using Clock = std::chrono::steady_clock;

constexpr int kSearchersBeside = 8;
constexpr int kRounds = 11;

double Seconds(const std::function<void()>& work) {
  const auto begin = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

struct Times {
  double median;
  double worst;
};

Times Repeat(const std::function<void()>& work) {
  std::vector<double> taken;
  for (int i = 0; i < kRounds; ++i) taken.push_back(Seconds(work));
  std::sort(taken.begin(), taken.end());
  return {taken[taken.size() / 2], taken.back()};
}

void Print(const char* what, const char* whose, const Times& times) {
  printf("%-44s %-12s %8.3f s (median) %8.3f s (worst)\n", what, whose, times.median, times.worst);
  fflush(stdout);
}

std::string AddressOf(const Record& record) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    absl::StrAppend(&text, record.source.low >> shift & 0xff, shift > 0 ? "." : "");
  }
  return text;
}

// Stores batches as the controller does, one at a time.
void Fill(const std::string& directory, uint64_t batches) {
  auto store = SegmentStore::Open(directory, {.kept_free = 0});
  if (!store.ok()) Die(std::string(store.status().message()));
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
    seconds += Seconds([&] {
      if (!(*store)->Append({&one, 1}, absl::Now()).ok() || !one.status.ok()) Die("append");
    });
  }
  const auto records = static_cast<double>(batches * kMaxBatchRecords);
  printf("%.0f records taken in at %.1f M/s; %.1f bytes a record on the disk\n", records,
         records / seconds / 1e6, static_cast<double>((*store)->bytes()) / records);
}

// Makes the hosts of the log known to the controller, which refuses questions about others.
void Enrol(const std::string& path) {
  auto database = controller::Database::Open(path);
  if (!database.ok()) Die(std::string(database.status().message()));
  const absl::Status status =
      (*database)->Transact("enrol hosts", [](controller::Connection& connection) {
        for (uint64_t host = 0; host < kLogHosts; ++host) {
          const std::string name = absl::StrCat("web-", host);
          const absl::Status put =
              controller::PutHost(connection, {.name = name,
                                               .key_sha256 = "key of " + name,
                                               .fingerprint = "certificate of " + name,
                                               .certificate_ends = absl::Now() + absl::Hours(24),
                                               .enrolled_at = absl::Now()});
          if (!put.ok()) return put;
        }
        return absl::OkStatus();
      });
  if (!status.ok()) Die(std::string(status.message()));
}

// Runs a command and returns how many MiB of memory its largest process had.
long PeakMemory(const NamespacePair& pair, const std::string& command) {
  int status = -1;
  rusage usage = {};
  pair.InHost([&] {
    const pid_t child = fork();
    if (child == 0) {
      execl("/bin/sh", "sh", "-c", ("exec " + command).c_str(), nullptr);
      _exit(1);
    }
    wait4(child, &status, 0, &usage);
  });
  if (status != 0) Die("failed: " + command);
  return usage.ru_maxrss >> 10;
}

void Export(const NamespacePair& pair, const LogController& controller, const char* format,
            const std::string& out, uint64_t records) {
  long memory = 0;
  const double seconds = Seconds([&] {
    memory = PeakMemory(pair, absl::StrCat(controller.Cli(), " logs -n 0 -o ", format, " > ", out));
  });
  printf("all as %-5s to %-38s %8.2f M lines/s; %ld MiB at the CLI, %ld MiB at the controller\n",
         format, out.c_str(), static_cast<double>(records) / seconds / 1e6, memory,
         controller.PeakMemory());
  fflush(stdout);
}

// Runs commands again and again while this object lives.
class Searchers {
 public:
  Searchers(const NamespacePair& pair, const std::string& command) {
    for (int i = 0; i < kSearchersBeside; ++i) {
      threads_.emplace_back([this, &pair, command] {
        while (!stop_) {
          if (!pair.TryInHost(command)) Die("failed: " + command);
        }
      });
    }
    // By then the controller treats them as long searches.
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
  }
  ~Searchers() {
    stop_ = true;
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  std::atomic<bool> stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

void BenchSearch(const std::string& directory, uint64_t millions) {
  const NamespacePair pair("log");
  const uint64_t batches = millions * 1'000'000 / kMaxBatchRecords;
  const uint64_t records = batches * kMaxBatchRecords;
  { const LogController made(pair, directory); }
  Enrol(directory + "/controller/firebreak.db");
  Fill(directory + "/controller/log", batches);
  const LogController controller(pair, directory);
  InternedStrings texts;
  const std::string address = AddressOf(LogRecords(batches / 3, batches, texts)[7]);
  const std::string cli = controller.Cli() + " logs ";
  const auto in_host = [&pair](const std::string& command) {
    return [&pair, command] { pair.RunInHost(command); };
  };

  Export(pair, controller, "w3c", "/dev/null", records);
  Export(pair, controller, "jsonl", "/dev/null", records);
  Export(pair, controller, "csv", "/dev/null", records);
  Export(pair, controller, "w3c", directory + "/log.w3c", records);

  const char* const of_address = "an address";
  Print(of_address, "firebreak",
        Repeat(in_host(absl::StrCat(cli, "--address ", address, " > /dev/null"))));
  Print(of_address, "rg",
        Repeat(in_host(
            absl::StrCat("rg -c -F ' ", address, " ' ", directory, "/log.w3c > /dev/null"))));
  const char* const of_host = "the last 5 of a host, beside eight searches";
  const std::string last = absl::StrCat(cli, "--host web-7 -n 5 > /dev/null");
  Print("the last 5 of a host, alone", "firebreak", Repeat(in_host(last)));
  {
    const Searchers others(pair, absl::StrCat(cli, "--not protocol=tcp -n 0 > /dev/null"));
    Print(of_host, "firebreak", Repeat(in_host(last)));
  }
  std::filesystem::remove(directory + "/log.w3c");

  const auto clickhouse = ClickHouse::Start(pair, directory + "/clickhouse");
  if (clickhouse == nullptr) {
    printf("ClickHouse is not installed: deploy/install-packages bench\n");
    return;
  }
  Export(pair, controller, "csv", directory + "/log.csv", records);
  const double loading = Seconds([&] { clickhouse->Load(directory + "/log.csv"); });
  printf("ClickHouse takes in %.2f M lines/s of CSV\n",
         static_cast<double>(records) / loading / 1e6);
  std::filesystem::remove(directory + "/log.csv");
  Print(of_address, "clickhouse", Repeat([&] {
          clickhouse->Query(absl::StrCat("SELECT * FROM log WHERE source = '", address,
                                         "' OR destination = '", address, "' LIMIT 100"));
        }));
  {
    const Searchers others(pair, clickhouse->Command("SELECT * FROM log WHERE protocol != 'TCP'"));
    Print(of_host, "clickhouse", Repeat([&] {
            clickhouse->Query("SELECT * FROM log WHERE host = 'web-7' ORDER BY time DESC LIMIT 5");
          }));
  }
}

}  // namespace firebreak::bench
