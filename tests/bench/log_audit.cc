// SPDX-License-Identifier: Apache-2.0

// Measures questions to a long audit trail.

#include <stdio.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "tests/bench/log_bench.h"
#include "tests/bench/log_fleet.h"
#include "tests/bench/namespace_pair.h"

namespace firebreak::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kRows = 1'000'000;
constexpr int kRowsAtOnce = 10'000;
constexpr int kRounds = 11;

void Fill(const std::string& path) {
  auto database = controller::Database::Open(path);
  if (!database.ok()) Die(std::string(database.status().message()));
  const absl::Time begin = absl::Now() - absl::Seconds(kRows);
  for (int row = 0; row < kRows;) {
    const absl::Status status =
        (*database)->Transact("fill the trail", [&](controller::Connection& connection) {
          for (const int end = row + kRowsAtOnce; row < end; ++row) {
            const absl::Status added = controller::AppendAudit(
                connection, begin + absl::Seconds(row),
                {.actor = absl::StrCat("host/web-", row % 1000),
                 .peer = "192.0.2.1:40000",
                 .action = "local switch",
                 .object = absl::StrCat("host web-", row % 1000),
                 .result = "done",
                 .detail = absl::StrCat("firewall off, by root (uid 0) with sh, number ", row)});
            if (!added.ok()) return added;
          }
          return absl::OkStatus();
        });
    if (!status.ok()) Die(std::string(status.message()));
  }
}

}  // namespace

void BenchAudit(const std::string& directory) {
  const NamespacePair pair("audit");
  { const LogController made(pair, directory); }
  Fill(directory + "/controller/firebreak.db");
  const auto start = Clock::now();
  const LogController controller(pair, directory);
  printf("the controller starts with an audit trail of %d rows, and checks it: %.1f s\n", kRows,
         std::chrono::duration<double>(Clock::now() - start).count());
  for (const char* question :
       {"-n 5", "-n 5 --host web-7", "-n 5 --actor host/web-7", "--since 1m"}) {
    std::vector<double> taken;
    for (int i = 0; i < kRounds; ++i) {
      const auto begin = Clock::now();
      pair.RunInHost(absl::StrCat(controller.Cli(), " audit ", question, " > /dev/null"));
      taken.push_back(std::chrono::duration<double>(Clock::now() - begin).count());
    }
    std::sort(taken.begin(), taken.end());
    printf("audit %-26s of %d rows: %.3f s (median) %.3f s (worst)\n", question, kRows,
           taken[taken.size() / 2], taken.back());
    fflush(stdout);
  }
}

}  // namespace firebreak::bench
