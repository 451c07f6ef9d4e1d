// SPDX-License-Identifier: Apache-2.0

// Measures what a firewall costs packets, side by side in one run: accepted TCP connections and
// packets of one accepted UDP flow, dropped unsolicited UDP and malformed TCP. Each firewall is on
// a host of its own, in a network namespace. All work on a packet is done on one CPU, and the
// firewalls take turns, so that the ratios are comparable.

#include <stdio.h>
#include <stdlib.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "tests/bench/datapath_loads.h"
#include "tests/bench/firewalls.h"
#include "tests/bench/namespace_pair.h"
#include "tests/bench/rounds.h"

namespace firebreak::bench {
namespace {

constexpr int kConnections = 2'000, kPackets = 51'200, kFrames = 51'200;

struct Work {
  const char* name;
  const char* unit;
};
constexpr Work kConnect = {"new TCP connections", "k/s"};
constexpr Work kConnectOut = {"new TCP connections out", "k/s"};
constexpr Work kFlow = {"packets of a UDP flow", "k/s"};
constexpr Work kUdp = {"unsolicited UDP dropped", "k/s"};
constexpr Work kSynFin = {"SYN+FIN dropped", "k/s"};

constexpr char kNone[] = "no firewall", kMinimal[] = "minimal 10",
               kMinimalMany[] = "minimal 10,000";
constexpr char kOurs[] = "ours 10", kOursMany[] = "ours 10,000";
constexpr char kByHand[] = "by hand, 100 rules", kOurFeatures[] = "ours, 100 rules";
constexpr char kMinimalThrough[] = "minimal, forwards", kOursThrough[] = "ours, forwards";
constexpr char kMinimalPublished[] = "minimal, publishes", kOursPublished[] = "ours, publishes";

// A host with its firewall and the loads on it. A router's only load are new connections through
// it. A client also opens connections.
class Subject {
 public:
  enum class Kind { kHost, kRouter, kPublisher, kClient };
  Subject(std::string name, const std::string& id, Kind kind,
          const std::function<bool(const NamespacePair&)>& install)
      : name_(std::move(name)), pair_(id) {
    const bool forwards = kind == Kind::kRouter || kind == Kind::kPublisher;
    if (forwards) pair_.AddFar();
    installed_ = install(pair_);
    if (!installed_) return;
    if (forwards) {
      const bool published = kind == Kind::kPublisher;
      connections_.emplace(pair_, kMappedPort,
                           published ? Connections::To::kPublished : Connections::To::kFar);
      return;
    }
    connections_.emplace(pair_, kMappedPort);
    if (kind == Kind::kClient) outward_.emplace(pair_, kMappedPort, Connections::To::kPeer);
    flow_.emplace(pair_, kMappedPort);
    udp_.emplace(pair_, Flood::Kind::kUnsolicitedUdp);
    syn_fin_.emplace(pair_, Flood::Kind::kSynFin);
  }

  const std::string& name() const { return name_; }
  bool installed() const { return installed_; }

  void Round() {
    rates_.Add(kConnect.name, connections_->PerSecond(kConnections));
    if (!flow_.has_value()) return;
    if (outward_.has_value()) rates_.Add(kConnectOut.name, outward_->PerSecond(kConnections));
    rates_.Add(kFlow.name, flow_->PacketsPerSecond(kPackets));
    rates_.Add(kUdp.name, udp_->DroppedPerSecond(kFrames));
    rates_.Add(kSynFin.name, syn_fin_->DroppedPerSecond(kFrames));
  }
  void Forget() { rates_.Clear(); }

  bool Did(const Work& work) const { return rates_.Has(work.name); }
  double Median(const Work& work) const { return rates_.Median(work.name); }

 private:
  const std::string name_;
  NamespacePair pair_;
  bool installed_ = false;
  std::optional<Connections> connections_, outward_;
  std::optional<Flow> flow_;
  std::optional<Flood> udp_, syn_fin_;
  Rates rates_;
};

class Bench {
 public:
  // `files` for nft(8) are compared as well.
  explicit Bench(const std::vector<std::string>& files) {
    Add(kNone, [](const NamespacePair&) { return true; });
    AddMade(kMinimal, InstallMinimal, 10);
    AddMade(kMinimalMany, InstallMinimal, 10'000);
    AddMade(kOurs, InstallOurs, 10);
    AddMade(kOursMany, InstallOurs, 10'000);
    AddLike(kByHand, Subject::Kind::kClient, InstallHandWrittenFeatures);
    AddLike(kOurFeatures, Subject::Kind::kClient, InstallOurFeatures);
    AddLike(kMinimalThrough, Subject::Kind::kRouter, InstallMinimalForwarding);
    AddLike(kOursThrough, Subject::Kind::kRouter, InstallOurForwarding);
    AddLike(kMinimalPublished, Subject::Kind::kPublisher, InstallMinimalPublishing);
    AddLike(kOursPublished, Subject::Kind::kPublisher, InstallOurPublishing);
    AddMade("ufw 10", InstallUfw, 10);
    Add("firewalld 10", [](const NamespacePair& pair) { return InstallFirewalld(pair, 10); });
    for (const std::string& file : files) {
      Add(file.c_str(), [&](const NamespacePair& pair) {
        InstallFile(pair, file);
        return true;
      });
    }
  }

  void RunAll(int rounds) { RunRounds(subjects_, rounds); }

  void Print() const {
    for (const auto& [order, subject] : subjects_) {
      for (const Work& work : {kConnect, kConnectOut, kFlow, kUdp, kSynFin}) {
        if (!subject->Did(work)) continue;
        printf("{\"work\": \"%s\", \"firewall\": \"%s\", \"median_per_second\": %.0f}\n", work.name,
               subject->name().c_str(), subject->Median(work));
      }
    }
    const Work all[] = {kConnect, kFlow, kUdp, kSynFin};
    printf(
        "\nthousands a second on one core, sending included; in brackets: times the minimal "
        "ruleset of 10 ports\n\n%-20s",
        "");
    for (const Work& work : all) printf("%26s", work.name);
    printf("\n");
    for (const auto& [order, subject] : subjects_) {
      printf("%-20s", subject->name().c_str());
      for (const Work& work : all) {
        if (!subject->Did(work)) continue;
        printf("%26s", absl::StrFormat("%.1f (%.3f)", subject->Median(work) / 1000,
                                       subject->Median(work) / Find(kMinimal).Median(work))
                           .c_str());
      }
      printf("\n");
    }
    for (const std::string& name : absent_) printf("%-16s did not start here\n", name.c_str());
    const Subject &ours = Find(kOursMany), &minimal = Find(kMinimal);
    printf("\nours with 10,000 mappings to the minimal ruleset            target    now\n");
    Target("new TCP connections", ">= 0.97", ours.Median(kConnect) / minimal.Median(kConnect));
    Target("new TCP connections through it", ">= 0.97",
           Find(kOursThrough).Median(kConnect) / Find(kMinimalThrough).Median(kConnect));
    Target("new TCP connections to a published port", ">= 0.97",
           Find(kOursPublished).Median(kConnect) / Find(kMinimalPublished).Median(kConnect));
    Target("new TCP connections, 100 rules to those by hand", ">= 0.95",
           Find(kOurFeatures).Median(kConnect) / Find(kByHand).Median(kConnect));
    Target("new TCP connections out, 100 rules to those by hand", ">= 0.95",
           Find(kOurFeatures).Median(kConnectOut) / Find(kByHand).Median(kConnectOut));
    Target("packets of a UDP flow", ">= 0.95", ours.Median(kFlow) / minimal.Median(kFlow));
    Target("SYN+FIN dropped, to after connection tracking", ">= 1.30",
           ours.Median(kSynFin) / minimal.Median(kSynFin));
  }

 private:
  void Add(const char* name, const std::function<bool(const NamespacePair&)>& install,
           Subject::Kind kind = Subject::Kind::kHost) {
    const int order = static_cast<int>(subjects_.size());
    auto subject = std::make_unique<Subject>(name, std::to_string(order), kind, install);
    if (subject->installed()) {
      subjects_.emplace_back(order, std::move(subject));
    } else {
      absent_.push_back(name);
    }
  }
  void AddLike(const char* name, Subject::Kind kind, void (*install)(const NamespacePair&)) {
    Add(
        name,
        [=](const NamespacePair& pair) {
          install(pair);
          return true;
        },
        kind);
  }
  void AddMade(const char* name, void (*install)(const NamespacePair&, int), int mappings) {
    Add(name, [=](const NamespacePair& pair) {
      install(pair, mappings);
      return true;
    });
  }

  const Subject& Find(const std::string& name) const {
    for (const auto& [order, subject] : subjects_) {
      if (subject->name() == name) return *subject;
    }
    Die("there is no " + name);
  }
  static void Target(const char* what, const char* target, double ratio) {
    printf("%-52s %13s  %5.3f\n", what, target, ratio);
  }

  Subjects<Subject> subjects_;
  std::vector<std::string> absent_;
};

int Main(int argc, char** argv) {
  const int rounds = argc > 1 ? atoi(argv[1]) : 51;
  if (rounds < 1) Die("usage: datapath [ROUNDS [FILE...]]");
  StayOnOneCpu();
  const std::vector<std::string> files(argv + std::min(argc, 2), argv + argc);
  Bench bench(files);
  bench.RunAll(rounds);
  bench.Print();
  return 0;
}

}  // namespace
}  // namespace firebreak::bench

int main(int argc, char** argv) { return firebreak::bench::Main(argc, argv); }
