// SPDX-License-Identifier: Apache-2.0

// firebreak-agent: enforces on this host what the controller says, or what local files say.

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <exception>
#include <fstream>
#include <initializer_list>
#include <map>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "agent/agent.h"
#include "agent/enforce/enforcer.h"
#include "agent/enforce/sole_enforcer.h"
#include "agent/identity/enrolment_decision.h"
#include "agent/identity/enrolment_key.h"
#include "agent/identity/identity.h"
#include "agent/loop/event_loop.h"
#include "agent/standalone/standalone.h"
#include "agent/state/state_directory.h"
#include "agent/uplink/enroller.h"
#include "base/log/log.h"
#include "base/openssl/openssl.h"
#include "base/status/errno.h"
#include "proto/endpoint/agent_socket.h"
#include "proto/endpoint/endpoint.h"
#include "proto/endpoint/token.h"
#include "proto/endpoint/version.h"

namespace firebreak::agent {
namespace {

constexpr char kDescription[] =
    R"(firebreak-agent enforces a policy on this host with nftables: that of a fleet, which comes from a
controller, or, with --policy, that of local files.

At start it enforces the last good policy from its state directory, before it talks to anybody.
Then it connects to the controller, applies what the controller sends, one nftables transaction a
revision, and answers with a receipt made from what it reads back from the kernel. After a revision
that changed rules it opens a new connection to the controller; if it cannot within the limit, it
undoes the revision by itself. When it ends, for whatever reason, the rules stay.

The first start enrols the host with a token from `firebreak token create`; the host's key is made
here and stays here. Later starts need no token. A new token is used whatever the state directory
holds: it lets a host in again that was revoked, whose certificate has expired or been replaced, or
that belonged to another fleet, and gives it the token's labels.

With --policy there is no controller. The files are what `firebreak apply` takes, and give the same
rules. They are put in force when the agent starts, if they have changed since, and on SIGHUP; until
then a change of the files is only told. `firebreak --local apply` puts them, or other files, in
force on trial: what nobody confirms within 30 s is undone. Started with --controller instead, the
host keeps its policy until the first one of its fleet is in force.)";

constexpr char kFooter[] = R"(
EXIT STATUS
  0  ended by SIGTERM or SIGINT; the rules stay in force
  1  could not start, or could not enrol: the last line on standard error says why
  2  wrong usage

FILES
  STATE-DIR/identity      the host's key and certificate (mode 0600)
  STATE-DIR/enrolment     the key that it is enrolling with (mode 0600), until it has enrolled
  STATE-DIR/policy        the last good policy, enforced at start
  STATE-DIR/policy.trial  a policy that is applied but not yet proven good
  STATE-DIR/policy.fallback  what is enforced again if the controller is lost under a policy that
                          it was reached under only with the help of older connections
  STATE-DIR/clock-was-wrong  this host has started with a clock that was behind
  STATE-DIR/controller    the address that the controller had last
  STATE-DIR/log           records that the controller does not have yet
  STATE-DIR/events        events that the controller does not have yet
  STATE-DIR/switches      what the host's own administrator has switched
  STATE-DIR/mappings      mappings that the host itself has opened, and requests for such
  STATE-DIR/revisions     with --policy: the revisions of this host's policy

ENVIRONMENT
  FIREBREAK_CONTROLLER    as --controller
  FIREBREAK_POLICY        as --policy

EXAMPLES
  firebreak-agent --controller fw.example:7443 --state-dir /var/lib/firebreak-agent \
      --token-file token
  firebreak-agent --controller fw.example:7443 --state-dir /var/lib/firebreak-agent
  firebreak-agent --boot --state-dir /var/lib/firebreak-agent
  firebreak-agent --policy /etc/firebreak/policy.d --state-dir /var/lib/firebreak-agent
)";

constexpr size_t kMaxTokenFileBytes = 4096;

struct Flags {
  std::string controller;
  std::vector<std::string> policy;
  std::map<std::string, std::string> labels;
  std::string state_dir;
  std::string token;
  std::string token_file;
  std::optional<std::string> name;
  double reach_timeout_seconds = 30;
  bool boot = false;
  bool release = false;
  std::string socket = kAgentSocketPath;
  std::string socket_group;
  std::string metrics;
  std::vector<std::string> log_directories;
};

std::string HostName() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return absl::AsciiStrToLower(name);
}

// Others may read the arguments of a process; not this one's for longer than it takes to get here.
void HideToken(int argc, char** argv, const std::string& token) {
  for (int i = 1; i < argc && !token.empty(); ++i) {
    char* const found = strstr(argv[i], token.c_str());
    if (found != nullptr) std::fill(found, found + token.size(), 'x');
  }
}

// The token that the flags name; none if they name none. Wipes the one of the command line.
absl::StatusOr<std::optional<Token>> ReadToken(Flags& flags) {
  std::string text = std::exchange(flags.token, {});
  if (!flags.token_file.empty()) {
    // Links and pipes are welcome: secrets are often handed over by them.
    errno = 0;
    std::ifstream file(flags.token_file);
    text.resize(kMaxTokenFileBytes);
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<size_t>(file.gcount()));
    if (!file && !file.eof()) {
      return ErrnoStatus("read the token file", flags.token_file);
    }
  }
  if (text.empty() && flags.token_file.empty()) return std::nullopt;
  absl::StatusOr<Token> token = DecodeToken(text);
  Wipe(text);
  if (token.ok()) return *std::move(token);
  return flags.token_file.empty()
             ? token.status()
             : absl::Status(token.status().code(), absl::StrCat("read ", flags.token_file, ": ",
                                                                token.status().message()));
}

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

// Who this host is, if it knows. A damaged file is like none: a token makes a new one.
std::optional<Identity> KnownIdentity(const StateDirectory& state) {
  absl::StatusOr<Identity> identity = ReadIdentity(state.IdentityPath());
  if (identity.ok()) return *std::move(identity);
  if (!absl::IsNotFound(identity.status())) LogError(identity.status().message());
  return std::nullopt;
}

// What the flags and the state directory say of who this host is to be.
struct Admission {
  std::optional<Identity> identity;
  std::optional<Token> token;
  EnrolmentDecision decision;
};

absl::StatusOr<Admission> DecideAdmission(Flags& flags, std::optional<Identity> identity) {
  Admission admission{.identity = std::move(identity), .token = {}, .decision = {}};
  absl::StatusOr<std::optional<Token>> token = ReadToken(flags);
  if (token.ok()) {
    admission.token = *std::move(token);
  } else if (!admission.identity.has_value()) {
    return token.status();
  } else {
    LogWarning(token.status().message(), "; this host is enrolled as ", admission.identity->name,
               " and goes on without the token");
  }
  admission.decision =
      DecideEnrolment(admission.identity, admission.token, flags.name, HostName(), absl::Now());
  const EnrolmentDecision& decision = admission.decision;
  if (decision.when != EnrolmentDecision::When::kNever) return admission;
  if (!decision.usable) {
    return absl::FailedPreconditionError(
        absl::StrCat("this host has not enrolled: ", flags.state_dir,
                     " holds no identity. Make a token with `firebreak token create` and start "
                     "with --token-file"));
  }
  if (admission.identity->name != decision.name) {
    LogWarning("--name ", decision.name, " has no effect: this host is enrolled as ",
               admission.identity->name, "; to enrol it under another name start with a new token");
  }
  if (admission.identity->not_after <= absl::Now()) {
    LogError("the host's certificate ended ", absl::FormatTime(admission.identity->not_after),
             "; start with a new token to enrol again");
  }
  return admission;
}

// Connects the agent as the host that this one is, and enrols it first or as soon as it is refused.
class Membership {
 public:
  // All three outlive it.
  Membership(const Flags& flags, const StateDirectory& state, Agent& agent, EventLoop& loop)
      : controller_(flags.controller), state_(state), agent_(agent), loop_(loop) {}

  void Begin(Admission admission) {
    admission_ = std::move(admission);
    if (admission_.decision.usable) agent_.Connect(*admission_.identity);
    if (admission_.decision.when == EnrolmentDecision::When::kNow) return Enrol();
    if (admission_.decision.when == EnrolmentDecision::When::kIfRefused) {
      agent_.OnRefused([this] { Enrol(); });
    }
  }

  // Why the loop has stopped, if it was not by a signal.
  const absl::Status& failure() const { return failure_; }

 private:
  void Enrol() {
    if (!admission_.token.has_value()) return;
    enroller_ = std::make_unique<Enroller>(
        Enroller::Options{.controller = controller_,
                          .token = *std::exchange(admission_.token, std::nullopt),
                          .name = admission_.decision.name,
                          .key_path = state_.path() + "/enrolment",
                          .proof = admission_.identity},
        loop_, [this](absl::StatusOr<Enrolled> enrolled) { OnEnrolled(std::move(enrolled)); });
  }

  void OnEnrolled(absl::StatusOr<Enrolled> enrolled) {
    enroller_.reset();
    absl::Status status = enrolled.status();
    if (status.ok()) status = WriteIdentity(state_.IdentityPath(), enrolled->identity);
    if (!status.ok()) {
      status = absl::Status(status.code(), absl::StrCat("enrol as ", admission_.decision.name, ": ",
                                                        status.message()));
      if (admission_.decision.usable) {
        LogError(status.message(), "; going on as ", admission_.identity->name);
      } else {
        failure_ = status;
        loop_.Stop();
      }
      return;
    }
    if (status = ForgetEnrolmentKey(state_.path() + "/enrolment"); !status.ok()) {
      LogWarning(status.message());
    }
    LogInfo("enrolled as ", enrolled->identity.name, ", labels ",
            enrolled->labels.empty()
                ? "none"
                : absl::StrJoin(enrolled->labels, ",", absl::PairFormatter("=")));
    if (admission_.identity.has_value()) agent_.StateWentBack();
    agent_.Connect(std::move(enrolled->identity));
  }

  const std::string controller_;
  const StateDirectory& state_;
  Agent& agent_;
  EventLoop& loop_;
  Admission admission_;
  std::unique_ptr<Enroller> enroller_;
  absl::Status failure_;
};

// Nothing of this host's agent is in the kernel then; its state stays on the disk.
int Release(const StateDirectory& state) {
  absl::StatusOr<Nftables> nftables = Nftables::Open();
  if (!nftables.ok()) return Fail(nftables.status());
  Enforcer enforcer(*std::move(nftables), nullptr, KernelSettings(state.path() + "/settings"));
  if (const auto outcome = enforcer.Enforce(ruleset::Ruleset()); !outcome.ok()) {
    return Fail(outcome.status());
  }
  LogInfo("the rules are gone, and the kernel's settings are what was found");
  return 0;
}

// What the local files are for; nullopt: there is a controller.
std::optional<Standalone::Options> StandaloneOptions(const Flags& flags) {
  if (flags.policy.empty()) return std::nullopt;
  return Standalone::Options{
      .paths = flags.policy,
      .host = {.name = flags.name.value_or(HostName()), .labels = flags.labels}};
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
  CLI::App app(kDescription, "firebreak-agent");
  app.footer(kFooter);
  app.set_version_flag("--version", kVersion);
  auto* controller =
      app.add_option("--controller", flags.controller, "The controller's address, HOST:PORT")
          ->type_name("HOST:PORT")
          ->envname("FIREBREAK_CONTROLLER");
  auto* policy =
      app.add_option("--policy", flags.policy,
                     "File with the policy of a host that has no controller, or a directory with "
                     "*.yaml, *.yml and *.json files; may be given several times")
          ->type_name("FILE|DIR")
          ->envname("FIREBREAK_POLICY")
          ->allow_extra_args(false)
          ->excludes(controller);
  app.add_option_function<std::vector<std::string>>(
         "--label",
         [&flags](const std::vector<std::string>& labels) {
           for (const std::string& label : labels) {
             const size_t equals = label.find('=');
             if (equals == 0 || equals == std::string::npos) {
               throw CLI::ValidationError("--label", label + " is not KEY=VALUE");
             }
             flags.labels[label.substr(0, equals)] = label.substr(equals + 1);
           }
         },
         "With --policy: a label of this host, by which groups select it; may be given several "
         "times")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->needs(policy);
  app.add_flag("--boot", flags.boot,
               "Enforce the policy from the state directory and leave, as is to be done before "
               "the network comes up");
  app.add_flag(
      "--release", flags.release,
      "Take the rules away, give back the kernel's settings as they were found, and leave, "
      "as is to be done before Firebreak is removed");
  app.add_option("--state-dir", flags.state_dir,
                 "Where identity and policy are kept; made if need be, mode 0700")
      ->required()
      ->type_name("DIR");
  auto* token = app.add_option("--token", flags.token,
                               "Enrolment token; better --token-file, as arguments can be seen")
                    ->type_name("TOKEN")
                    ->excludes(policy);
  app.add_option("--token-file", flags.token_file, "File that holds the enrolment token")
      ->type_name("FILE")
      ->excludes(token)
      ->excludes(policy);
  app.add_option("--name", flags.name,
                 "The name to enrol under; the one that the host has, or its own, if left out")
      ->type_name("NAME");
  app.add_option("--reach-timeout", flags.reach_timeout_seconds,
                 "Time within which a new connection to the controller must succeed after a "
                 "revision, or it is undone")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  app.add_option("--socket", flags.socket,
                 "Where `firebreak --local` on this host asks; \"\": nowhere")
      ->type_name("PATH")
      ->capture_default_str();
  app.add_option("--socket-group", flags.socket_group,
                 "Group whose members may ask there, each question for at most 60 s, and change "
                 "nothing; else root only")
      ->type_name("GROUP");
  app.add_option("--metrics", flags.metrics,
                 "Serve metrics to Prometheus at http://ADDRESS:PORT/metrics, 127.0.0.1:9466 say; "
                 "loopback only; nowhere if left out")
      ->type_name("ADDRESS:PORT");
  app.add_option("--log-dir", flags.log_directories,
                 "Below which a policy may have this host's log file (logging.file); may be given "
                 "several times. In the first is the file of a policy that names none (default: "
                 "/var/log/firebreak)")
      ->type_name("DIR")
      ->allow_extra_args(false);
  try {
    app.parse(argc, argv);
    if (flags.log_directories.empty()) flags.log_directories = {"/var/log/firebreak"};
    if (!flags.boot && !flags.release && controller->count() == 0 && policy->count() == 0)
      throw CLI::RequiredError("--controller or --policy");
    // Before the network there is none to be asked, and the files may not be there yet.
    if (flags.boot || flags.release) flags.policy.clear();
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  HideToken(argc, argv, flags.token);
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
