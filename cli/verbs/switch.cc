#include <memory>
#include <string>

#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/finish_change.h"

namespace firebreak::cli {
namespace {

struct SwitchOptions {
  TargetOptions target;
  std::string location;
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

void AddSwitch(CLI::App& root, Command& command, const std::string& name,
               const std::string& description, v1::Firewall::Mode mode) {
  CLI::App* verb = AddVerb(root, name, description,
                           "firebreak " + name + " --host web-1 --wait\n" + "firebreak " + name +
                               " --group laptops --interface wlan0\n" + "firebreak " + name +
                               " --group laptops --at corp");
  const auto options = std::make_shared<SwitchOptions>();
  AddTarget(*verb, options->target);
  verb->add_option("--at", options->location,
                   "only while they are proven to be at this location, or elsewhere")
      ->type_name("LOCATION");
  AddWait(*verb, options->wait);
  verb->callback([&command, options, mode] {
    RequireTarget(options->target);
    command.run = [options, mode](Session& session) { return Switch(session, *options, mode); };
  });
}

}  // namespace

void AddSwitchVerbs(CLI::App& root, Command& command) {
  const std::string kept =
      " The switch is kept as a policy of the highest priority (`firebreak get policies` shows "
      "it); deleting that policy leaves the matter to the others again.";
  AddSwitch(root, command, "enable",
            "Switch the firewall on for a host or a group.\n\n"
            "The firewall is on, whatever other policies say." +
                kept,
            v1::Firewall::on);
  AddSwitch(root, command, "disable",
            "Switch the firewall off for a host or a group.\n\n"
            "Nothing is filtered, whatever other policies say." +
                kept,
            v1::Firewall::off);
}

}  // namespace firebreak::cli
