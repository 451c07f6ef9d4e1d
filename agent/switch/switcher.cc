// SPDX-License-Identifier: Apache-2.0
#include "agent/switch/switcher.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "agent/switch/process.h"
#include "agent/switch/switch_question.h"
#include "agent/switch/wanted_switch.h"
#include "base/log/log.h"
#include "base/time/timestamp.h"
#include "policy/merge/local_switch.h"

namespace firebreak::agent {
namespace {

constexpr char kBridged[] = "bridged";  // in InterfaceState.firewall
constexpr char kNobodyWaits[] = "the program that asked did not wait for the answer";

// What is switched, and where.
std::string Described(const v1::LocalSwitch& what) {
  return absl::StrCat(policy::DescribeSwitch(what),
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
  what = WantedSwitch(wish.reply->question().local_switch());
  *what.mutable_at() = ToTimestamp(absl::Now());
  what.set_uid(caller.user);
  what.set_user(DescribeUser(caller.user, caller.process));
  wish.event.set_pid(static_cast<uint32_t>(caller.process));
  const absl::StatusOr<Process> process = ReadProcess(caller.process);
  if (!process.ok()) return Refuse(std::move(wish), std::string(process.status().message()));
  what.set_program(DescribeProgram(*process));

  if (!caller.may_act) return Refuse(std::move(wish), "only root may switch the firewall");
  absl::Status status = CheckWantedSwitch(wish.reply->question().local_switch());
  status.Update(Check(what));
  if (!status.ok()) return Refuse(std::move(wish), std::string(status.message()));
  if (policy::LeavesToPolicy(what)) return Do(std::move(wish));
  const policy::LocalPermission permission = keeper_.PermissionFor(what);
  switch (permission.level) {
    case v1::LocalControl::allow: return Do(std::move(wish));
    case v1::LocalControl::confirm: return Confirm(std::move(wish));
    default: return Refuse(std::move(wish), permission.reason);
  }
}

absl::Status Switcher::Check(const v1::LocalSwitch& what) const {
  // A switch can be ended even if its interface or location no longer exists.
  if (policy::LeavesToPolicy(what)) return absl::OkStatus();
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
  if (!location_known) {
    return absl::NotFoundError(
        absl::StrCat("the fleet's policy has no location ", what.location()));
  }
  if (!interface_known) {
    return absl::NotFoundError(absl::StrCat("this host has no interface ", what.interface()));
  }
  const std::vector<v1::InterfaceState> concerned = Concerned(what);
  if (what.has_icmp() && concerned.size() == 1 && concerned.front().firewall() == kBridged) {
    return absl::FailedPreconditionError(
        absl::StrCat(what.interface(),
                     " is a port of a bridge: what it carries is judged where it "
                     "reaches this host, at the bridge itself"));
  }
  if (keeper_.switches().items_size() >= policy::kMaxLocalSwitches) {
    return absl::ResourceExhaustedError(
        absl::StrCat(policy::kMaxLocalSwitches,
                     " switches are in force already; end them with `firebreak --local enable` or "
                     "`option clear`"));
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

void Switcher::Confirm(Wish wish) {
  absl::StatusOr<Terminal> terminal =
      consent_.OpenTerminal(static_cast<pid_t>(wish.event.pid()), "switch");
  if (!terminal.ok()) return Refuse(std::move(wish), std::string(terminal.status().message()));
  wish.event.set_terminal(terminal->name);
  v1::Answer part;
  part.mutable_local_switch()->set_terminal(terminal->name);
  wish.reply->Part(std::move(part), [] {});
  consent_.Ask(
      *std::move(terminal), SwitchQuestion(wish.event.what(), Concerned(wish.event.what())),
      wish.reply, kNobodyWaits, [this, wish](const absl::Status& status) {
        if (!status.ok()) return Refuse(wish, std::string(status.message()));
        // The policy may have changed while the person was asked.
        const policy::LocalPermission permission = keeper_.PermissionFor(wish.event.what());
        if (permission.level == v1::LocalControl::deny) {
          return Refuse(wish, permission.reason);
        }
        Do(wish);
      });
}

void Switcher::Do(Wish wish) {
  const v1::LocalSwitch& what = wish.event.what();
  const bool leaves = policy::LeavesToPolicy(what);
  v1::LocalSwitches switches = keeper_.switches();
  if (leaves) {
    if (absl::Status status = policy::EndSwitches(what, switches); !status.ok()) {
      return Refuse(std::move(wish), std::string(status.message()));
    }
  } else {
    policy::AddSwitch(what, switches);
  }
  // Ending what is not switched changes nothing and returns the state.
  if (!leaves || switches.items_size() != keeper_.switches().items_size()) {
    // The event is written first: a switch that is not recorded must not be carried out.
    absl::Status status = events_.Keep(SwitchEventOf(wish.event));
    if (!status.ok() && !leaves) {
      return Refuse(std::move(wish),
                    absl::StrCat("it cannot be recorded, and so is not done: ", status.message()));
    }
    if (!status.ok()) LogError(status.message());
    status = keeper_.SetSwitches(std::move(switches));
    if (!status.ok()) {
      return Refuse(std::move(wish),
                    absl::StrCat("it was recorded, but could not be done: ", status.message()));
    }
    LogWarning(absl::StrCat(Described(what), ": by ", what.user(), " with ", what.program()));
  }
  v1::Answer answer;
  v1::LocalSwitchAnswer& done = *answer.mutable_local_switch();
  for (const v1::InterfaceState& state : Concerned(what)) *done.add_interfaces() = state;
  for (const v1::LocalSwitch& option : keeper_.Options()) *done.add_options() = option;
  wish.reply->Last(std::move(answer));
}

void Switcher::Refuse(Wish wish, const std::string& why) {
  if (records_.Take(wish.reply->caller(), absl::Now())) {
    wish.event.set_refused(why);
    LogWarning(absl::StrCat("refused: ", Described(wish.event.what()), ", wanted by ",
                            wish.event.what().user(), " with ", wish.event.what().program(), ": ",
                            why));
    if (absl::Status status = events_.Keep(SwitchEventOf(std::move(wish.event))); !status.ok()) {
      LogError(status.message());
    }
  }
  v1::Answer answer;
  answer.mutable_local_switch()->set_refused(why);
  wish.reply->Last(std::move(answer));
}

}  // namespace firebreak::agent
