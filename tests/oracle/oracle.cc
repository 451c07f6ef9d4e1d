// SPDX-License-Identifier: Apache-2.0

// Asks the trace and the kernel of the same packets under the same policies, both at random, and
// compares what they say. The kernel is asked by sending the packets as real frames between network
// namespaces, so this needs root.

#include <CLI/CLI.hpp>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tests/oracle/judge.h"
#include "tests/oracle/random_hardening.h"
#include "tests/oracle/random_policies.h"
#include "tests/oracle/random_probes.h"
#include "tests/oracle/world.h"

namespace firebreak::oracle {
namespace {

struct Options {
  uint32_t policies = 200;
  uint32_t packets = 50'000;
  uint64_t seed = 1;
  uint32_t mismatches = 1;  // to find before it ends
};

// How many probes of a class were let pass, dropped and not sent.
struct Count {
  uint32_t passed = 0, dropped = 0, unsent = 0;
};

class Run {
 public:
  explicit Run(const Options& options) : options_(options), judge_(world_) {}

  int All() {
    const uint32_t each = (options_.packets + options_.policies - 1) / options_.policies;
    for (uint32_t i = 0; i < options_.policies && found_ < options_.mismatches; ++i) {
      OnePolicy(options_.seed + i, each);
    }
    Print();
    return found_ == 0 ? 0 : 1;
  }

 private:
  void OnePolicy(uint64_t seed, uint32_t packets) {
    Random random(seed);
    Setting setting;
    std::string why;
    for (int attempt = 0;; ++attempt) {
      setting.resources = RandomResources(random);
      AddRandomHardening(random, setting.resources);
      setting.at_corp.clear();
      for (size_t i = 0; i < world_.interfaces().size(); ++i) {
        if (OneIn(random, 2)) setting.at_corp.insert(i);
      }
      DrawForwarding(random, setting);
      if (judge_.Enforce(setting, why)) break;
      ++refused_[why];
    }
    ++policies_;
    RandomProbes probes(world_.interfaces(), random, static_cast<uint16_t>(2 * packets_));
    std::vector<Probe> sent;
    for (uint32_t i = 0; i < packets; ++i) {
      Probe probe = probes.Next();
      while (!judge_.CanTell(probe)) probe = probes.Next();
      sent.push_back(std::move(probe));
      const Judgement judgement = judge_.Ask(sent.back());
      Tally(sent.back(), judgement);
      if (judgement.disagreement.empty()) continue;
      ++found_;
      std::cout << "\nMISMATCH: " << judgement.disagreement << " (" << i + 1
                << " packets in)\nfind it again with --seed " << seed << " --policies 1 --packets "
                << packets << "\n";
      std::cout << Describe(setting, {sent.back()}, judgement, judge_.ruleset(),
                            world_.interfaces());
      Minimise(judge_, judgement.disagreement, setting, sent);
      Judgement last;
      if (judge_.Enforce(setting, why)) {
        for (const Probe& probe : sent) last = judge_.Ask(probe);
      }
      std::cout << "\n== as small as it gets\n"
                << Describe(setting, sent, last, judge_.ruleset(), world_.interfaces())
                << std::flush;
      return;
    }
  }

  // Whether the host forwards, for whom, and what another program makes of it.
  static void DrawForwarding(Random& random, Setting& setting) {
    constexpr const char* kInner[] = {"ethernet", "ethernet", "bridge", "bridge", "vpn"};
    setting.inner_type = Pick(random, kInner);
    setting.router = OneIn(random, 2);
    setting.foreign = RandomForeignNat(random);
    setting.attacked = OneIn(random, 4);
  }

  void Tally(const Probe& probe, const Judgement& judgement) {
    constexpr const char* kWays[] = {"in", "raw out", "packet out"};
    std::string way = kWays[static_cast<int>(probe.way)];
    if (judgement.trace.packet.in.has_value() && judgement.trace.packet.out.has_value()) {
      way = "forwarded";
    }
    for (Count* count : {&by_kind_[absl::StrCat(way, " ", probe.kind)],
                         &by_hook_[absl::StrCat(way, " ends at ", judgement.trace.hook)]}) {
      if (!judgement.seen.has_value()) {
        ++count->unsent;
      } else {
        ++(judgement.seen->arrived ? count->passed : count->dropped);
      }
    }
    if (judgement.seen.has_value() && !judgement.seen->state.empty()) {
      ++by_state_[judgement.seen->state];
    }
    ++packets_;
  }

  static void PrintCounts(const char* title, const std::map<std::string, Count>& counts) {
    std::cout << absl::StrFormat("%-40s %9s %9s %9s\n", title, "passed", "dropped", "not sent");
    for (const auto& [name, count] : counts) {
      std::cout << absl::StrFormat("%-40s %9u %9u %9u\n", name, count.passed, count.dropped,
                                   count.unsent);
    }
  }

  void Print() const {
    PrintCounts("class", by_kind_);
    PrintCounts("hook", by_hook_);
    for (const auto& [state, count] : by_state_) {
      std::cout << absl::StrFormat("%-40s %9u\n", absl::StrCat("state ", state), count);
    }
    uint32_t refused = 0;
    for (const auto& [why, count] : refused_) refused += count;
    std::cout << refused << " random policies were not valid\n";
    std::cout << policies_ << " policies, " << packets_ << " packets, " << found_
              << " mismatches (seed " << options_.seed << ")\n";
  }

  const Options options_;
  World world_;
  Judge judge_;
  std::map<std::string, Count> by_kind_, by_hook_;
  std::map<std::string, uint32_t> by_state_;
  std::map<std::string, uint32_t> refused_;
  uint32_t policies_ = 0, packets_ = 0, found_ = 0;
};

int Main(int argc, char** argv) {
  CLI::App app("Compares the trace with the kernel; see tests/oracle/oracle.cc.");
  Options options;
  app.add_option("--policies", options.policies, "random policies")->capture_default_str();
  app.add_option("--packets", options.packets, "packets in all")->capture_default_str();
  app.add_option("--seed", options.seed, "of the first policy")->capture_default_str();
  app.add_option("--mismatches", options.mismatches, "to find before it ends")
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return Run(options).All();
}

}  // namespace
}  // namespace firebreak::oracle

int main(int argc, char** argv) { return firebreak::oracle::Main(argc, argv); }
