// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/simulated/measure.h"

#include <chrono>
#include <cstdio>
#include <functional>
#include <limits>
#include <memory>
#include <thread>

#include "absl/strings/str_cat.h"
#include "proto/endpoint/endpoint.h"
#include "tests/bench/simulated/controller_process.h"
#include "tests/bench/simulated/scoreboard.h"
#include "tests/bench/simulated/swarm.h"

namespace firebreak::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kNever = std::numeric_limits<double>::infinity();
constexpr size_t kSwarms = 2;
constexpr int kManyMappings = 10'000;
constexpr auto kWatch = std::chrono::seconds(3);
// Each host pings once in this time. Hosts that have connected together ping together.
constexpr auto kKeepalive = std::chrono::milliseconds(kKeepaliveMillis);

double Since(Clock::time_point begun) {
  return std::chrono::duration<double>(Clock::now() - begun).count();
}

// A policy for all hosts: `ports` mappings from port `first` on, at every second port, so that none
// can be joined.
std::string Policy(int first, int ports) {
  std::string yaml = "kind: Policy\nname: everywhere\ngroups: [all]\nport_mappings:\n";
  for (int i = 0; i < ports; ++i) {
    absl::StrAppend(&yaml, "  - {protocol: tcp, ports: ", first + 2 * i, "}\n");
  }
  return yaml;
}

std::string PolicyOfNobody(int port) {
  return absl::StrCat(
      "kind: Group\nname: nobody\nmatch: {role: nobody}\n---\n"
      "kind: Policy\nname: elsewhere\ngroups: [nobody]\n"
      "port_mappings:\n  - {protocol: tcp, ports: ",
      port, "}\n");
}

class Run {
 public:
  explicit Run(const Subject& subject)
      : subject_(subject),
        board_(MakeScoreboard()),
        controller_(subject.controller, subject.directory, subject.port) {
    for (size_t i = 0; i < kSwarms; ++i) {
      swarms_.push_back(std::make_unique<Swarm>(board_, subject.hosts * i / kSwarms,
                                                subject.hosts * (i + 1) / kSwarms, subject.port,
                                                controller_.ca()));
    }
  }

  Stats Take() {
    empty_ = Mebibytes("VmRSS");
    Add("memory without hosts (MiB)", empty_);
    Enrol();
    Connect();
    Idle();
    SmallPolicy();
    ChangeForNobody();
    LargePolicy();
    SmallPolicyWithReach();
    UndoForAll();
    HaltAtTheFirstWave();
    CutOffInWaves();
    List();
    AskAll();
    Herd();
    return std::move(stats_);
  }

 private:
  // Each figure is printed at once too, because a run takes minutes.
  void Add(const std::string& name, double value) {
    fprintf(stderr, "%zu hosts, %s: %g\n", subject_.hosts, name.c_str(), value);
    stats_.emplace_back(name, value);
  }
  double EachHost(double value) const { return value / static_cast<double>(subject_.hosts); }
  double Mebibytes(const char* which) const {
    return static_cast<double>(controller_.Memory(which)) / 1024;
  }
  // The memory beyond what the controller had without hosts.
  double KibibytesEachHost(const char* which) const {
    return EachHost((Mebibytes(which) - empty_) * 1024);
  }

  // Returns the seconds until `holds` is true for all hosts.
  double Until(const std::function<bool(const Scoreboard::Host&)>& holds) const {
    const auto begun = Clock::now();
    while (Count(board_, subject_.hosts, holds) < subject_.hosts) {
      if (Since(begun) > subject_.patience) return kNever;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return Since(begun);
  }
  double UntilOnline() const {
    return Until([](const Scoreboard::Host& host) { return host.online.load(); });
  }

  void Enrol() {
    const std::string token = controller_.Token();
    const double cpu = controller_.Cpu();
    for (const auto& swarm : swarms_) swarm->Enrol(token);
    const double seconds = Until([](const Scoreboard::Host& host) { return host.enrolled.load(); });
    Add("enrolled (hosts/s)", static_cast<double>(subject_.hosts) / seconds);
    Add("enrolment, controller's CPU (ms/host)", EachHost((controller_.Cpu() - cpu) * 1e3));
  }

  void Connect() {
    const double cpu = controller_.Cpu();
    for (const auto& swarm : swarms_) swarm->Connect();
    Add("all connect at once (s)", UntilOnline());
    Add("connect, controller's CPU (ms/host)", EachHost((controller_.Cpu() - cpu) * 1e3));
    Settle();
    Add("memory (KiB/host)", KibibytesEachHost("VmRSS"));
  }

  // Waits until the hosts' last receipts are stored and all work of the step is done.
  static void Settle() { std::this_thread::sleep_for(kWatch); }

  void Idle() {
    // What connecting has left to do is over then.
    std::this_thread::sleep_for(kKeepalive / 2);
    const double cpu = controller_.Cpu();
    std::this_thread::sleep_for(kKeepalive);
    Add("idle (% of a CPU)",
        (controller_.Cpu() - cpu) / std::chrono::duration<double>(kKeepalive).count() * 100);
  }

  // Applies the resources and waits until every host has sent its receipt or undone the revision.
  void Roll(const std::string& what, const std::string& yaml) {
    const double cpu = controller_.Cpu();
    std::vector<uint64_t> undone_before;
    for (size_t i = 0; i < subject_.hosts; ++i) undone_before.push_back(board_.hosts[i].undone);
    const auto begun = Clock::now();
    const uint64_t revision = controller_.Apply(yaml);
    const double acknowledged = Since(begun);
    Until([&](const Scoreboard::Host& host) {
      return host.revision >= revision ||
             host.undone > undone_before[static_cast<size_t>(&host - board_.hosts)];
    });
    const double done = Since(begun);
    size_t undone = 0;
    for (size_t i = 0; i < subject_.hosts; ++i) {
      undone += board_.hosts[i].undone > undone_before[i] ? 1 : 0;
    }
    Add(what + ", acknowledged (ms)", acknowledged * 1e3);
    Add(what + ", last receipt (ms)", done * 1e3);
    Add(what + ", controller's CPU (µs/host)", EachHost((controller_.Cpu() - cpu) * 1e6));
    if (board_.reach) Add(what + ", undone (hosts)", static_cast<double>(undone));
    Settle();
  }

  void SmallPolicy() {
    board_.reach = false;
    Roll("small policy", Policy(1001, 20));
    Roll("small policy again", Policy(1002, 20));
  }

  void ChangeForNobody() {
    double cpu = controller_.Cpu();
    Settle();
    const double idle = controller_.Cpu() - cpu;
    cpu = controller_.Cpu();
    const uint64_t pushes = board_.pushes;
    const auto begun = Clock::now();
    controller_.Apply(PolicyOfNobody(1001));
    Add("change for nobody, acknowledged (ms)", Since(begun) * 1e3);
    Settle();
    Add("change for nobody, controller's CPU (µs/host)",
        EachHost((controller_.Cpu() - cpu - idle) * 1e6));
    Add("change for nobody, pushes in 3 s", static_cast<double>(board_.pushes - pushes));
  }

  void LargePolicy() {
    Add("memory before a large policy (KiB/host)", KibibytesEachHost("VmRSS"));
    Roll("10,000 mappings", Policy(2001, kManyMappings));
    Add("memory after it (KiB/host)", KibibytesEachHost("VmRSS"));
    Add("memory at most (KiB/host)", KibibytesEachHost("VmHWM"));
    Roll("small policy after it", Policy(1007, 20));
    Add("memory after all of it (KiB/host)", KibibytesEachHost("VmRSS"));
  }

  void SmallPolicyWithReach() {
    board_.reach = true;
    const uint64_t attempts = board_.attempts;
    Roll("small policy with reach", Policy(1003, 20));
    Add("small policy with reach, attempts (a host)",
        EachHost(static_cast<double>(board_.attempts - attempts)));
    board_.reach = false;
  }

  void UndoForAll() {
    const auto begun = Clock::now();
    const uint64_t revision = controller_.Undo();
    Until([&](const Scoreboard::Host& host) { return host.revision >= revision; });
    Add("undo, last receipt (s)", Since(begun));
  }

  std::vector<uint64_t> Undone() const {
    std::vector<uint64_t> undone;
    for (size_t i = 0; i < subject_.hosts; ++i) undone.push_back(board_.hosts[i].undone);
    return undone;
  }
  // Returns how many hosts have undone a revision since then.
  size_t UndoneSince(const std::vector<uint64_t>& before) const {
    const std::vector<uint64_t> now = Undone();
    size_t hosts = 0;
    for (size_t i = 0; i < now.size(); ++i) hosts += now[i] > before[i] ? 1 : 0;
    return hosts;
  }
  // Until the hosts that have undone a revision since then have a newer one than `revision`. The
  // others have what they had all the time; they get the new revision's number in no hurry.
  void UntilBack(const std::vector<uint64_t>& before, uint64_t revision) {
    Until([&](const Scoreboard::Host& host) {
      const auto i = static_cast<size_t>(&host - &board_.hosts[0]);
      return host.undone == before[i] || host.revision > revision;
    });
  }
  double UntilRolloutIs(v1::StagedRollout::State state) {
    const auto begun = Clock::now();
    while (controller_.Rollout().state() != state) {
      if (Since(begun) > subject_.patience) return kNever;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return Since(begun);
  }

  // Sends a policy that cuts hosts off in waves of 1 % and the rest; returns its revision.
  uint64_t CutOff(const std::string& on_failure, int port) {
    const uint64_t before = controller_.Apply(
        absl::StrCat("kind: RolloutStrategy\nname: waves\nwaves: [{percent: 1}, {percent: 100}]\n"
                     "soak: 1s\ntimeout: 1m\nsilence: 1m\non_failure: ",
                     on_failure, "\n"));
    board_.reach = true;
    board_.cuts_off_until = before + 2;
    board_.cuts_off = before + 1;
    return controller_.ApplyInWaves(Policy(port, 20), "waves");
  }

  void HaltAtTheFirstWave() {
    const std::vector<uint64_t> undone = Undone();
    const uint64_t revision = CutOff("halt", 1006);
    while (UndoneSince(undone) == 0) std::this_thread::sleep_for(std::chrono::milliseconds(2));
    Add("cut off in waves: from the first failure to the halt (s)",
        UntilRolloutIs(v1::StagedRollout::halted));
    board_.reach = false;
    const auto begun = Clock::now();
    controller_.UndoRollout();
    UntilBack(undone, revision);
    Add("cut off in waves: undo by a person, last receipt (s)", Since(begun));
    Add("cut off in waves: hosts touched", static_cast<double>(UndoneSince(undone)));
  }

  // Kills the controller while a rollout cuts hosts off.
  void CutOffInWaves() {
    const std::vector<uint64_t> undone = Undone();
    const auto begun = Clock::now();
    const uint64_t revision = CutOff("undo", 1005);
    controller_.Restart();
    UntilOnline();
    UntilRolloutIs(v1::StagedRollout::undone);
    Add("cut off in waves, killed: undone (s)", Since(begun));
    UntilBack(undone, revision);
    Add("cut off in waves, killed: all have what they had (s)", Since(begun));
    Add("cut off in waves, killed: hosts touched", static_cast<double>(UndoneSince(undone)));
    board_.reach = false;
  }

  void List() {
    const auto begun = Clock::now();
    controller_.ListHosts();
    Add("list hosts (ms)", Since(begun) * 1e3);
  }

  void AskAll() {
    const auto begun = Clock::now();
    controller_.AskAll(subject_.hosts);
    Add("questions answered (1/s)", static_cast<double>(subject_.hosts) / Since(begun));
  }

  void Herd() {
    const auto begun = Clock::now();
    controller_.Restart();
    const uint64_t revision = controller_.Apply(Policy(1004, 20));
    UntilOnline();
    Add("kill -9: all are back (s)", Since(begun));
    Until([&](const Scoreboard::Host& host) { return host.revision >= revision; });
    Add("kill -9: all have a new policy (s)", Since(begun));
  }

  const Subject& subject_;
  Scoreboard& board_;
  ControllerProcess controller_;
  std::vector<std::unique_ptr<Swarm>> swarms_;
  double empty_ = 0;  // MiB
  Stats stats_;
};

}  // namespace

Stats Measure(const Subject& subject) { return Run(subject).Take(); }

}  // namespace firebreak::bench
