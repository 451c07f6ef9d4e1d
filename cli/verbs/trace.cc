// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "base/text/escape.h"
#include "cli/explain/explain.h"
#include "cli/input/label.h"
#include "cli/input/packet.h"
#include "cli/input/source_files.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/print.h"
#include "cli/verbs/question.h"
#include "cli/verbs/trace.h"
#include "cli/view/answer_view.h"
#include "cli/view/trace.h"
#include "policy/resources/interface_types.h"

namespace firebreak::cli {
namespace {

void AddPacket(Verb verb, PacketOptions& packet) {
  verb.Add("--proto", packet.protocol, "the protocol: tcp, udp, icmp, gre, esp, … or a number")
      .Required()
      .Type("PROTOCOL");
  verb.Add("--from", packet.from,
           "the source address and port, [IPv6]:PORT for IPv6; default port: 40000")
      .Required()
      .Type("ADDRESS[:PORT]");
  verb.Add("--to", packet.to, "the destination address, and the port if the protocol has ports")
      .Required()
      .Type("ADDRESS[:PORT]");
  verb.Add("--flags", packet.flags,
           "the TCP flags, separated by commas: fin, syn, rst, psh, ack, urg, ece, cwr, or none")
      .Type("FLAG,…")
      .Default("syn");
  verb.Add("--type", packet.type, "the ICMP type: a number or a name such as echo-request")
      .Type("TYPE")
      .Default("echo-request");
  verb.AddNumber(
          "--code", [&packet](uint32_t code) { packet.code = code; }, 0, 255,
          "the ICMP code, 0 to 255")
      .Type("NUMBER");
  verb.Add("--user", packet.user,
           "with --out: the user who sends the packet, for mappings with `users`")
      .Type("USER");
  verb.Add("--unit", packet.unit,
           "with --out: the systemd unit of the program that sends the packet")
      .Type("UNIT");
  verb.AddFlag("--packet-socket", packet.packet_socket,
               "with --out: the program sends through a packet socket, past the IP layer");
}

v1::TraceQuestion Resolve(const PacketOptions& packet) {
  const absl::StatusOr<v1::TraceQuestion> question = ParsePacketOptions(packet);
  if (!question.ok()) RefuseUsage("packet", question.status().message());
  return *question;
}

void Show(Invocation& invocation, const v1::TraceAnswer& answer) {
  if (invocation.format() == Format::kTable) {
    invocation.out() << TracePage(answer, invocation.colours());
  } else {
    PrintData(invocation, answer);
  }
}

struct ExplainOptions {
  std::vector<std::string> files;
  std::vector<std::string> labels;
  ImaginedHost host;
  std::string interface;
  bool in = false;
  bool out = false;
  PacketOptions packet;
};

// Splits NAME or NAME:TYPE.
void ResolveInterface(ExplainOptions& options) {
  std::string name = options.interface;
  const size_t colon = name.find(':');
  if (colon != std::string::npos) {
    options.host.interface_type = name.substr(colon + 1);
    name.resize(colon);
    if (!policy::IsInterfaceType(options.host.interface_type)) {
      RefuseUsage("--interface", absl::StrCat("there is no interface type '",
                                              Escape(options.host.interface_type), "'"));
    }
  }
  if (name.empty())
    RefuseUsage("--interface", "give a name such as eth0, or a name and a type such as tun0:vpn");
  if (options.in == options.out) {
    RefuseUsage("--in", "give either --in or --out");
  }
  (options.in ? options.packet.in : options.packet.out) = name;
}

absl::Status Explain(Invocation& invocation, const ExplainOptions& options,
                     const v1::TraceQuestion& question) {
  ASSIGN_OR_RETURN(const v1::ApplyRequest read, ReadSourceFiles(options.files));
  std::vector<policy::SourceFile> files;
  for (const v1::SourceFile& file : read.files()) files.push_back({file.name(), file.text()});
  ASSIGN_OR_RETURN(const v1::TraceAnswer answer, ExplainOffline(files, options.host, question));
  Show(invocation, answer);
  return absl::OkStatus();
}

}  // namespace

void AddTraceVerb(Verb parent, Scope scope, Command& command) {
  const bool fleet = scope == Scope::kFleet;
  const std::string verb = fleet ? "firebreak host trace web-1" : "firebreak --local trace";
  const Verb trace = AddVerb(
      parent, "trace",
      absl::StrCat(
          "Show what ", fleet ? "a" : "this", " host's rules do with a packet, and why.",
          "\n\n"
          "The host evaluates the packet against the rules, interfaces, routes and connections "
          "that its kernel has now. No packet is sent. Prints the verdict and the reason; the "
          "hook, the chain and the rule that decides, as nft(8) writes them; the mapping, the "
          "policy, the location and the revision that the rule comes from; and each rule that the "
          "packet passes. The sequence numbers of a TCP segment of a known connection are assumed "
          "to be valid. Only Firebreak's own table is evaluated."),
      absl::StrCat(verb, " --in eth0 --proto tcp --from 203.0.113.9 --to 192.0.2.1:22\n", verb,
                   " --out eth0 --proto udp --from 192.0.2.1 --to 192.0.2.53:53\n", verb,
                   " --in eth0 --proto icmp --from 2001:db8::9 --to 2001:db8::1"));
  const std::shared_ptr<Audience> audience = AddAudience(trace, scope);
  const auto packet = std::make_shared<PacketOptions>();
  trace
      .Add(
          "--in", packet->in,
          "the interface where the packet comes in; also with --out, if the host routes the packet")
      .Type("INTERFACE");
  trace
      .Add("--out", packet->out,
           "the interface where the packet goes out; also with --in, if the host routes the packet")
      .Type("INTERFACE");
  AddPacket(trace, *packet);
  RunQuestion(trace, scope, command, audience,
              [packet](Invocation& invocation, const Audience& asked) {
                ASSIGN_OR_RETURN(const v1::TraceQuestion parsed, ParsePacketOptions(*packet));
                v1::Question question;
                *question.mutable_trace() = parsed;
                return AskAndPrint(invocation, asked, question, TraceView());
              });
}

void AddExplainVerb(Verb root, Command& command) {
  const Verb explain = AddVerb(
      root, "explain",
      "Show what files would do with a packet, and why.\n\n"
      "Treats the files as the whole configuration, makes the rules of a host that has the given "
      "labels and one interface, and evaluates the packet as `host trace` does. No controller and "
      "no host is asked. The host has no connections, and every address is routed through its "
      "interface.",
      "firebreak explain -f web.yaml --label role=web --interface eth0 --in --proto tcp "
      "--from 203.0.113.9 --to 192.0.2.1:443\n"
      "firebreak explain -f policies/ --location corp --interface tun0:vpn --out --proto udp "
      "--from 10.0.0.2 --to 10.0.0.53:53");
  const auto options = std::make_shared<ExplainOptions>();
  AddFiles(explain, options->files).Required();
  explain
      .Add("--label,--labels", options->labels, "a label of the host; may be given several times")
      .Type("KEY=VALUE")
      .CommaSeparated();
  explain.Add("--host", options->host.name, "the name of the host, for groups such as host:NAME")
      .Type("NAME")
      .Default(options->host.name);
  explain.Add("--location", options->host.location, "the location of the interface")
      .Type("LOCATION")
      .Default(options->host.location);
  explain
      .Add("--interface", options->interface,
           "the name of the interface, and its type unless it is ethernet")
      .Required()
      .Type("NAME[:TYPE]");
  explain.AddFlag("--in", options->in, "the packet comes in on the interface");
  explain.AddFlag("--out", options->out, "the host sends the packet on the interface");
  AddPacket(explain, options->packet);
  explain.WhenGiven([&command, options] {
    ResolveInterface(*options);
    absl::StatusOr<std::map<std::string, std::string>> labels = ParseLabels(options->labels);
    if (!labels.ok()) RefuseUsage("--label", labels.status().message());
    options->host.labels = *std::move(labels);
    const v1::TraceQuestion question = Resolve(options->packet);
    command.run = [options, question](Invocation& invocation) {
      return Explain(invocation, *options, question);
    };
  });
}

}  // namespace firebreak::cli
