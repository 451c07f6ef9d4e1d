// SPDX-License-Identifier: Apache-2.0

// The questions that hosts answer, for any host of the fleet or for this one.

#include <memory>
#include <string>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/text/escape.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/print.h"
#include "cli/verbs/question.h"
#include "cli/verbs/trace.h"
#include "cli/view/catalogue.h"
#include "policy/hardening/catalogue.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"
#include "policy/resources/protocols.h"

namespace firebreak::cli {
namespace {

// The values of HostFlow.state.
constexpr const char* kFlowStates[] = {
    "none",     "syn_sent",  "syn_sent2", "syn_recv",  "established", "fin_wait", "close_wait",
    "last_ack", "time_wait", "close",     "unreplied", "replied",     "assured"};

// Returns a verb's examples. `endings` follow `firebreak host VERB HOST` or `firebreak --local
// VERB`.
std::string Examples(Scope scope, const std::string& verb,
                     std::initializer_list<const char*> endings) {
  std::string examples;
  for (const char* ending : endings) {
    absl::StrAppend(&examples, examples.empty() ? "" : "\n",
                    scope == Scope::kFleet ? absl::StrCat("firebreak host ", verb, " web-1")
                                           : absl::StrCat("firebreak --local ", verb),
                    *ending == '\0' ? "" : " ", ending);
  }
  if (scope == Scope::kFleet) absl::StrAppend(&examples, "\nfirebreak host ", verb, " --group web");
  return examples;
}

std::string Whose(Scope scope) { return scope == Scope::kFleet ? "a host's" : "this host's"; }

void AddInterfaces(Verb parent, Scope scope, Command& command) {
  const Verb verb = AddVerb(
      parent, "interfaces",
      absl::StrCat("Show ", Whose(scope),
                   " network interfaces.\n\n"
                   "Prints for each interface its type (which policies can name), its addresses, "
                   "the location that it is proven to be at, the state of the firewall and who set "
                   "it, and what proves the location or why the location is not proven."),
      Examples(scope, "interfaces", {"", "-o json"}));
  RunQuestion(verb, scope, command, AddAudience(verb, scope),
              [](Invocation& invocation, const Audience& audience) {
                v1::Question question;
                question.mutable_interfaces();
                return AskAndPrint(invocation, audience, question, InterfacesView());
              });
}

void AddMappings(Verb parent, Scope scope, Command& command) {
  const Verb verb = AddVerb(
      parent, "mappings",
      absl::StrCat("Show ", Whose(scope),
                   " effective port mappings.\n\n"
                   "Prints everything that the policies of the host open or block, merged as the "
                   "host enforces it: in the order in which the mappings decide, each with the "
                   "policy that set it. FIREWALL is the state of the firewall where the mapping "
                   "applies; where it is `off`, everything is let in."),
      Examples(scope, "mappings", {"", "--everywhere"}));
  const auto everywhere = std::make_shared<bool>(false);
  verb.AddFlag("--everywhere", *everywhere,
               "include locations where none of the host's interfaces is now");
  RunQuestion(verb, scope, command, AddAudience(verb, scope),
              [everywhere](Invocation& invocation, const Audience& audience) {
                v1::Question question;
                question.mutable_mappings()->set_everywhere(*everywhere);
                return AskAndPrint(invocation, audience, question, HostMappingsView());
              });
}

void AddFlows(Verb parent, Scope scope, Command& command) {
  const Verb verb = AddVerb(
      parent, "flows",
      absl::StrCat(
          "Show ", Whose(scope),
          " connections.\n\n"
          "Prints the kernel's connection table. The host filters the flows and sends them while "
          "it reads the table; their number is not limited. BYTES counts both directions, if the "
          "kernel counts (net.netfilter.nf_conntrack_acct). ANSWERED BY shows the target of a flow "
          "that is forwarded. An interface is named if it has an address of the flow."),
      Examples(scope, "flows",
               {"", "--protocol tcp --port 22 --state established",
                "--address 198.51.100.0/24 --limit 20"}));
  const auto filter = std::make_shared<v1::FlowsQuestion>();
  verb.Add(
          "--protocol",
          [filter](const std::string& text) {
            if (text == "icmp") return filter->set_protocol(1);
            if (text == "icmpv6") return filter->set_protocol(58);
            const absl::StatusOr<uint8_t> protocol = policy::ParseProtocol(text);
            if (!protocol.ok()) RefuseUsage("--protocol", protocol.status().message());
            filter->set_protocol(*protocol);
          },
          "only flows of this protocol, by name or number")
      .Type("P");
  verb.Add(
          "--address", [filter](const std::string& text) { filter->set_address(text); },
          "only flows with this address, or an address in this prefix, at either end")
      .Type("PREFIX");
  verb.AddNumber(
          "--port", [filter](uint32_t port) { filter->set_port(port); }, 0, 65535,
          "only flows with this port at either end, 0 to 65535")
      .Type("PORT");
  verb.Add(
          "--interface", [filter](const std::string& name) { filter->set_interface(name); },
          "only flows with an address of this interface of the host")
      .Type("IF");
  verb.Add(
          "--state",
          [filter](const std::string& text) {
            const std::string state = absl::AsciiStrToLower(text);
            if (!absl::c_linear_search(kFlowStates, state)) {
              RefuseUsage("--state", absl::StrCat("'", Escape(text), "' is none of ",
                                                  absl::StrJoin(kFlowStates, ", ")));
            }
            filter->set_state(state);
          },
          "only flows in this state")
      .Type(absl::StrJoin(kFlowStates, "|"));
  verb.AddNumber(
          "-n,--limit", [filter](uint32_t limit) { filter->set_limit(limit); }, 0, UINT32_MAX,
          "print at most N flows; default: all")
      .Type("N");
  RunQuestion(verb, scope, command, AddAudience(verb, scope),
              [filter](Invocation& invocation, const Audience& audience) {
                v1::Question question;
                *question.mutable_flows() = *filter;
                return AskAndPrint(invocation, audience, question, FlowsView());
              });
}

void AddSockets(Verb parent, Scope scope, Command& command) {
  const Verb verb = AddVerb(
      parent, "sockets",
      absl::StrCat("Compare the listening sockets of ",
                   scope == Scope::kFleet ? "a host" : "this host",
                   " with its firewall.\n\n"
                   "Prints each socket that waits for peers, with its process and systemd unit, "
                   "and a judgement. `open`: a mapping lets peers in. `closed`: the firewall lets "
                   "nobody in. `exposed`: no mapping opens the port, but no firewall keeps peers "
                   "out. `local`: the socket listens on loopback only. `idle` is the reverse: a "
                   "mapping lets peers in, but nothing listens."),
      Examples(scope, "sockets", {"", "--loopback"}));
  const auto loopback = std::make_shared<bool>(false);
  verb.AddFlag("--loopback", *loopback, "include sockets that only the host itself can reach");
  RunQuestion(verb, scope, command, AddAudience(verb, scope),
              [loopback](Invocation& invocation, const Audience& audience) {
                v1::Question question;
                question.mutable_sockets()->set_loopback(*loopback);
                return AskAndPrint(invocation, audience, question, SocketsView());
              });
}

void AddRules(Verb parent, Scope scope, Command& command) {
  const Verb verb = AddVerb(
      parent, "rules",
      absl::StrCat("Show ", Whose(scope),
                   " rules as its kernel has them now.\n\n"
                   "Reads the ruleset back from the kernel and prints it in the syntax of nft(8)."),
      Examples(scope, "rules", {"", "--elements"}));
  const auto elements = std::make_shared<bool>(false);
  verb.AddFlag("--elements", *elements,
               "print the elements of sets and maps, not only their number");
  RunQuestion(verb, scope, command, AddAudience(verb, scope),
              [elements](Invocation& invocation, const Audience& audience) {
                v1::Question question;
                question.mutable_rules()->set_elements(*elements);
                return AskAndPrint(invocation, audience, question, RulesView());
              });
}

absl::Status AskForSettings(Invocation& invocation, const Audience& audience,
                            const std::string& name) {
  v1::Question question;
  question.mutable_settings()->set_setting(name);
  return AskAndPrint(invocation, audience, question, SettingsView());
}

void AddSettings(Verb parent, Scope scope, Command& command) {
  const Verb verb =
      AddVerb(parent, "settings",
              absl::StrCat("Show ", Whose(scope),
                           " kernel settings.\n\n"
                           "Prints the settings that the firewall depends on, that hardening "
                           "guides name, or that policies ask for: the present value, the wanted "
                           "value and the policy that wants it, the value before Firebreak changed "
                           "it, the recommended value, and the reason. Changes nothing."),
              Examples(scope, "settings", {"", "--setting rp_filter", "-o yaml"}));
  const auto audience = AddAudience(verb, scope);
  const auto name = std::make_shared<std::string>();
  verb.Add("--setting", *name,
           "only the kernel settings that belong to this setting of the catalogue")
      .Type("NAME");
  RunQuestion(verb, scope, command, audience,
              [name](Invocation& invocation, const Audience& audience) {
                return AskForSettings(invocation, audience, *name);
              });
}

absl::Status ShowCatalogue(Invocation& invocation, const std::string& name) {
  const auto all = policy::HardeningCatalogue();
  const policy::HardeningSetting* const one = policy::FindHardening(name);
  if (!name.empty() && one == nullptr) {
    std::vector<std::string> names;
    for (const policy::HardeningSetting& setting : all) names.emplace_back(setting.name);
    return absl::NotFoundError(absl::StrCat("there is no setting ", policy::Quoted(name),
                                            policy::DidYouMean(name, names)));
  }
  if (invocation.format() == Format::kTable) {
    invocation.out() << (one != nullptr ? CataloguePage(*one)
                                        : CatalogueTable(all, invocation.colours()));
  } else if (one != nullptr) {
    PrintData(invocation, ToMessage(*one));
  } else {
    std::vector<v1::CatalogueSetting> messages;
    std::vector<const google::protobuf::Message*> pointers;
    for (const policy::HardeningSetting& setting : all) messages.push_back(ToMessage(setting));
    for (const v1::CatalogueSetting& message : messages) pointers.push_back(&message);
    PrintDataList(invocation, pointers);
  }
  return absl::OkStatus();
}

// With --local shows this host's settings. Without it shows the catalogue, for which no host is
// asked.
void AddLocalSettings(Verb parent, Command& command) {
  const Verb verb = AddVerb(
      parent, "settings",
      "Show the catalogue of `hardening`, or this host's settings.\n\n"
      "Without --local, prints the catalogue of TCP/IP settings that a policy can ask for, or with "
      "NAME everything about one setting. With --local, prints the kernel settings of this host: "
      "the present value, the wanted value and the policy that wants it, the value before "
      "Firebreak changed it, the recommended value, and the reason; with NAME only the kernel "
      "settings that belong to this setting of the catalogue. Changes nothing.",
      "firebreak settings\nfirebreak settings rp_filter\nfirebreak --local settings\n"
      "firebreak --local settings rp_filter");
  const auto audience = AddAudience(verb, Scope::kLocal);
  const auto name = std::make_shared<std::string>();
  verb.Add("NAME", *name, "the name of a setting of the catalogue").Type("NAME");
  verb.WhenGiven([&command, audience, name] {
    if (command.options.local) {
      command.run = [audience, name](Invocation& invocation) {
        return AskForSettings(invocation, *audience, *name);
      };
    } else {
      command.run = [name](Invocation& invocation) { return ShowCatalogue(invocation, *name); };
    }
  });
}

void AddLocalStatus(Verb parent, Command& command) {
  const Verb verb = AddVerb(parent, "status",
                            "Show the state of this host's firewall.\n\n"
                            "The agent of this host answers, whether it can reach a controller or "
                            "not. For another host, use `firebreak host status`.",
                            "firebreak --local status");
  RunQuestion(verb, Scope::kLocal, command, AddAudience(verb, Scope::kLocal),
              [](Invocation& invocation, const Audience& audience) {
                v1::Question question;
                question.mutable_status();
                return AskAndPrint(invocation, audience, question, LocalStatusView());
              });
}

}  // namespace

void AddQuestionVerbs(Verb parent, bool local, Command& command) {
  const Scope scope = local ? Scope::kLocal : Scope::kFleet;
  if (local) AddLocalStatus(parent, command);
  AddInterfaces(parent, scope, command);
  AddMappings(parent, scope, command);
  AddFlows(parent, scope, command);
  AddSockets(parent, scope, command);
  AddRules(parent, scope, command);
  if (local) {
    AddLocalSettings(parent, command);
  } else {
    AddSettings(parent, scope, command);
  }
  AddTraceVerb(parent, scope, command);
}

}  // namespace firebreak::cli
