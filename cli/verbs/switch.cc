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
    "Of two edits that contradict each other the one for a host wins over the one for a group, "
    "then the one for an interface over the one for all, then the one for a location over the one "
    "for any, then the newer one; all of them stand above all policies.";

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
  if (switches.empty()) invocation.err() << "nothing is switched by hand\n";
  return absl::OkStatus();
}

// Adds the options and the callback of a verb that switches to `mode`; unspecified ends switches.
void AddSwitch(Verb verb, Command& command, v1::Firewall::Mode mode) {
  const auto options = std::make_shared<SwitchOptions>();
  AddTarget(verb, options->target);
  verb.Add("--at", options->location,
           "only while they are proven to be at this location, or elsewhere")
      .Type("LOCATION");
  verb.Add("--reason", options->reason, "why, for the audit trail; with --local").Type("TEXT");
  AddOverride(verb, options->override);
  const auto wait = std::make_shared<bool>(false);
  verb.AddFlag("--wait", *wait, "as it is without it: wait for the hosts, and say what holds");
  verb.AddFlag("--no-wait", options->no_wait,
               "do not wait for the hosts, nor say what holds on them");
  AddTimeout(verb, options->wait);
  verb.WhenGiven([&command, options, wait, mode] {
    if (*wait && (options->no_wait || command.options.local)) {
      RefuseUsage("--wait", "is not for --local, which always waits, nor with --no-wait");
    }
    if (command.options.local) {
      if (!options->target.host.empty() || !options->target.group.empty()) {
        RefuseUsage("--local", "switches this host: leave out --host and --group");
      }
      if (!options->override.empty()) {
        RefuseUsage("--override", "is for the fleet's invariants; leave it out with --local");
      }
      command.run = [options, mode](Invocation& invocation) {
        return SwitchLocally(invocation, {mode, options->target.interface, options->location},
                             options->reason);
      };
      return;
    }
    RequireTarget(options->target);
    if (!options->reason.empty()) RefuseUsage("--reason", "is for --local");
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
      std::string(" The switch is kept as an edit until `firebreak switch clear` ends it. ") +
      kOrder +
      " Goes to all hosts at once, whatever the fleet's strategy for rollouts. Waits for the hosts "
      "that are online, prints what holds on each of them now, and exits 1 if "
      "that is not what was asked for on each host of the target, with who stands against it.";
  AddSwitch(AddVerb(root, "enable",
                    "Switch the firewall on for a host or a group.\n\n"
                    "The firewall is on, whatever policies say." +
                        kept +
                        " With --local it ends what `firebreak --local disable` began on this "
                        "host, which is always permitted, and exits 1 if the fleet then says that "
                        "the firewall is not on.",
                    Examples("enable")),
            command, v1::Firewall::on);
  AddSwitch(
      AddVerb(root, "disable",
              "Switch the firewall off for a host or a group.\n\n"
              "Nothing is filtered, whatever policies say." +
                  kept +
                  " With --local this host's own agent is asked, controller or not, and does it if "
                  "the fleet's policy lets it (`local_control`): `allow`, at once; `confirm`, once "
                  "a person has agreed, whom the agent asks at the terminal from which this is "
                  "run; `deny`, not at all. It holds until `firebreak --local enable`, or until "
                  "the policy denies it, over restarts too. Done or refused, the controller's "
                  "audit trail tells of it.",
              Examples("disable") + " --reason \"try the new printer\""),
      command, v1::Firewall::off);

  const Verb noun = AddNoun(root, "switch", "What `enable` and `disable` have switched.");
  AddSwitch(AddVerb(noun, "clear",
                    "End switches: what the policies say holds again.\n\n"
                    "Ends all that `enable` and `disable` have switched for this host or this "
                    "group; with --interface or --at only what was switched for exactly that "
                    "interface or location. A host keeps what was switched for its groups, and a "
                    "group's hosts keep what was switched for each of them. Prints what holds on "
                    "each host now. With --local it ends what was switched on this host itself.",
                    Examples("switch clear")),
            command, v1::Firewall::unspecified);
  const Verb list = AddVerb(
      noun, "list", std::string("List what is switched by hand, the highest first.\n\n") + kOrder,
      "firebreak switch list");
  list.WhenGiven([&command] { command.run = ListSwitches; });
}

}  // namespace firebreak::cli
