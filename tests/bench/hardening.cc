// SPDX-License-Identifier: Apache-2.0

// Measures what the presets of `hardening` cost packets compared with `off`, side by side in one
// run, and what the detector of floods costs. Each preset is on a host of its own, as in the
// datapath benchmark: all work on a packet is done on one CPU, and the presets take turns.

#include <stdio.h>
#include <stdlib.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "tests/bench/bulk_load.h"
#include "tests/bench/datapath_loads.h"
#include "tests/bench/detector_cost.h"
#include "tests/bench/firewalls.h"
#include "tests/bench/namespace_pair.h"
#include "tests/bench/rounds.h"

namespace firebreak::bench {
namespace {

using v1::Hardening;

constexpr int kConnections = 2'000, kPackets = 51'200, kHalfOpen = 10'000;
constexpr size_t kBytes = 32 << 20;

struct Work {
  const char* name;
  const char* unit;
  double scale;
};
constexpr Work kConnect = {"new TCP connections", "k/s", 1e3};
constexpr Work kFlow = {"packets of a UDP flow", "k/s", 1e3};
constexpr Work kBulk4 = {"TCP by IPv4", "MB/s", 1e6};
constexpr Work kBulk6 = {"TCP by IPv6", "MB/s", 1e6};
constexpr Work kAll[] = {kConnect, kFlow, kBulk4, kBulk6};

class Subject {
 public:
  Subject(std::string name, const std::string& id, Hardening::Preset preset)
      : name_(std::move(name)), pair_("h" + id) {
    InstallHardened(pair_, preset);
    connections_.emplace(pair_, kMappedPort);
    flow_.emplace(pair_, kMappedPort);
    bulk4_.emplace(pair_, kMappedPort + 2, /*ipv6=*/false);
    bulk6_.emplace(pair_, kMappedPort + 4, /*ipv6=*/true);
  }

  const std::string& name() const { return name_; }
  void Forget() { rates_.Clear(); }

  void Round() {
    rates_.Add(kConnect.name, connections_->PerSecond(kConnections));
    rates_.Add(kFlow.name, flow_->PacketsPerSecond(kPackets));
    rates_.Add(kBulk4.name, bulk4_->BytesPerSecond(kBytes));
    rates_.Add(kBulk6.name, bulk6_->BytesPerSecond(kBytes));
  }

  double Median(const Work& work) const { return rates_.Median(work.name); }

 private:
  const std::string name_;
  const NamespacePair pair_;
  std::optional<Connections> connections_;
  std::optional<Flow> flow_;
  std::optional<Bulk> bulk4_, bulk6_;
  Rates rates_;
};

Subjects<Subject> Make() {
  struct Row {
    const char* name;
    Hardening::Preset preset;
  };
  constexpr Row kRows[] = {{"off", Hardening::off},
                           {"recommended", Hardening::recommended},
                           {"strict", Hardening::strict},
                           {"original", Hardening::original}};
  Subjects<Subject> subjects;
  for (const Row& row : kRows) {
    const int order = static_cast<int>(subjects.size());
    subjects.emplace_back(order,
                          std::make_unique<Subject>(row.name, std::to_string(order), row.preset));
  }
  return subjects;
}

void Print(const Subjects<Subject>& subjects) {
  const Subject& off = *subjects.front().second;
  printf("of one core's time, sending included; in brackets: times `off`\n\n%-14s", "");
  for (const Work& work : kAll)
    printf("%28s", absl::StrFormat("%s, %s", work.name, work.unit).c_str());
  printf("\n");
  for (const auto& [order, subject] : subjects) {
    printf("%-14s", subject->name().c_str());
    for (const Work& work : kAll) {
      const double median = subject->Median(work);
      printf(
          "%28s",
          absl::StrFormat("%.1f (%.3f)", median / work.scale, median / off.Median(work)).c_str());
    }
    printf("\n");
  }
}

void Print(const DetectorCost& cost, int seconds) {
  printf(
      "\nthe detector, %% of a core, over %d s each\n"
      "  no policy asks for it                    %6.3f\n"
      "  idle                                     %6.3f\n"
      "  %6lu half-open connections (%lu left)  %6.3f   target < 1\n",
      seconds, cost.nothing * 100, cost.idle * 100, static_cast<unsigned long>(cost.half_open),
      static_cast<unsigned long>(cost.left), cost.busy * 100);
}

constexpr int kRounds = 21, kSeconds = 20;

void PrintHelp() {
  printf(
      "usage: hardening [ROUNDS [SECONDS]]\n"
      "  ROUNDS   how often each preset does each work; %d if nothing is said\n"
      "  SECONDS  how long the detector is watched in each of three states; %d if nothing is said\n"
      "A round takes a few seconds.\n",
      kRounds, kSeconds);
}

int Main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == "--help") {
    PrintHelp();
    return 0;
  }
  const int rounds = argc > 1 ? atoi(argv[1]) : kRounds;
  const int seconds = argc > 2 ? atoi(argv[2]) : kSeconds;
  if (rounds < 1 || seconds < 1 || argc > 3) Die("usage: hardening [ROUNDS [SECONDS]]");
  // Measured before everything is put on one CPU, where the detector's thread would have to wait.
  const DetectorCost cost = MeasureDetector(seconds, kHalfOpen);
  StayOnOneCpu();
  Subjects<Subject> subjects = Make();
  RunRounds(subjects, rounds);
  Print(subjects);
  Print(cost, seconds);
  return 0;
}

}  // namespace
}  // namespace firebreak::bench

int main(int argc, char** argv) { return firebreak::bench::Main(argc, argv); }
