// SPDX-License-Identifier: Apache-2.0

// firebreak-agent: enforces on this host what the controller says, or what local files say.

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <exception>
#include <initializer_list>
#include <new>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "agent/agent.h"
#include "agent/command_line.h"
#include "agent/enforce/enforcer.h"
#include "agent/enforce/sole_enforcer.h"
#include "agent/identity/identity.h"
#include "agent/loop/event_loop.h"
#include "agent/membership.h"
#include "agent/standalone/standalone.h"
#include "agent/state/state_directory.h"
#include "base/log/log.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::agent {
namespace {

sigset_t SignalsOf(std::initializer_list<int> numbers) {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : numbers) sigaddset(&signals, number);
  return signals;
}

sigset_t EndingSignals() { return SignalsOf({SIGTERM, SIGINT}); }

int Fail(const absl::Status& status) {
  LogError(status.message());
  return 1;
}

// Nothing of this host's agent is in the kernel then; its state stays on the disk.
int Release(const StateDirectory& state) {
  absl::StatusOr<Nftables> nftables = Nftables::Open();
  if (!nftables.ok()) return Fail(nftables.status());
  Enforcer enforcer(*std::move(nftables), nullptr, KernelSettings(state.path() + "/settings"));
  if (const auto outcome = enforcer.Enforce(ruleset::Ruleset()); !outcome.ok()) {
    return Fail(outcome.status());
  }
  LogInfo("the rules are removed and the kernel settings are restored");
  return 0;
}

// What the local files are for; nullopt: there is a controller.
std::optional<Standalone::Options> StandaloneOptions(const Flags& flags) {
  if (flags.policy.empty()) return std::nullopt;
  return Standalone::Options{
      .paths = flags.policy,
      .host = {.name = flags.name.value_or(MachineName()), .labels = flags.labels}};
}

// Enforces local files until a signal ends it.
int RunStandalone(Agent& agent, EventLoop& loop) {
  if (absl::Status status = agent.BeginStandalone(); !status.ok()) return Fail(status);
  const sigset_t reloading = SignalsOf({SIGHUP});
  const int reload = signalfd(-1, &reloading, SFD_CLOEXEC | SFD_NONBLOCK);
  loop.Watch(reload, [&] {
    signalfd_siginfo info;
    while (read(reload, &info, sizeof info) == sizeof info) {
    }
    agent.Reload();
  });
  loop.Run();
  return 0;
}

int Run(Flags& flags) {
  absl::StatusOr<StateDirectory> state = StateDirectory::Open(flags.state_dir);
  if (!state.ok()) return Fail(state.status());
  const absl::StatusOr<SoleEnforcer> claim = SoleEnforcer::Claim();
  if (!claim.ok()) return Fail(claim.status());
  if (flags.release) return Release(*state);
  std::optional<Identity> identity = KnownIdentity(*state);

  EventLoop loop;
  const bool standalone = !flags.policy.empty();
  Agent agent({.controller = flags.controller,
               .standalone = StandaloneOptions(flags),
               .reach_timeout = absl::Seconds(flags.reach_timeout_seconds),
               .local = {.path = flags.socket, .group = flags.socket_group},
               .metrics = flags.metrics,
               .log_directories = flags.log_directories},
              *state, loop, identity);
  if (absl::Status status = agent.Protect(); !status.ok()) {
    // A policy that cannot be enforced now is no reason to be out of the controller's reach: the
    // next one may do. What cannot be opened at all is.
    LogError(absl::StrCat("enforce the policy from the disk: ", status.message()));
    if (flags.boot || absl::IsPermissionDenied(status) || !agent.CanEnforce()) return 1;
  }
  // The kernel has the rules, and every interface is elsewhere until it is proven to be not.
  if (flags.boot) return 0;

  const sigset_t signals = EndingSignals();
  const int ending = signalfd(-1, &signals, SFD_CLOEXEC);
  loop.Watch(ending, [&] { loop.Stop(); });
  if (standalone) {
    const int status = RunStandalone(agent, loop);
    agent.End();
    if (status == 0) LogInfo("ended; the rules stay in force");
    _exit(status);
  }
  absl::StatusOr<Admission> admission = DecideAdmission(flags, std::move(identity));
  if (!admission.ok()) return Fail(admission.status());
  Membership membership(flags, *state, agent, loop);
  membership.Begin(*std::move(admission));
  loop.Run();
  agent.End();
  const int status = membership.failure().ok() ? 0 : Fail(membership.failure());
  if (status == 0) LogInfo("ended; the rules stay in force");
  // gRPC's threads may be about to post to the loop, so nothing is torn down: the kernel has the
  // rules, the disk has the state, and the process has nothing else.
  _exit(status);
}

int Main(int argc, char** argv) {
  PrepareProcess();
  // Before the first thread, which then blocks them too. Without local files SIGHUP has no effect.
  const sigset_t signals = SignalsOf({SIGTERM, SIGINT, SIGHUP});
  sigprocmask(SIG_BLOCK, &signals, nullptr);

  Flags flags;
  if (const auto status = ParseCommandLine(argc, argv, flags); status.has_value()) return *status;
  return Run(flags);
}

}  // namespace
}  // namespace firebreak::agent

int main(int argc, char** argv) {
  try {
    return firebreak::agent::Main(argc, argv);
  } catch (const std::bad_alloc&) {
    firebreak::LogError("out of memory; the rules stay in force");
    return 1;
  } catch (const std::exception& error) {
    // The standard library and CLI11 throw; our own code does not.
    firebreak::LogError(error.what());
    return 1;
  }
}
