#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/text/escape.h"
#include "cli/ask/ask.h"
#include "cli/output/colour.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/finish_change.h"
#include "cli/verbs/print.h"
#include "cli/view/interfaces.h"

namespace firebreak::cli {
namespace {

// The agent gives a person a minute to answer.
constexpr absl::Duration kLocalTimeout = absl::Seconds(90);

struct SwitchOptions {
  TargetOptions target;
  std::string location;
  std::string reason;
  WaitOptions wait;
};

absl::Status Switch(Session& session, const SwitchOptions& options, v1::Firewall::Mode mode) {
  v1::SetSwitchRequest request;
  request.mutable_target()->set_host(options.target.host);
  request.mutable_target()->set_group(options.target.group);
  request.set_interface(options.target.interface);
  request.set_mode(mode);
  request.set_location(options.location);
  return FinishChange(session, session.Call(&v1::Admin::Stub::SetSwitch, request), options.wait);
}

void PrintSwitched(Session& session, const v1::LocalSwitchAnswer& answer) {
  for (const v1::InterfaceState& state : answer.interfaces()) {
    session.out() << Escape(state.name()) << " at " << Escape(state.location()) << ": firewall "
                  << Paint(Escape(state.firewall()), FirewallColour(state.firewall()),
                           session.colours())
                  << ", " << Escape(SetBy(state)) << "\n";
  }
}

absl::Status SwitchLocally(Session& session, const SwitchOptions& options,
                           v1::Firewall::Mode mode) {
  v1::Question question;
  v1::LocalSwitchQuestion& wanted = *question.mutable_local_switch();
  if (mode == v1::Firewall::off) wanted.set_mode(mode);
  wanted.set_interface(options.target.interface);
  wanted.set_location(options.location);
  wanted.set_reason(options.reason);
  v1::LocalSwitchAnswer answer;
  absl::Status status = Ask(session, "", question, kLocalTimeout, [&](const v1::Answer& part) {
    answer.MergeFrom(part.local_switch());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  if (!answer.refused().empty()) return absl::PermissionDeniedError(answer.refused());
  if (session.format() == Format::kTable) {
    PrintSwitched(session, answer);
  } else {
    PrintData(session, answer);
  }
  return absl::OkStatus();
}

void AddSwitch(Verb root, Command& command, const std::string& name, const std::string& description,
               v1::Firewall::Mode mode) {
  const Verb verb = AddVerb(root, name, description,
                            "firebreak " + name + " --host web-1 --wait\n" + "firebreak " + name +
                                " --group laptops --interface wlan0\n" + "firebreak " + name +
                                " --group laptops --at corp\n" + "firebreak --local " + name +
                                " --reason \"try the new printer\"");
  const auto options = std::make_shared<SwitchOptions>();
  AddTarget(verb, options->target);
  verb.Add("--at", options->location,
           "only while they are proven to be at this location, or elsewhere")
      .Type("LOCATION");
  verb.Add("--reason", options->reason, "why, for the audit trail; with --local").Type("TEXT");
  AddWait(verb, options->wait);
  verb.WhenGiven([&command, options, mode] {
    if (command.options.local) {
      if (!options->target.host.empty() || !options->target.group.empty()) {
        RefuseUsage("--local", "switches this host: leave out --host and --group");
      }
      if (options->wait.wait) RefuseUsage("--wait", "is not for --local, which always waits");
      command.run = [options, mode](Session& session) {
        return SwitchLocally(session, *options, mode);
      };
      return;
    }
    RequireTarget(options->target);
    if (!options->reason.empty()) RefuseUsage("--reason", "is for --local");
    command.run = [options, mode](Session& session) { return Switch(session, *options, mode); };
  });
}

}  // namespace

void AddSwitchVerbs(Verb root, Command& command) {
  const std::string kept =
      " The switch is kept as a policy of the highest priority (`firebreak get policies` shows "
      "it); deleting that policy leaves the matter to the others again.";
  AddSwitch(root, command, "enable",
            "Switch the firewall on for a host or a group.\n\n"
            "The firewall is on, whatever other policies say." +
                kept +
                " With --local it ends what `firebreak --local disable` began on this host: what "
                "the fleet's policy says holds again. That is always permitted.",
            v1::Firewall::on);
  AddSwitch(root, command, "disable",
            "Switch the firewall off for a host or a group.\n\n"
            "Nothing is filtered, whatever other policies say." +
                kept +
                " With --local this host's own agent is asked, controller or not, and does it if "
                "the fleet's policy lets it (`local_control`): `allow`, at once; `confirm`, once "
                "a person has agreed, whom the agent asks at the terminal from which this is run; "
                "`deny`, not at all. It holds until `firebreak --local enable`, or until the "
                "policy denies it, over restarts too. Done or refused, the controller's audit "
                "trail tells of it.",
            v1::Firewall::off);
}

}  // namespace firebreak::cli
