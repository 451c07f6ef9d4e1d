// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "base/status/status.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/finish_change.h"
#include "cli/verbs/local_mapping.h"
#include "cli/verbs/print.h"
#include "cli/view/mappings.h"
#include "policy/resources/ports.h"

namespace firebreak::cli {
namespace {

struct MappingOptions {
  TargetOptions target;
  std::string name;
  std::string service;
  std::string protocol;
  std::vector<std::string> ports;
  std::vector<std::string> types;
  std::vector<std::string> source_ports;
  std::vector<std::string> from;
  std::vector<std::string> from_except;
  std::vector<std::string> to;
  std::vector<std::string> to_except;
  std::string forward_to;
  std::string handshake;
  std::string limit;
  std::optional<uint32_t> burst;
  std::optional<uint32_t> connections;
  bool per_source = false;
  bool log = false;
  std::string log_rate;
  std::string description;
  std::string expires;
  bool disabled = false;
  bool block = false;
  bool reject = false;
  std::string override;
  WaitOptions wait;
  // Only with --local.
  std::string location;
  std::string unit;
  std::string reason;
  absl::Duration time;  // zero: not given
};

// Values are not checked here, because the controller checks all of them.
v1::PortMapping MappingOf(const MappingOptions& options) {
  v1::PortMapping mapping;
  const auto assign = [](const std::vector<std::string>& from, auto* to) {
    to->Assign(from.begin(), from.end());
  };
  mapping.set_name(options.name);
  mapping.set_service(options.service);
  mapping.set_protocol(options.protocol);
  assign(options.ports, mapping.mutable_ports());
  assign(options.types, mapping.mutable_types());
  assign(options.source_ports, mapping.mutable_source_ports());
  assign(options.from, mapping.mutable_from());
  assign(options.from_except, mapping.mutable_from_except());
  assign(options.to, mapping.mutable_to());
  assign(options.to_except, mapping.mutable_to_except());
  mapping.set_forward_to(options.forward_to);
  if (options.handshake == "proxy") mapping.set_handshake(v1::Handshake::proxy);
  const v1::Per::Key per = options.per_source ? v1::Per::source : v1::Per::unspecified;
  if (!options.limit.empty()) {
    mapping.mutable_limit()->set_rate(options.limit);
    mapping.mutable_limit()->set_per(per);
    if (options.burst.has_value()) mapping.mutable_limit()->set_burst(*options.burst);
  }
  if (options.connections.has_value()) {
    mapping.mutable_connections()->set_max(*options.connections);
    mapping.mutable_connections()->set_per(per);
  }
  if (options.log || !options.log_rate.empty()) mapping.set_log(true);
  mapping.set_log_rate(options.log_rate);
  mapping.set_description(options.description);
  mapping.set_expires(options.expires);
  if (options.disabled) mapping.set_enabled(false);
  if (options.block) mapping.set_action(v1::Traffic::block);
  if (options.reject) mapping.set_action(v1::Traffic::reject);
  return mapping;
}

v1::LocalMapping LocalMappingOf(const MappingOptions& options) {
  v1::LocalMapping mapping;
  *mapping.mutable_mapping() = MappingOf(options);
  mapping.set_interface(options.target.interface);
  mapping.set_location(options.location);
  mapping.set_unit(options.unit);
  mapping.set_reason(options.reason);
  mapping.set_seconds(static_cast<uint64_t>(absl::ToInt64Seconds(options.time)));
  return mapping;
}

absl::Status Add(Invocation& invocation, const MappingOptions& options) {
  v1::AddMappingRequest request;
  request.mutable_target()->set_host(options.target.host);
  request.mutable_target()->set_group(options.target.group);
  request.set_interface(options.target.interface);
  request.set_override(options.override);
  *request.mutable_mapping() = MappingOf(options);
  return FinishChange(invocation, invocation.Call(&v1::Admin::Stub::AddMapping, request),
                      options.wait);
}

absl::Status Remove(Invocation& invocation, const MappingOptions& options) {
  v1::RemoveMappingRequest request;
  request.mutable_target()->set_host(options.target.host);
  request.mutable_target()->set_group(options.target.group);
  request.set_interface(options.target.interface);
  request.set_name(options.name);
  request.set_override(options.override);
  return FinishChange(invocation, invocation.Call(&v1::Admin::Stub::RemoveMapping, request),
                      options.wait);
}

absl::Status List(Invocation& invocation, const TargetOptions& target) {
  v1::ListMappingsRequest request;
  if (!target.host.empty()) request.mutable_target()->set_host(target.host);
  if (!target.group.empty()) request.mutable_target()->set_group(target.group);
  // The argument is NAME or NAME:TYPE.
  const std::pair<std::string, std::string> interface =
      absl::StrSplit(target.interface, absl::MaxSplits(':', 1));
  request.set_interface(interface.first);
  request.set_interface_type(interface.second);
  ASSIGN_OR_RETURN(auto response, invocation.Call(&v1::Admin::Stub::ListMappings, request));
  if (invocation.format() != Format::kTable) {
    PrintDataList(invocation, response.mappings());
    return absl::OkStatus();
  }
  invocation.out() << MappingTable(response, invocation.colours());
  if (response.mappings().empty()) {
    invocation.err() << "there is no port mapping; see `firebreak mapping add --help`\n";
  }
  return absl::OkStatus();
}

// Adds the options that say which packets a mapping is about.
void AddMatch(Verb verb, const std::shared_ptr<MappingOptions>& options) {
  const Argument service = verb.Add("--service", options->service,
                                    "a service, such as ssh; instead of --protocol and --ports")
                               .Type("SERVICE");
  verb.Add("--protocol", options->protocol,
           "a protocol, by name or number, or `any`; may be left out if --ports names the protocol")
      .Type("PROTOCOL")
      .Excludes(service);
  verb.Add("--ports", options->ports,
           "ports and port ranges, such as 80,443,8000-8010; without --protocol such as "
           "tcp/53,udp/53")
      .Type("PORTS")
      .CommaSeparated()
      .OneAtATime()
      .Excludes(service);
  verb.Add("--types", options->types,
           "ICMP types, with --protocol icmp or icmpv6, such as echo-request,3/4")
      .Type("TYPES")
      .CommaSeparated()
      .OneAtATime()
      .Excludes(service);
  const auto list = [&](const char* name, std::vector<std::string>& into, const char* help,
                        const char* type) {
    verb.Add(name, into, help).Type(type).CommaSeparated().OneAtATime();
  };
  list("--source-ports", options->source_ports, "only from these source ports", "PORTS");
  list("--from", options->from,
       "only from these addresses: prefixes and ranges, such as 10.0.0.0/8,192.0.2.5-192.0.2.9",
       "PREFIXES");
  list("--from-except", options->from_except, "except from these addresses", "PREFIXES");
  list("--to", options->to,
       "only to these addresses of the host, or multicast or broadcast addresses", "PREFIXES");
  list("--to-except", options->to_except, "except to these addresses", "PREFIXES");
  const Argument limit =
      verb.Add("--limit", options->limit,
               "the mapping covers new flows up to this rate, such as 10/minute; a flow beyond it "
               "is treated as if the mapping did not exist")
          .Type("RATE");
  verb.AddNumber(
          "--burst", [options](uint32_t burst) { options->burst = burst; }, 1, 10'000,
          "with --limit: the number of flows that may come at once beyond the rate, 1 to 10,000")
      .Type("NUMBER")
      .Needs(limit);
  verb.AddNumber(
          "--connections", [options](uint32_t most) { options->connections = most; }, 1, 1'000'000,
          "the mapping covers up to NUMBER flows at the same time, 1 to 1,000,000; a flow beyond "
          "it is treated as if the mapping did not exist")
      .Type("NUMBER");
  verb.AddFlag("--per-source", options->per_source,
               "apply --limit and --connections to each source separately");
  verb.AddFlag("--log", options->log, "log each new flow that the mapping decides about");
  verb.Add("--log-rate", options->log_rate,
           "the highest rate of log records, such as 10/minute; implies --log")
      .Type("RATE");
  verb.Add("--name", options->name,
           "the name of the mapping; default: the service, or the protocol and ports")
      .Type("NAME");
}

// Adds the options of mappings that the host itself opens.
void AddLocalOptions(Verb verb, MappingOptions& options) {
  verb.Add("--reason", options.reason,
           "with --local: what the mapping is for; shown to the person who decides, and recorded "
           "in the audit trail")
      .Type("TEXT");
  AddDuration(verb, "--for", options.time, absl::Seconds(1), absl::Hours(24) * 3660,
              "with --local: how long the mapping stays open")
      .Default("until it is removed");
  verb.Add("--until-end-of", options.unit,
           "with --local: the systemd unit with which the mapping ends")
      .Type("UNIT");
  verb.Add("--at", options.location,
           "with --local: open only while the interface is at this location")
      .Type("LOCATION");
}

void RequireMatch(const MappingOptions& options) {
  if (options.unit == "process") {
    RefuseUsage("--until-end-of", "this program ends at once; name a unit, such as game.service");
  }
  if (options.service.empty() && options.protocol.empty() && options.ports.empty()) {
    RefuseMissing("--service, --protocol or --ports");
  }
  if (!options.protocol.empty()) return;
  for (const std::string& text : options.ports) {
    if (policy::ParsePorts(text).ok()) RefuseUsage("--ports", "give --protocol, or tcp/" + text);
  }
}

// Refuses options for a fleet's mappings with --local, and options for a host's own mappings
// without it.
void RequireOptionsOf(Verb verb, const Command& command) {
  constexpr const char* kOfTheFleet[] = {
      "--host",     "--group", "--forward-to", "--handshake", "--description", "--expires",
      "--disabled", "--block", "--reject",     "--override",  "--wait",        "--timeout"};
  constexpr const char* kOfTheHost[] = {"--reason", "--for", "--until-end-of", "--at"};
  for (const std::string& given : verb.GivenOptions()) {
    if (command.options.local && absl::c_linear_search(kOfTheFleet, given)) {
      RefuseUsage(given, "is for a fleet; leave it out with --local");
    }
    if (!command.options.local && absl::c_linear_search(kOfTheHost, given)) {
      RefuseUsage(given, "is for a mapping of this host's own; add --local");
    }
  }
}

// A number alone identifies a mapping that the host itself has opened.
void RefuseInterfaceOf(const Command& command, const TargetOptions& target) {
  if (command.options.local && !target.interface.empty()) {
    RefuseUsage("--interface",
                "cannot be used here with --local: the number alone identifies the mapping");
  }
}

void AddAdd(Verb noun, Command& command) {
  const Verb verb = AddVerb(
      noun, "add",
      "Open ports on a host or a group of hosts.\n\n"
      "Adds a port mapping as an edit. Edits rank above all policies. If two edits contradict each "
      "other, an edit for a host wins over an edit for a group, then an edit for an interface over "
      "an edit for all interfaces, then the newer edit. Name the traffic with --service, or with "
      "--protocol and, if the protocol has ports, --ports.\n\n"
      "With --local, as root, this host itself opens the ports if its policies permit it "
      "(`local_control`). The mapping ranks below all policies, and ends when you remove it, when "
      "its time is over, or with its unit.",
      "firebreak mapping add --host web-1 --service ssh --from 10.0.0.0/8\n"
      "firebreak mapping add --group web --protocol tcp --ports 80,443 --name pages --wait\n"
      "firebreak mapping add --host db-1 --interface eth1 --protocol udp --ports 27000-27050\n"
      "firebreak mapping add --group all --service telnet --block\n"
      "firebreak --local mapping add --ports tcp/8080 --for 1h --reason \"show it to a "
      "colleague\"");
  const auto options = std::make_shared<MappingOptions>();
  AddTarget(verb, options->target);
  AddMatch(verb, options);
  verb.Add("--forward-to", options->forward_to,
           "forward the traffic to 192.168.0.5:3389, to an address with the same port, or to "
           "another port of the host, such as :8080")
      .Type("TARGET");
  verb.Add("--handshake", options->handshake,
           "direct, or proxy: the kernel completes the TCP handshake before the program sees the "
           "connection (default direct)")
      .Type("MODE")
      .OneOf({"direct", "proxy"});
  verb.Add("--description", options->description,
           "what the mapping is for; shown wherever the mapping is shown")
      .Type("TEXT");
  verb.Add("--expires", options->expires, "when the mapping ends, such as 2027-01-31T18:00Z")
      .Type("TIME");
  verb.AddFlag("--disabled", options->disabled, "add the mapping without effect");
  verb.AddFlag("--block", options->block,
               "block the traffic, even if policies or lower edits open it");
  verb.AddFlag("--reject", options->reject, "block the traffic and send the sender an error");
  AddOverride(verb, options->override);
  AddWait(verb, options->wait);
  AddLocalOptions(verb, *options);
  verb.WhenGiven([&command, options, verb] {
    RequireOptionsOf(verb, command);
    if (!command.options.local) RequireTarget(options->target);
    RequireMatch(*options);
    if (command.options.local) {
      command.run = [options](Invocation& invocation) {
        return AddLocally(invocation, LocalMappingOf(*options), /*ask=*/false);
      };
      return;
    }
    command.run = [options](Invocation& invocation) { return Add(invocation, *options); };
  });
}

void AddRemove(Verb noun, Command& command) {
  const Verb verb = AddVerb(
      noun, "remove",
      "Remove a mapping that `mapping add` made.\n\n"
      "NAME is the name that `mapping add` gave the mapping or that `firebreak mapping list` "
      "shows. To remove a mapping of a policy, change the policy with `firebreak apply`. With "
      "--local, NAME is the number of a mapping that this host itself has opened, or of a request.",
      "firebreak mapping remove --host web-1 ssh\n"
      "firebreak --local mapping remove 7");
  const auto options = std::make_shared<MappingOptions>();
  AddTarget(verb, options->target);
  verb.Add("--name,NAME", options->name, "the name of the mapping; with --local its number")
      .Type("NAME")
      .Required();
  AddOverride(verb, options->override);
  AddWait(verb, options->wait);
  verb.WhenGiven([&command, options, verb] {
    RequireOptionsOf(verb, command);
    RefuseInterfaceOf(command, options->target);
    if (command.options.local) {
      v1::LocalMappingQuestion question;
      question.set_remove(ReadMappingNumber("NAME", options->name));
      command.run = [question](Invocation& invocation) {
        return ChangeMapping(invocation, "", question, "removed");
      };
      return;
    }
    RequireTarget(options->target);
    command.run = [options](Invocation& invocation) { return Remove(invocation, *options); };
  });
}

void AddAsk(Verb noun, Command& command) {
  const Verb verb = AddVerb(
      noun, "ask",
      "Request a mapping on this host.\n\n"
      "For users other than root, if they are members of the agent's --socket-group. The ports "
      "stay closed until an administrator grants the request, on this host or from the fleet. A "
      "request needs --reason, and --for (at most 30 days) or --until-end-of; ports below 1024 "
      "cannot be requested. The mapping ends when its time is over or when the unit ends. A "
      "request that repeats a waiting request returns the waiting request.",
      "firebreak --local mapping ask --ports udp/27015 --for 2h --reason \"a game with Bob\"");
  const auto options = std::make_shared<MappingOptions>();
  verb.Add("--interface", options->target.interface, "only this network interface").Type("IF");
  AddMatch(verb, options);
  AddLocalOptions(verb, *options);
  verb.WhenGiven([&command, options] {
    if (!command.options.local)
      RefuseUsage("--local", "is missing; a mapping is requested from the agent of this host");
    RequireMatch(*options);
    command.run = [options](Invocation& invocation) {
      return AddLocally(invocation, LocalMappingOf(*options), /*ask=*/true);
    };
  });
}

void AddList(Verb noun, Command& command) {
  const Verb verb = AddVerb(
      noun, "list",
      "List port mappings and the policies that set them.\n\n"
      "Lists the mappings of a host, of a group or of all policies, the highest first. With "
      "--interface, lists only mappings that apply to an interface with this name and type. The "
      "type of a host's interface is known; otherwise write NAME:TYPE. To see what a host lets in, "
      "with its firewall and location taken into account, use `firebreak host mappings`. With "
      "--local, lists the mappings that this host itself has opened.",
      "firebreak mapping list --host web-1\n"
      "firebreak mapping list --group laptops --interface wlan0:wireless");
  const auto target = std::make_shared<TargetOptions>();
  AddTarget(verb, *target);
  verb.WhenGiven([&command, target, verb] {
    RequireOptionsOf(verb, command);
    RefuseInterfaceOf(command, *target);
    command.run = [target, local = command.options.local](Invocation& invocation) {
      return local ? ListLocally(invocation) : List(invocation, *target);
    };
  });
}

}  // namespace

void AddMappingVerbs(Verb root, Command& command) {
  const Verb noun = AddNoun(root, "mapping", "Open and list ports for unsolicited traffic.");
  AddAdd(noun, command);
  AddAsk(noun, command);
  AddRemove(noun, command);
  AddList(noun, command);
}

}  // namespace firebreak::cli
