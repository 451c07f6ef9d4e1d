// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vector>

#include "base/status/status.h"
#include "cli/ask/ask.h"
#include "cli/ask/group.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/finish_change.h"
#include "cli/verbs/local_switch.h"
#include "cli/verbs/print.h"
#include "cli/view/answer_view.h"
#include "cli/view/edits.h"
#include "cli/view/switch_outcome.h"

namespace firebreak::cli {
namespace {

constexpr char kOrder[] =
    "If two edits contradict each other, an edit for a host wins over an edit for a group, then an "
    "edit for an interface over an edit for all interfaces, then an edit for a location over an "
    "edit for any location, then the newer edit. All edits rank above all policies.";

struct SwitchOptions {
  TargetOptions target;
  std::string location;
  std::string reason;
  std::string override;
  bool no_wait = false;
  WaitOptions wait = {.wait = true};
};

absl::StatusOr<std::vector<v1::Edit>> ReadSwitches(Invocation& invocation) {
  v1::GetResourcesRequest request;
  request.set_kind("edit");
  ASSIGN_OR_RETURN(const auto response, invocation.Call(&v1::Admin::Stub::GetResources, request));
  return SwitchesIn(response.resources());
}

// Asks each host that the switch is for about its present state.
absl::StatusOr<std::vector<v1::HostFirewall>> AskWhatHolds(Invocation& invocation,
                                                           const TargetOptions& target,
                                                           const WantedSwitch& wanted) {
  ASSIGN_OR_RETURN(const std::vector<v1::Edit> edits, ReadSwitches(invocation));
  std::vector<v1::HostFirewall> hosts;
  const auto take = [&](const std::string& host, const absl::StatusOr<v1::Answer>& answer) {
    std::vector<v1::InterfaceState> states;
    if (answer.ok()) {
      for (const v1::InterfaceReport& report : answer->interfaces().interfaces()) {
        // The loopback interface has no firewall.
        if (report.interface().type() == "loopback") continue;
        v1::InterfaceState& state = states.emplace_back(report.state());
        state.set_name(report.interface().name());
      }
      hosts.push_back(WhatHolds(host, states, wanted, edits));
    } else {
      v1::HostFirewall& silent = hosts.emplace_back();
      silent.set_host(host);
      silent.set_error(std::string(answer.status().message()));
    }
  };
  v1::Question question;
  question.mutable_interfaces();
  if (target.host.empty()) {
    RETURN_IF_ERROR(AskHostsOf(invocation, target.group, question, kAnswerTimeout, take));
    return hosts;
  }
  v1::Answer whole;
  const absl::Status status =
      Ask(invocation, target.host, question, kAnswerTimeout, [&](const v1::Answer& part) {
        Merge(part, whole);
        return absl::OkStatus();
      });
  take(target.host, status.ok() ? absl::StatusOr<v1::Answer>(whole) : status);
  return hosts;
}

absl::Status Switch(Invocation& invocation, const SwitchOptions& options, v1::Firewall::Mode mode) {
  v1::SetSwitchRequest request;
  request.mutable_target()->set_host(options.target.host);
  request.mutable_target()->set_group(options.target.group);
  request.set_interface(options.target.interface);
  request.set_mode(mode);
  request.set_location(options.location);
  request.set_override(options.override);
  ASSIGN_OR_RETURN(const auto response, invocation.Call(&v1::Admin::Stub::SetSwitch, request));
  if (options.no_wait) return FinishChange(invocation, response, {});
  FinishedChange change = AwaitChange(invocation, response, options.wait);
  const WantedSwitch wanted = {mode, options.target.interface, options.location};
  const auto hosts = AskWhatHolds(invocation, options.target, wanted);
  if (hosts.ok()) {
    for (const v1::HostFirewall& host : *hosts) *change.report.add_hosts() = host;
    if (invocation.format() == Format::kTable) {
      invocation.out() << HostFirewallTable(*hosts, invocation.colours()) << std::flush;
    }
  }
  if (change.outcome.ok()) {
    change.outcome = hosts.ok() ? SwitchOutcome(*hosts, wanted) : hosts.status();
  }
  return PrintChange(invocation, change);
}

absl::Status ListSwitches(Invocation& invocation) {
  ASSIGN_OR_RETURN(const std::vector<v1::Edit> switches, ReadSwitches(invocation));
  if (invocation.format() != Format::kTable) {
    std::vector<const google::protobuf::Message*> messages;
    for (const v1::Edit& edit : switches) messages.push_back(&edit);
    PrintDataList(invocation, messages);
    return absl::OkStatus();
  }
  invocation.out() << SwitchTable(switches, invocation.colours());
  if (switches.empty()) invocation.err() << "no firewall is switched by hand\n";
  return absl::OkStatus();
}

// Adds the options and the callback of a verb that switches to `mode`; unspecified ends switches.
void AddSwitch(Verb verb, Command& command, v1::Firewall::Mode mode) {
  const auto options = std::make_shared<SwitchOptions>();
  AddTarget(verb, options->target);
  verb.Add("--at", options->location,
           "only while the interface is at this location; `elsewhere` is any place that proves no "
           "location")
      .Type("LOCATION");
  verb.Add("--reason", options->reason, "with --local: the reason, recorded in the audit trail")
      .Type("TEXT");
  AddOverride(verb, options->override);
  const auto wait = std::make_shared<bool>(false);
  verb.AddFlag("--wait", *wait, "wait for the hosts and print their firewall (the default)");
  verb.AddFlag("--no-wait", options->no_wait,
               "neither wait for the hosts nor print their firewall");
  AddTimeout(verb, options->wait);
  verb.WhenGiven([&command, options, wait, mode] {
    if (*wait && (options->no_wait || command.options.local)) {
      RefuseUsage("--wait", "cannot be used with --local, which always waits, or with --no-wait");
    }
    if (command.options.local) {
      if (!options->target.host.empty() || !options->target.group.empty()) {
        RefuseUsage("--local", "switches this host; leave out --host and --group");
      }
      if (!options->override.empty()) {
        RefuseUsage("--override", "is for the invariants of a fleet; leave it out with --local");
      }
      command.run = [options, mode](Invocation& invocation) {
        return SwitchLocally(invocation, {mode, options->target.interface, options->location},
                             options->reason);
      };
      return;
    }
    RequireTarget(options->target);
    if (!options->reason.empty()) RefuseUsage("--reason", "is only for --local");
    command.run = [options, mode](Invocation& invocation) {
      return Switch(invocation, *options, mode);
    };
  });
}

std::string Examples(const std::string& verb) {
  return "firebreak " + verb + " --host web-1\n" + "firebreak " + verb +
         " --group laptops --interface wlan0\n" + "firebreak " + verb +
         " --group laptops --at corp\n" + "firebreak --local " + verb;
}

}  // namespace

void AddSwitchVerbs(Verb root, Command& command) {
  const std::string kept =
      std::string(
          " The switch is stored as an edit and holds until `firebreak switch clear` ends it. ") +
      kOrder +
      " The change goes to all hosts at once, without waves. Waits for the hosts that are online "
      "and prints the state of the firewall on each host of the target. The exit status is 1 if "
      "the firewall of a host is not in the wanted state; the output then names the edit or "
      "setting that prevails.";
  AddSwitch(AddVerb(root, "enable",
                    "Switch the firewall on for a host or a group.\n\n"
                    "Switches the firewall on, whatever the policies say." +
                        kept +
                        " With --local, ends what `firebreak --local disable` began on this host; "
                        "this is always permitted. The exit status is then 1 if the configuration "
                        "of the fleet keeps the firewall from being on.",
                    Examples("enable")),
            command, v1::Firewall::on);
  AddSwitch(
      AddVerb(
          root, "disable",
          "Switch the firewall off for a host or a group.\n\n"
          "Filters nothing, whatever the policies say." +
              kept +
              " With --local, the agent of this host switches the firewall off, with or without a "
              "controller, if the policy of the fleet permits it (`local_control`). With `allow`, "
              "the agent does so at once. With `confirm`, it first asks at the terminal where this "
              "command runs. With `deny`, it refuses. The switch holds, also after a restart, "
              "until `firebreak --local enable` or until the policy denies it. The audit trail of "
              "the controller records the switch, even a refused one.",
          Examples("disable") + " --reason \"try the new printer\""),
      command, v1::Firewall::off);

  const Verb noun =
      AddNoun(root, "switch", "List and end what `enable` and `disable` have switched.");
  AddSwitch(
      AddVerb(
          noun, "clear",
          "End switches, so that the policies decide again.\n\n"
          "Ends everything that `enable` and `disable` have switched for this host or this group; "
          "with --interface or --at, only what they have switched for exactly this interface or "
          "location. A switch for a group stays in force on its hosts if you clear a host, and a "
          "switch for a host stays in force if you clear its group. Prints the state of the "
          "firewall on each host. With --local, ends what was switched on this host itself.",
          Examples("switch clear")),
      command, v1::Firewall::unspecified);
  const Verb list = AddVerb(
      noun, "list", std::string("List what is switched by hand, the highest first.\n\n") + kOrder,
      "firebreak switch list");
  list.WhenGiven([&command] { command.run = ListSwitches; });
}

}  // namespace firebreak::cli
