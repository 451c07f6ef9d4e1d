#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_split.h"
#include "base/status/status.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/finish_change.h"
#include "cli/verbs/print.h"
#include "cli/view/mappings.h"

namespace firebreak::cli {
namespace {

struct MappingOptions {
  TargetOptions target;
  std::string name;
  std::string service;
  std::string protocol;
  std::vector<std::string> ports;
  std::vector<std::string> from;
  bool block = false;
  WaitOptions wait;
};

absl::Status Add(Session& session, const MappingOptions& options) {
  v1::AddMappingRequest request;
  request.mutable_target()->set_host(options.target.host);
  request.mutable_target()->set_group(options.target.group);
  request.set_interface(options.target.interface);
  v1::PortMapping& mapping = *request.mutable_mapping();
  mapping.set_name(options.name);
  mapping.set_service(options.service);
  mapping.set_protocol(options.protocol);
  mapping.mutable_ports()->Assign(options.ports.begin(), options.ports.end());
  mapping.mutable_from()->Assign(options.from.begin(), options.from.end());
  if (options.block) mapping.set_action(v1::Traffic::block);
  return FinishChange(session, session.Call(&v1::Admin::Stub::AddMapping, request), options.wait);
}

absl::Status Remove(Session& session, const MappingOptions& options) {
  v1::RemoveMappingRequest request;
  request.mutable_target()->set_host(options.target.host);
  request.mutable_target()->set_group(options.target.group);
  request.set_interface(options.target.interface);
  request.set_name(options.name);
  return FinishChange(session, session.Call(&v1::Admin::Stub::RemoveMapping, request),
                      options.wait);
}

absl::Status List(Session& session, const TargetOptions& target) {
  v1::ListMappingsRequest request;
  if (!target.host.empty()) request.mutable_target()->set_host(target.host);
  if (!target.group.empty()) request.mutable_target()->set_group(target.group);
  // NAME, or NAME:TYPE.
  const std::pair<std::string, std::string> interface =
      absl::StrSplit(target.interface, absl::MaxSplits(':', 1));
  request.set_interface(interface.first);
  request.set_interface_type(interface.second);
  ASSIGN_OR_RETURN(auto response, session.Call(&v1::Admin::Stub::ListMappings, request));
  if (session.format() != Format::kTable) {
    PrintDataList(session, response.mappings());
    return absl::OkStatus();
  }
  session.out() << MappingTable(response, session.colours());
  if (response.mappings().empty()) {
    session.err() << "no port mapping; see `firebreak mapping add --help`\n";
  }
  return absl::OkStatus();
}

void AddAdd(Verb noun, Command& command) {
  const Verb verb = AddVerb(
      noun, "add",
      "Open ports on a host or a group of hosts.\n\n"
      "Adds one port mapping as an edit, above all policies. Of two edits that contradict each "
      "other the one for a host wins over the one for a group, then the one for an interface over "
      "the one for all, then the newer one. Either a service of the catalogue or of your own, or a "
      "protocol and, if it has "
      "ports, its ports.",
      "firebreak mapping add --host web-1 --service ssh --from 10.0.0.0/8\n"
      "firebreak mapping add --group web --protocol tcp --ports 80,443 --name pages --wait\n"
      "firebreak mapping add --host db-1 --interface eth1 --protocol udp --ports 27000-27050\n"
      "firebreak mapping add --group all --service telnet --block");
  const auto options = std::make_shared<MappingOptions>();
  AddTarget(verb, options->target);
  const Argument service =
      verb.Add("--service", options->service, "a service, as in `ssh`; or").Type("SERVICE");
  const Argument protocol =
      verb.Add("--protocol", options->protocol, "a protocol, by name or number")
          .Type("PROTOCOL")
          .Excludes(service);
  verb.Add("--ports", options->ports, "ports and ranges, as in 80,443,8000-8010")
      .Type("PORTS")
      .CommaSeparated()
      .OneAtATime()
      .Excludes(service)
      .Needs(protocol);
  verb.Add("--from", options->from, "only from these prefixes, as in 10.0.0.0/8,fd00::/8")
      .Type("PREFIXES")
      .CommaSeparated()
      .OneAtATime();
  verb.Add("--name", options->name,
           "the mapping's name; default: the service, or protocol and ports")
      .Type("NAME");
  verb.AddFlag("--block", options->block, "take away what policies and lower edits open instead");
  AddWait(verb, options->wait);
  verb.WhenGiven([&command, options] {
    RequireTarget(options->target);
    if (options->service.empty() && options->protocol.empty()) {
      RefuseMissing("--service or --protocol");
    }
    command.run = [options](Session& session) { return Add(session, *options); };
  });
}

void AddRemove(Verb noun, Command& command) {
  const Verb verb =
      AddVerb(noun, "remove",
              "Remove a mapping that `mapping add` made.\n\n"
              "The name is the one that it was given, or that `firebreak mapping list` shows. "
              "Mappings of other policies are changed with `firebreak apply`.",
              "firebreak mapping remove --host web-1 ssh");
  const auto options = std::make_shared<MappingOptions>();
  AddTarget(verb, options->target);
  verb.Add("--name,NAME", options->name, "the mapping's name").Type("NAME").Required();
  AddWait(verb, options->wait);
  verb.WhenGiven([&command, options] {
    RequireTarget(options->target);
    command.run = [options](Session& session) { return Remove(session, *options); };
  });
}

void AddList(Verb noun, Command& command) {
  const Verb verb = AddVerb(noun, "list",
                            "List port mappings and the policies that set them.\n\n"
                            "Of one host, of one group, or of every policy, the highest first; "
                            "with --interface only what holds there, by its name and by its type: "
                            "the type of a host's interface is known, else write NAME:TYPE. What "
                            "a host lets in, its firewall and its location considered, `firebreak "
                            "host mappings` tells.",
                            "firebreak mapping list --host web-1\n"
                            "firebreak mapping list --group laptops --interface wlan0:wireless");
  const auto target = std::make_shared<TargetOptions>();
  AddTarget(verb, *target);
  verb.WhenGiven([&command, target] {
    command.run = [target](Session& session) { return List(session, *target); };
  });
}

}  // namespace

void AddMappingVerbs(Verb root, Command& command) {
  const Verb noun = AddNoun(root, "mapping", "Port mappings: what unsolicited traffic is let in.");
  AddAdd(noun, command);
  AddRemove(noun, command);
  AddList(noun, command);
}

}  // namespace firebreak::cli
