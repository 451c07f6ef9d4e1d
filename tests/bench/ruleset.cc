// SPDX-License-Identifier: Apache-2.0

// Measures loading 10,000 port mappings into the kernel, adding one and replacing all: by
// Firebreak, by nft(8) with a map, by nft(8) with a rule for each mapping, and the floor, which
// sends the bytes of Firebreak's messages in one call. All run in one network namespace and take
// turns, so that the ratios are comparable.

#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "agent/enforce/enforcer.h"
#include "agent/kernel/netlink/socket.h"
#include "agent/kernel/nftables/batch.h"
#include "agent/kernel/nftables/nftables.h"
#include "firebreak/v1/effective.pb.h"
#include "policy/compile/compile.h"
#include "policy/ruleset/difference.h"

namespace firebreak::bench {
namespace {

using Clock = std::chrono::steady_clock;
using ruleset::Ruleset;

constexpr int kMappings = 10'000;
constexpr uint32_t kFirstPort = 10'000, kOtherFirstPort = 30'000;

[[noreturn]] void Die(const std::string& message) {
  fprintf(stderr, "%s\n", message.c_str());
  exit(1);
}

void Check(const absl::Status& status) {
  if (!status.ok()) Die(std::string(status.message()));
}

template <typename T>
T Check(absl::StatusOr<T> value) {
  Check(value.status());
  return *std::move(value);
}

v1::EffectivePolicy Policy(uint32_t first_port, int count) {
  v1::EffectivePolicy policy;
  policy.set_managed(true);
  v1::EffectiveLocation* location = policy.add_locations();
  location->set_name("elsewhere");
  v1::Settings* settings = location->add_layers()->mutable_settings();
  for (int i = 0; i < count; ++i) {
    v1::Mapping* mapping = settings->mutable_inbound()->add_items();
    mapping->set_name(absl::StrCat("tcp-", first_port + i));
    mapping->set_policy("bench");
    v1::PortRange* range = mapping->add_ports();
    range->set_protocol(6);
    range->set_first(first_port + i);
    range->set_last(first_port + i);
  }
  return policy;
}

// Runs a program and waits for it; its output is discarded unless it fails.
void Run(const std::string& command) {
  if (system(command.c_str()) != 0) Die("failed: " + command);
}

class Bench {
 public:
  Bench()
      : nftables_(Check(agent::Nftables::Open())),
        socket_(Check(agent::NetlinkSocket::Open(NETLINK_NETFILTER))) {
    std::string pattern = "/tmp/firebreak-bench-XXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  ~Bench() { Run("rm -rf " + directory_); }

  void RunAll(int rounds) {
    const auto installed = policy::Compile(Policy(kFirstPort, kMappings), {}).value();
    const auto one_more = policy::Compile(Policy(kFirstPort, kMappings + 1), {}).value();
    const auto replaced = policy::Compile(Policy(kOtherFirstPort, kMappings), {}).value();
    WriteNftFiles(installed);
    for (int round = 0; round < rounds; ++round) {
      fprintf(stderr, "\rround %d of %d", round + 1, rounds);
      Time(
          "compile", "ours", [&] { policy::Compile(Policy(kFirstPort, kMappings), {}).value(); },
          true);
      RunOurs(installed, one_more, replaced);
      RunFloor(installed, one_more, replaced);
      RunNft("nft map", "map");
      RunNft("nft rules", "rules");
      RunReceipt(installed, one_more, replaced);
    }
    fprintf(stderr, "\n");
  }

  void Print() const {
    for (const auto& [key, times] : times_) {
      printf(
          "{\"work\": \"%s\", \"by\": \"%s\", \"median_us\": %.1f, \"best_us\": %.1f, "
          "\"runs\": %zu}\n",
          key.first.c_str(), key.second.c_str(), Median(times), Best(times), times.size());
    }
    printf("\n%d port mappings; medians in milliseconds, in brackets: times the floor\n\n",
           kMappings);
    const char* columns[] = {"floor", "ours", "nft map", "nft rules", "ours, with receipt"};
    printf("%-12s", "");
    for (const char* column : columns) printf("%22s", column);
    printf("\n");
    for (const char* work : {"install", "add one", "replace all"}) {
      const double floor = Median(times_.at({work, "floor"}));
      printf("%-12s", work);
      for (const char* column : columns) {
        const double median = Median(times_.at({work, column}));
        printf("%22s", absl::StrFormat("%.3f (%.2f)", median / 1000, median / floor).c_str());
      }
      printf("\n");
    }
    printf("\nreached              target   now\n");
    Target("install / floor", "<= 1.30", Ratio("install", "ours", "floor"));
    Target("install / nft map", "<= 0.25", Ratio("install", "ours", "nft map"));
    Target("add one / nft map", "<= 0.05", Ratio("add one", "ours", "nft map"));
    printf("\ncompiling the policy to a ruleset before an install: %.3f ms\n",
           Median(times_.at({"compile", "ours"})) / 1000);
  }

 private:
  static double Median(std::vector<double> times) {
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
  }
  static double Best(const std::vector<double>& times) {
    return *std::min_element(times.begin(), times.end());
  }
  double Ratio(const char* work, const char* by, const char* against) const {
    return Median(times_.at({work, by})) / Median(times_.at({work, against}));
  }
  static void Target(const char* what, const char* target, double ratio) {
    printf("%-20s %7s  %5.3f\n", what, target, ratio);
  }

  void Time(const char* work, const char* by, const std::function<void()>& run,
            bool subtract_policy = false) {
    double spent = 0;
    if (subtract_policy) {
      const auto begin = Clock::now();
      Policy(kFirstPort, kMappings);
      spent = -Micros(Clock::now() - begin);
    }
    const auto begin = Clock::now();
    run();
    times_[{work, by}].push_back(spent + Micros(Clock::now() - begin));
  }
  static double Micros(Clock::duration duration) {
    return std::chrono::duration<double, std::micro>(duration).count();
  }

  void Clear() {
    const auto state = Check(nftables_.Read());
    Check(nftables_.Commit(ruleset::Difference(state.ruleset, Ruleset()), state.generation));
  }

  // Measures from the comparison of the rulesets to the kernel's acknowledgement.
  void Ours(const char* work, const Ruleset& from, const Ruleset& to) {
    const uint32_t generation = Check(nftables_.ReadGeneration());
    Time(work, "ours", [&] { Check(nftables_.Commit(ruleset::Difference(from, to), generation)); });
  }
  void RunOurs(const Ruleset& installed, const Ruleset& one_more, const Ruleset& replaced) {
    Ours("install", Ruleset(), installed);
    Ours("add one", installed, one_more);
    Ours("replace all", one_more, replaced);
    Clear();
  }

  // Sends the same bytes, which are made before the clock starts.
  void Floor(const char* work, const Ruleset& from, const Ruleset& to) {
    const std::vector<ruleset::Operation> operations = ruleset::Difference(from, to);
    const agent::Batch batch(operations, Check(nftables_.ReadGeneration()));
    // Uses a socket of its own, whose send buffer has been enlarged by earlier messages.
    Time(work, "floor", [&] {
      Check(socket_.Send(batch.bytes()));
      Check(socket_.Receive(/*wait=*/true, [](const nlmsghdr& message) {
        int error;
        memcpy(&error, NLMSG_DATA(&message), sizeof error);
        if (error != 0) Die(absl::StrCat("floor: ", strerror(-error)));
      }));
    });
  }
  void RunFloor(const Ruleset& installed, const Ruleset& one_more, const Ruleset& replaced) {
    Floor("install", Ruleset(), installed);
    Floor("add one", installed, one_more);
    Floor("replace all", one_more, replaced);
    Clear();
  }

  // Measures what an agent does: it knows the kernel's state, and reads it back afterwards for the
  // receipt.
  void RunReceipt(const Ruleset& installed, const Ruleset& one_more, const Ruleset& replaced) {
    agent::Enforcer enforcer(Check(agent::Nftables::Open()));
    Check(enforcer.Read().status());
    const char* by = "ours, with receipt";
    Time("install", by, [&] { Check(enforcer.Enforce(installed).status()); });
    Time("add one", by, [&] { Check(enforcer.Enforce(one_more).status()); });
    Time("replace all", by, [&] { Check(enforcer.Enforce(replaced).status()); });
    Clear();
  }

  // Writes the files that an administrator would load for the same effect.
  void WriteNftFiles(const Ruleset& installed) {
    Ours("warm up", Ruleset(), installed);
    times_.erase({"warm up", "ours"});
    Run(absl::StrCat("nft list ruleset > ", directory_, "/map-install"));
    Clear();
    std::ofstream(directory_ + "/map-add-one")
        << "add element inet firebreak in/elsewhere/ports { tcp . 9999 : accept }\n";
    std::ofstream replace(directory_ + "/map-replace-all");
    replace << "flush map inet firebreak in/elsewhere/ports\n"
            << "add element inet firebreak in/elsewhere/ports {\n";
    std::ofstream rules(directory_ + "/rules-install");
    rules << "table inet firebreak {\nchain input {\ntype filter hook input priority filter; "
             "policy drop; ct state established,related accept\n iif lo accept\n";
    std::ofstream replace_rules(directory_ + "/rules-replace-all");
    replace_rules << "flush chain inet firebreak input\ntable inet firebreak {\nchain input {\n"
                     "ct state established,related accept\n iif lo accept\n";
    for (uint32_t i = 0; i < kMappings; ++i) {
      replace << "tcp . " << kOtherFirstPort + i << " : accept,\n";
      rules << "tcp dport " << kFirstPort + i << " accept\n";
      replace_rules << "tcp dport " << kOtherFirstPort + i << " accept\n";
    }
    replace << "}\n";
    rules << "}\n}\n";
    replace_rules << "}\n}\n";
    std::ofstream(directory_ + "/rules-add-one")
        << "add rule inet firebreak input tcp dport 9999 accept\n";
  }
  void RunNft(const char* by, const char* prefix) {
    for (const char* work : {"install", "add one", "replace all"}) {
      std::string file = absl::StrCat(directory_, "/", prefix, "-", work);
      std::replace(file.begin() + static_cast<long>(directory_.size()), file.end(), ' ', '-');
      Time(work, by, [&] { Run("nft -f " + file); });
    }
    Run("nft delete table inet firebreak");
  }

  agent::Nftables nftables_;
  agent::NetlinkSocket socket_;
  std::string directory_;
  std::map<std::pair<std::string, std::string>, std::vector<double>> times_;
};

int Main(int argc, char** argv) {
  const int rounds = argc > 1 ? atoi(argv[1]) : 21;
  if (rounds < 1) Die("usage: ruleset [ROUNDS]");
  if (unshare(CLONE_NEWNET) != 0) Die("needs root, to make a network namespace");
  Bench bench;
  bench.RunAll(rounds);
  bench.Print();
  return 0;
}

}  // namespace
}  // namespace firebreak::bench

int main(int argc, char** argv) { return firebreak::bench::Main(argc, argv); }
