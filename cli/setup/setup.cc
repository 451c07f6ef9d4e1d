// SPDX-License-Identifier: Apache-2.0
#include "cli/setup/setup.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "base/address/address.h"
#include "policy/resources/prefix.h"
#include "policy/resources/write.h"

namespace firebreak::cli {
namespace {

constexpr std::pair<Attachment, const char*> kNames[] = {{Attachment::kInternet, "internet"},
                                                         {Attachment::kRouter, "router"},
                                                         {Attachment::kShares, "shares"},
                                                         {Attachment::kLaptop, "laptop"},
                                                         {Attachment::kServer, "server"}};

bool Within(const std::string& address, const std::string& prefix) {
  const auto outer = policy::ParsePrefix(prefix);
  return outer.ok() && policy::Contains(*outer, AddressOfPrefix(address));
}

// Returns the network of an address such as "192.0.2.5/24"; empty if no other host can be in it.
std::string NetworkOf(const std::string& address) {
  const std::string bytes = AddressOfPrefix(address);
  const int most = static_cast<int>(bytes.size()) * 8;
  const size_t slash = address.find('/');
  int length = 0;
  if (slash == std::string::npos || !absl::SimpleAtoi(address.substr(slash + 1), &length) ||
      length < 0 || length >= most) {
    return "";
  }
  return policy::PrefixText(policy::PrefixAround(bytes, length));
}

bool IsPrivate(const std::string& address) {
  for (const char* prefix : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
                             "169.254.0.0/16", "fc00::/7", "fe80::/10"}) {
    if (Within(address, prefix)) return true;
  }
  return false;
}

// Returns the networks that this host is in, without link-local ones.
std::vector<std::string> NetworksOf(const SetupFacts& facts) {
  std::set<std::string> networks;
  for (const SetupFacts::Interface& interface : facts.interfaces) {
    for (const std::string& address : interface.addresses) {
      const std::string network = NetworkOf(address);
      if (!network.empty() && !Within(address, "fe80::/10")) networks.insert(network);
    }
  }
  return {networks.begin(), networks.end()};
}

std::string OwnTraffic(const OwnConnection& own) { return absl::StrCat("tcp/", own.local_port); }

}  // namespace

std::string AttachmentName(Attachment attachment) {
  for (const auto& [value, name] : kNames) {
    if (value == attachment) return name;
  }
  return "";
}

std::optional<Attachment> ParseAttachment(absl::string_view text) {
  for (const auto& [value, name] : kNames) {
    if (text == name) return value;
  }
  return std::nullopt;
}

std::string DescribeAttachment(Attachment attachment) {
  switch (attachment) {
    case Attachment::kInternet: return "it is directly on the Internet";
    case Attachment::kRouter: return "it is behind a router, at home or in an office";
    case Attachment::kShares: return "it shares its connection with other machines";
    case Attachment::kLaptop: return "it is a laptop that moves between networks";
    case Attachment::kServer: return "it is a server: others use its services";
  }
  return "";
}

SetupFacts FactsOf(const v1::InterfacesAnswer& interfaces, const v1::SocketsAnswer& sockets,
                   const v1::StatusAnswer& status, std::optional<OwnConnection> own) {
  SetupFacts facts;
  facts.own = std::move(own);
  facts.forwards = status.facts().forwards_ipv4() || status.facts().forwards_ipv6();
  facts.conflicts.assign(status.facts().conflicts().begin(), status.facts().conflicts().end());
  for (const v1::InterfaceReport& report : interfaces.interfaces()) {
    if (report.interface().type() == "loopback") continue;
    facts.interfaces.push_back({.name = report.interface().name(),
                                .type = report.interface().type(),
                                .leads_out = !report.network().gateways().empty(),
                                .addresses = {report.interface().addresses().begin(),
                                              report.interface().addresses().end()}});
  }
  std::set<std::string> seen;
  for (const v1::HostSocket& socket : sockets.sockets()) {
    const bool listens = socket.judgement() == "open" || socket.judgement() == "closed" ||
                         socket.judgement() == "exposed";
    const bool named = std::all_of(socket.protocol().begin(), socket.protocol().end(),
                                   [](unsigned char c) { return absl::ascii_isalnum(c); });
    if (!listens || !named || socket.port() == 0) continue;
    const std::string traffic = absl::StrCat(socket.protocol(), "/", socket.port());
    if (!seen.insert(traffic).second) continue;
    facts.listeners.push_back({.traffic = traffic, .program = socket.process()});
  }
  if (facts.own.has_value()) {
    const std::string own_traffic = OwnTraffic(*facts.own);
    if (seen.insert(own_traffic).second) facts.listeners.push_back({own_traffic, ""});
    std::stable_partition(facts.listeners.begin(), facts.listeners.end(),
                          [&](const auto& one) { return one.traffic == own_traffic; });
  }
  return facts;
}

std::optional<OwnConnection> OwnConnectionTo(const v1::InterfacesAnswer& interfaces,
                                             std::optional<OwnConnection> own) {
  if (!own.has_value()) return std::nullopt;
  const std::string local = AddressOfPrefix(own->local);
  for (const v1::InterfaceReport& report : interfaces.interfaces()) {
    for (const std::string& address : report.interface().addresses()) {
      if (!local.empty() && AddressOfPrefix(address) == local) return own;
    }
  }
  return std::nullopt;
}

std::string ImporterOf(absl::string_view conflict) {
  if (conflict == "ufw" || conflict == "firewalld") return std::string(conflict);
  if (conflict == "iptables-legacy") return "iptables";
  return conflict == "nftables" ? "nft" : "";
}

std::set<std::string> ImportableIn(const SetupFacts& facts) {
  std::set<std::string> importable;
  for (const v1::Conflict& conflict : facts.conflicts) {
    std::string importer = ImporterOf(conflict.what());
    if (!importer.empty() && facts.reads_others) importable.insert(std::move(importer));
  }
  return importable;
}

SetupAnswers Propose(const SetupFacts& facts) {
  SetupAnswers answers;
  bool wireless = false, has_public = false;
  for (const SetupFacts::Interface& interface : facts.interfaces) {
    wireless = wireless || interface.type == "wireless";
    for (const std::string& address : interface.addresses) {
      has_public = has_public || (interface.leads_out && !IsPrivate(address));
    }
    if (interface.leads_out && answers.public_interface.empty()) {
      answers.public_interface = interface.name;
    }
  }
  for (const SetupFacts::Interface& interface : facts.interfaces) {
    const bool cable = interface.type == "ethernet" || interface.type == "wireless";
    if (cable && !interface.leads_out && !interface.addresses.empty() &&
        !answers.public_interface.empty()) {
      answers.private_interfaces.push_back(interface.name);
    }
  }
  const bool serves = std::any_of(facts.listeners.begin(), facts.listeners.end(), [](auto& one) {
    return one.traffic != "tcp/22" && absl::StartsWith(one.traffic, "tcp/");
  });
  answers.attachment = facts.forwards && !answers.private_interfaces.empty() ? Attachment::kShares
                       : wireless                                            ? Attachment::kLaptop
                       : serves                                              ? Attachment::kServer
                       : has_public                                          ? Attachment::kInternet
                                                                             : Attachment::kRouter;
  ProposeServices(facts, answers);
  return answers;
}

void ProposeServices(const SetupFacts& facts, SetupAnswers& answers) {
  answers.open.clear();
  for (const SetupFacts::Listener& listener : facts.listeners) {
    if (facts.own.has_value() && listener.traffic == OwnTraffic(*facts.own)) {
      // Opens for the networks that the user's address is in, or else for that address only.
      std::vector<std::string> from;
      for (const std::string& network : NetworksOf(facts)) {
        if (Within(facts.own->remote, network)) from.push_back(network);
      }
      if (from.empty()) from.push_back(facts.own->remote);
      answers.open[listener.traffic] = from;
    } else if (answers.attachment == Attachment::kServer) {
      if (absl::StartsWith(listener.traffic, "tcp/")) answers.open[listener.traffic] = {};
    }
  }
}

std::string WhyShutOut(const SetupFacts& facts, const SetupAnswers& answers) {
  if (!facts.own.has_value()) return "";
  const auto open = answers.open.find(OwnTraffic(*facts.own));
  const bool in = open != answers.open.end() &&
                  (open->second.empty() ||
                   std::any_of(open->second.begin(), open->second.end(),
                               [&](const auto& one) { return Within(facts.own->remote, one); }));
  if (in) return "";
  return absl::StrCat("you came from ", facts.own->remote, " to ", OwnTraffic(*facts.own),
                      ", which would be shut for you");
}

SetupPlace PlaceInFleet(const std::string& host, const std::string& group,
                        const std::string& name) {
  SetupPlace place = {.name = name,
                      .group = group.empty() ? absl::StrCat("host:", host) : group,
                      .lets_switch = false};
  if (!name.empty()) return place;
  constexpr size_t kMaxName = 63;
  place.name = absl::StrCat("setup-", group.empty() ? host : group);
  absl::AsciiStrToLower(&place.name);
  for (char& c : place.name) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '.' && c != '_') c = '-';
  }
  place.name.resize(std::min(place.name.size(), kMaxName));
  return place;
}

std::string PolicyOf(const SetupAnswers& answers, const SetupPlace& place) {
  v1::Resource resource;
  v1::Policy& policy = *resource.mutable_policy();
  policy.set_name(place.name);
  policy.add_groups(place.group);
  policy.set_firewall(v1::Firewall::on);
  if (place.lets_switch) policy.set_local_control(v1::LocalControl::confirm);
  if (answers.ping) policy.mutable_icmp()->add_items("echo-request");
  for (const auto& [traffic, from] : answers.open) {
    v1::PortMapping& mapping = *policy.mutable_port_mappings()->add_items();
    mapping.add_ports(traffic);
    for (const std::string& prefix : from) mapping.add_from(prefix);
  }
  policy.mutable_logging()->set_dropped(true);
  policy.mutable_hardening()->set_preset(v1::Hardening::recommended);
  if (answers.attachment == Attachment::kShares) {
    policy.mutable_sharing()->add_public_(answers.public_interface);
    for (const std::string& name : answers.private_interfaces) {
      policy.mutable_sharing()->add_private_(name);
    }
  }
  return policy::ToYaml(resource);
}

}  // namespace firebreak::cli
