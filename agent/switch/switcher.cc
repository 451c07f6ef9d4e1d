// SPDX-License-Identifier: Apache-2.0
#include "agent/switch/switcher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "agent/switch/process.h"
#include "base/log/log.h"
#include "base/time/timestamp.h"
#include "policy/merge/local_switch.h"

namespace firebreak::agent {
namespace {

constexpr size_t kMaxName = 64;
constexpr size_t kMaxReason = 256;

// Names and reasons are shown on a terminal and in the audit trail, so they are made safe here.
v1::LocalSwitch WhatIsAsked(const v1::LocalSwitchQuestion& question) {
  v1::LocalSwitch what;
  what.set_mode(question.mode());
  what.set_interface(Plain(question.interface(), kMaxName));
  what.set_location(Plain(question.location(), kMaxName));
  what.set_reason(Readable(question.reason(), kMaxReason));
  *what.mutable_at() = ToTimestamp(absl::Now());
  return what;
}

bool Enables(const v1::LocalSwitch& what) { return what.mode() == v1::Firewall::unspecified; }

std::string Describe(const v1::LocalSwitch& what) {
  return absl::StrCat(
      Enables(what) ? "the firewall as the fleet's policy says" : "the firewall off",
      what.interface().empty() ? "" : absl::StrCat(" on ", what.interface()),
      what.location().empty() ? "" : absl::StrCat(" at ", what.location()));
}

}  // namespace

void Switcher::Answer(std::shared_ptr<Reply> reply) {
  const Caller& caller = reply->caller();
  if (!caller.local) {
    return reply->Fail(absl::PermissionDeniedError(
        "this switch is the host's own; from elsewhere use `firebreak enable` and `disable`"));
  }
  Wish wish = {.reply = std::move(reply), .event = {}};
  v1::LocalSwitch& what = *wish.event.mutable_what();
  what = WhatIsAsked(wish.reply->question().local_switch());
  what.set_uid(caller.user);
  what.set_user(DescribeUser(caller.user, caller.process));
  wish.event.set_pid(static_cast<uint32_t>(caller.process));
  const absl::StatusOr<Process> process = ReadProcess(caller.process);
  if (!process.ok()) return Refuse(std::move(wish), std::string(process.status().message()));
  what.set_program(DescribeProgram(*process));

  if (!caller.may_act) return Refuse(std::move(wish), "only root may switch the firewall");
  if (absl::Status status = Check(what); !status.ok()) {
    return Refuse(std::move(wish), std::string(status.message()));
  }
  if (Enables(what)) return Do(std::move(wish));
  const policy::LocalPermission permission = keeper_.PermissionFor(what);
  switch (permission.level) {
    case v1::LocalControl::allow: return Do(std::move(wish));
    case v1::LocalControl::confirm: return Confirm(std::move(wish));
    default: return Refuse(std::move(wish), permission.reason);
  }
}

absl::Status Switcher::Check(const v1::LocalSwitch& what) const {
  if (!Enables(what) && what.mode() != v1::Firewall::off) {
    return absl::InvalidArgumentError("a host's own switch is `disable` or `enable`");
  }
  const v1::EffectivePolicy policy = keeper_.PolicyInForce();
  const bool location_known =
      what.location().empty() ||
      std::any_of(policy.locations().begin(), policy.locations().end(),
                  [&](const auto& location) { return location.name() == what.location(); });
  const std::vector<policy::Interface> interfaces = keeper_.Interfaces();
  const bool interface_known =
      what.interface().empty() ||
      std::any_of(interfaces.begin(), interfaces.end(),
                  [&](const auto& interface) { return interface.name == what.interface(); });
  // A switch can be ended even if its interface or location no longer exists.
  if (Enables(what)) return absl::OkStatus();
  if (!location_known) {
    return absl::NotFoundError(
        absl::StrCat("the fleet's policy has no location ", what.location()));
  }
  if (!interface_known) {
    return absl::NotFoundError(absl::StrCat("this host has no interface ", what.interface()));
  }
  if (keeper_.switches().items_size() >= policy::kMaxLocalSwitches) {
    return absl::ResourceExhaustedError(
        absl::StrCat(policy::kMaxLocalSwitches,
                     " switches are in force already; end them with `firebreak --local enable`"));
  }
  return absl::OkStatus();
}

std::vector<v1::InterfaceState> Switcher::Concerned(const v1::LocalSwitch& what) const {
  std::vector<v1::InterfaceState> concerned = keeper_.InterfaceStates();
  std::erase_if(concerned, [&](const v1::InterfaceState& state) {
    return !what.interface().empty() && state.name() != what.interface();
  });
  return concerned;
}

std::string Switcher::QuestionOf(const v1::LocalSwitchEvent& event) const {
  const v1::LocalSwitch& what = event.what();
  const std::string now =
      absl::StrJoin(Concerned(what), ", ", [](std::string* out, const v1::InterfaceState& state) {
        absl::StrAppend(out, state.name(), " is ", state.firewall(), " at ", state.location());
      });
  return absl::StrCat(
      "Firebreak: shall the firewall of this host be switched OFF?\n", "  where     ",
      what.interface().empty() ? "every interface" : what.interface(),
      what.location().empty() ? ", wherever it is" : absl::StrCat(", while at ", what.location()),
      "\n  effect    nothing is filtered there any more, until `firebreak --local enable`\n",
      "  now       ", Plain(now, kMaxReason), "\n", "  asked by  ", what.program(), "\n",
      "  of        ", what.user(), "\n", "  reason    ",
      what.reason().empty() ? "none given" : Plain(what.reason(), kMaxReason));
}

void Switcher::Confirm(Wish wish) {
  absl::StatusOr<Terminal> terminal =
      consent_.OpenTerminal(static_cast<pid_t>(wish.event.pid()), "switch");
  if (!terminal.ok()) return Refuse(std::move(wish), std::string(terminal.status().message()));
  wish.event.set_terminal(terminal->name);
  v1::Answer part;
  part.mutable_local_switch()->set_terminal(terminal->name);
  wish.reply->Part(std::move(part), [] {});
  consent_.Ask(*std::move(terminal), QuestionOf(wish.event), wish.reply,
               "the program that asked did not wait for the answer",
               [this, wish](const absl::Status& status) {
                 if (!status.ok()) return Refuse(wish, std::string(status.message()));
                 // The policy may have changed while the person was asked.
                 const policy::LocalPermission permission =
                     keeper_.PermissionFor(wish.event.what());
                 if (permission.level == v1::LocalControl::deny) {
                   return Refuse(wish, permission.reason);
                 }
                 Do(wish);
               });
}

void Switcher::Do(Wish wish) {
  const v1::LocalSwitch& what = wish.event.what();
  v1::LocalSwitches switches = keeper_.switches();
  if (Enables(what)) {
    if (absl::Status status = policy::EndSwitches(what, switches); !status.ok()) {
      return Refuse(std::move(wish), std::string(status.message()));
    }
  } else {
    policy::AddSwitch(what, switches);
  }
  // Enabling a firewall that is not disabled changes nothing and returns its state.
  if (!Enables(what) || switches.items_size() != keeper_.switches().items_size()) {
    v1::HostEvent event;
    *event.mutable_local_switch() = wish.event;
    // The event is written first: a switch that is not recorded must not be carried out.
    absl::Status status = events_.Keep(std::move(event));
    if (!status.ok() && !Enables(what)) {
      return Refuse(std::move(wish),
                    absl::StrCat("it cannot be recorded, and so is not done: ", status.message()));
    }
    if (!status.ok()) LogError(status.message());
    status = keeper_.SetSwitches(std::move(switches));
    if (!status.ok()) {
      return Refuse(std::move(wish),
                    absl::StrCat("it was recorded, but could not be done: ", status.message()));
    }
    LogWarning(absl::StrCat(Describe(what), ": by ", what.user(), " with ", what.program()));
  }
  v1::Answer answer;
  v1::LocalSwitchAnswer& done = *answer.mutable_local_switch();
  for (const v1::InterfaceState& state : Concerned(what)) *done.add_interfaces() = state;
  wish.reply->Last(std::move(answer));
}

void Switcher::Refuse(Wish wish, const std::string& why) {
  wish.event.set_refused(why);
  LogWarning(absl::StrCat("refused: ", Describe(wish.event.what()), ", wanted by ",
                          wish.event.what().user(), " with ", wish.event.what().program(), ": ",
                          why));
  v1::HostEvent event;
  *event.mutable_local_switch() = std::move(wish.event);
  if (absl::Status status = events_.Keep(std::move(event)); !status.ok()) {
    LogError(status.message());
  }
  v1::Answer answer;
  answer.mutable_local_switch()->set_refused(why);
  wish.reply->Last(std::move(answer));
}

}  // namespace firebreak::agent
