// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/random_policies.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "policy/resources/icmp_options.h"

namespace firebreak::oracle {
namespace {

constexpr const char* kPrefixes[] = {"192.0.2.0/24",      "192.0.2.1",          "192.0.2.4/31",
                                     "198.51.100.0/25",   "10.0.0.0/8",         "2001:db8::/32",
                                     "2001:db8:0:1::/64", "2001:db8:0:1::3",    "fd00::/16",
                                     "203.0.113.0/24",    "2001:db8:0:2::4/126"};
constexpr const char* kPorted[] = {"tcp", "tcp", "udp", "udp", "sctp"};
constexpr const char* kPortless[] = {"gre", "esp", "99"};
constexpr const char* kServices[] = {"ssh", "http", "https", "dns", "pptp", "own"};
constexpr const char* kInterfaces[] = {"eth0", "wlan0", "eth1", "eth*", "ppp0"};
constexpr const char* kTypes[] = {"ethernet", "wireless", "vpn"};
constexpr const char* kRoutedTypes[] = {"ethernet", "wireless", "vpn", "bridge"};

std::string PortText(Random& random) {
  const uint16_t first = Pick(random, kPorts);
  if (!OneIn(random, 4)) return absl::StrCat(first);
  return absl::StrCat(first, "-", first + Below(random, 60));
}

constexpr const char* kRanges[] = {"192.0.2.3-192.0.2.9", "10.0.0.1-10.0.0.4",
                                   "2001:db8:0:1::3-2001:db8:0:1::5"};
constexpr const char* kOwn[] = {"192.0.2.2",     "192.0.2.2-192.0.2.3", "198.51.100.0/24",
                                "2001:db8::/32", "224.0.0.0/4",         "255.255.255.255",
                                "ff02::/16"};
constexpr const char* kTypes4[] = {
    "echo-request", "timestamp-request", "router-solicitation", "router-advertisement", "3/1",
    "40",           "echo-reply"};
constexpr const char* kTypes6[] = {"echo-request", "redirect", "139", "200", "time-exceeded/1"};

// Only some types mean anything for what the host sends.
constexpr const char* kTypesOut4[] = {"echo-request", "timestamp-request", "9", "40"};
constexpr const char* kTypesOut6[] = {"echo-request", "router-advertisement", "139", "200/0"};

void FillTraffic(Random& random, bool outbound, v1::PortMapping& mapping) {
  const uint32_t kind = Below(random, 12);
  if (kind == 0) {
    mapping.set_protocol(Pick(random, kPortless));
  } else if (kind <= 2) {
    mapping.set_service(Pick(random, kServices));
  } else if (kind == 3) {
    mapping.set_protocol("any");
  } else if (kind == 4) {
    const bool six = OneIn(random, 2);
    mapping.set_protocol(six ? "icmpv6" : "icmp");
    for (uint32_t i = Below(random, 3); i > 0; --i) {
      mapping.add_types(outbound ? six ? Pick(random, kTypesOut6) : Pick(random, kTypesOut4)
                        : six ? Pick(random, kTypes6)
                                 : Pick(random, kTypes4));
    }
  } else if (kind == 5) {
    mapping.add_ports(absl::StrCat("tcp/", PortText(random)));
    mapping.add_ports(absl::StrCat("udp/", PortText(random)));
  } else {
    mapping.set_protocol(Pick(random, kPorted));
    for (uint32_t i = Below(random, 2) + 1; i > 0; --i) mapping.add_ports(PortText(random));
    if (OneIn(random, 6)) mapping.add_source_ports(OneIn(random, 2) ? "40000-40001" : "53");
  }
}

using Addresses = google::protobuf::RepeatedPtrField<std::string>;

// Something is always left of the list.
void AddException(const char* prefix, Addresses& list, Addresses& except) {
  list.Add("100.64.0.1");
  except.Add(prefix);
}

void AddRemote(Random& random, Addresses& list, Addresses& except) {
  for (uint32_t i = Below(random, 3) + 1; i > 0; --i) list.Add(Pick(random, kPrefixes));
  if (OneIn(random, 4)) list.Add(Pick(random, kRanges));
  if (OneIn(random, 4)) AddException(Pick(random, kPrefixes), list, except);
}

void FillMapping(Random& random, bool outbound, v1::PortMapping& mapping) {
  FillTraffic(random, outbound, mapping);
  if (OneIn(random, 6)) mapping.set_log(true);
  if (mapping.log() && OneIn(random, 3)) mapping.set_log_rate("6/hour");
  if (OneIn(random, 12)) mapping.set_enabled(false);
  if (OneIn(random, 12)) mapping.set_expires("2099-12-31T23:59Z");
  auto& remote = *(outbound ? mapping.mutable_to() : mapping.mutable_from());
  auto& local = *(outbound ? mapping.mutable_from() : mapping.mutable_to());
  auto& remote_except = *(outbound ? mapping.mutable_to_except() : mapping.mutable_from_except());
  auto& local_except = *(outbound ? mapping.mutable_from_except() : mapping.mutable_to_except());
  if (OneIn(random, 5)) {
    for (uint32_t i = Below(random, 2) + 1; i > 0; --i) local.Add(Pick(random, kOwn));
    if (OneIn(random, 3)) AddException(Pick(random, kOwn), local, local_except);
  }
  if (OneIn(random, 2)) return;
  AddRemote(random, remote, remote_except);
}

// So high that no packets of a test come above them.
void AddLimits(Random& random, v1::PortMapping& mapping) {
  if (OneIn(random, 6)) {
    mapping.mutable_limit()->set_rate("1000000/second");
    mapping.mutable_limit()->set_burst(10'000);
    if (OneIn(random, 2)) mapping.mutable_limit()->set_per(v1::Per::source);
  }
  if (OneIn(random, 8)) {
    mapping.mutable_connections()->set_max(100'000);
    if (OneIn(random, 2)) mapping.mutable_connections()->set_per(v1::Per::source);
  }
}

// What only some mappings may have.
void AddExtras(Random& random, v1::PortMapping& mapping) {
  if (OneIn(random, 4)) {
    mapping.set_action(OneIn(random, 3) ? v1::Traffic::reject : v1::Traffic::block);
    return;
  }
  AddLimits(random, mapping);
  if (mapping.has_limit() || mapping.has_connections()) return;
  const bool single = mapping.ports_size() == 1 && mapping.ports(0).find('-') == std::string::npos;
  if (!single) return;
  const bool bare = mapping.to().empty() && mapping.source_ports().empty();
  if (mapping.protocol() == "tcp" && bare && OneIn(random, 6)) {
    mapping.set_handshake(v1::Handshake::proxy);
  } else if ((mapping.protocol() == "tcp" || mapping.protocol() == "udp") && OneIn(random, 4)) {
    constexpr const char* kTargets[] = {":8080", "10.0.0.3", "10.0.0.4:81", "[fd00:0:0:3::3]:80"};
    mapping.set_forward_to(Pick(random, kTargets));
  }
}

void FillInbound(Random& random, v1::PortMappings& mappings) {
  for (uint32_t i = Below(random, 9); i > 0; --i) {
    v1::PortMapping& mapping = *mappings.add_items();
    FillMapping(random, /*outbound=*/false, mapping);
    AddExtras(random, mapping);
  }
}

void AddSenders(Random& random, v1::PortMapping& mapping) {
  if (OneIn(random, 6)) mapping.add_users(OneIn(random, 2) ? "0" : "12345");
  if (OneIn(random, 10)) mapping.add_user_groups(OneIn(random, 2) ? "0" : "54321");
  if (OneIn(random, 6)) mapping.add_units(OneIn(random, 2) ? kOwnUnit : kOtherUnit);
  if (OneIn(random, 20)) mapping.add_units("stopped.service");
}

void FillOutbound(Random& random, v1::Outbound& outbound) {
  if (!OneIn(random, 4)) {
    outbound.set_default_(OneIn(random, 2)   ? v1::Traffic::allow
                          : OneIn(random, 3) ? v1::Traffic::reject
                                             : v1::Traffic::block);
  }
  for (uint32_t i = Below(random, 5); i > 0; --i) {
    v1::PortMapping& mapping = *outbound.add_allow();
    FillMapping(random, /*outbound=*/true, mapping);
    AddSenders(random, mapping);
    AddLimits(random, mapping);
    if (mapping.protocol() == "udp" && OneIn(random, 3)) mapping.add_responses("udp/5000-5010");
  }
  for (uint32_t i = Below(random, 4); i > 0; --i) {
    v1::PortMapping& mapping = *outbound.add_block();
    FillMapping(random, /*outbound=*/true, mapping);
    AddSenders(random, mapping);
    if (OneIn(random, 3)) mapping.set_action(v1::Traffic::reject);
  }
}

void FillIcmp(Random& random, v1::Names& icmp) {
  for (policy::IcmpOption option : policy::AllIcmpOptions()) {
    if (OneIn(random, 3)) *icmp.add_items() = std::string(policy::IcmpOptionName(option));
  }
}

v1::Firewall::Mode RandomMode(Random& random) {
  const uint32_t choice = Below(random, 10);
  return choice == 0 ? v1::Firewall::off : choice == 1 ? v1::Firewall::observe : v1::Firewall::on;
}

void FillSection(Random& random, v1::InterfaceSettings& section) {
  if (!OneIn(random, 3)) {
    section.mutable_match()->add_names(Pick(random, kInterfaces));
  } else {
    section.mutable_match()->add_types(Pick(random, kTypes));
  }
  if (OneIn(random, 2)) section.set_firewall(RandomMode(random));
  if (OneIn(random, 2)) FillInbound(random, *section.mutable_port_mappings());
  if (OneIn(random, 4)) section.set_unsolicited(v1::Unsolicited::reject);
  if (OneIn(random, 3)) FillIcmp(random, *section.mutable_icmp());
  if (OneIn(random, 3)) FillOutbound(random, *section.mutable_outbound());
}

void FillMatch(Random& random, v1::InterfaceMatch& match) {
  if (OneIn(random, 2)) {
    match.add_names(Pick(random, kInterfaces));
  } else {
    match.add_types(Pick(random, kRoutedTypes));
  }
}

void FillRule(Random& random, v1::PortMapping& rule) {
  if (OneIn(random, 2)) FillMatch(random, *rule.mutable_in());
  if (OneIn(random, 2)) FillMatch(random, *rule.mutable_out());
  if (OneIn(random, 3)) AddRemote(random, *rule.mutable_from(), *rule.mutable_from_except());
  if (OneIn(random, 3)) AddRemote(random, *rule.mutable_to(), *rule.mutable_to_except());
  if (OneIn(random, 5)) rule.set_log(true);
  if (OneIn(random, 12)) rule.set_expires("2099-12-31T23:59Z");
  if (!OneIn(random, 2)) return;
  v1::PortMapping services;
  FillMapping(random, /*outbound=*/true, services);
  rule.set_service(services.service());
  rule.set_protocol(services.protocol());
  *rule.mutable_ports() = services.ports();
  *rule.mutable_types() = services.types();
  *rule.mutable_source_ports() = services.source_ports();
}

void FillForwarding(Random& random, v1::Forwarding& forwarding) {
  if (OneIn(random, 2)) {
    forwarding.set_default_(OneIn(random, 2) ? v1::Traffic::allow : v1::Traffic::block);
  }
  for (uint32_t i = Below(random, 4); i > 0; --i) {
    v1::PortMapping& rule = *forwarding.add_allow();
    FillRule(random, rule);
    AddLimits(random, rule);
  }
  for (uint32_t i = Below(random, 3); i > 0; --i) {
    v1::PortMapping& rule = *forwarding.add_block();
    FillRule(random, rule);
    if (OneIn(random, 3)) rule.set_action(v1::Traffic::reject);
  }
}

void FillPolicy(Random& random, bool locations, v1::Policy& policy) {
  policy.add_groups("all");
  policy.set_priority(static_cast<int32_t>(Below(random, 4)));
  if (locations && OneIn(random, 2)) {
    policy.add_locations(OneIn(random, 2) ? "corp" : "elsewhere");
  }
  if (OneIn(random, 2)) policy.set_firewall(RandomMode(random));
  if (!OneIn(random, 4)) FillInbound(random, *policy.mutable_port_mappings());
  if (OneIn(random, 3)) policy.set_unsolicited(v1::Unsolicited::reject);
  if (OneIn(random, 2)) FillIcmp(random, *policy.mutable_icmp());
  if (OneIn(random, 2)) FillOutbound(random, *policy.mutable_outbound());
  if (OneIn(random, 2)) FillForwarding(random, *policy.mutable_forward());
  for (uint32_t i = OneIn(random, 2) ? Below(random, 3) : 0; i > 0; --i) {
    FillSection(random, *policy.add_interfaces());
  }
  if (OneIn(random, 3)) {
    constexpr const char* kHelpers[] = {"ftp", "pptp", "tftp", "sip", "irc"};
    policy.mutable_helpers()->add_items(Pick(random, kHelpers));
  }
  if (OneIn(random, 3)) policy.mutable_flows()->mutable_udp_timeout()->set_seconds(45);
  if (OneIn(random, 3)) {
    policy.mutable_logging()->set_dropped(true);
    policy.mutable_logging()->set_connections(OneIn(random, 2));
  }
  if (OneIn(random, 4)) {
    v1::Sharing& sharing = *policy.mutable_sharing();
    sharing.add_public_("eth0");
    if (OneIn(random, 3)) sharing.add_public_("wlan0");
    sharing.add_private_("eth1");
    for (uint32_t i = OneIn(random, 3) ? 1 + Below(random, 2) : 0; i > 0; --i) {
      sharing.add_from(Pick(random, kPrefixes));
    }
    if (OneIn(random, 2)) sharing.set_clamp_mss(true);
  }
}

ruleset::Bytes Address(const char* text) {
  char bytes[16];
  if (inet_pton(AF_INET, text, bytes) == 1) return ruleset::Bytes(bytes, 4);
  inet_pton(AF_INET6, text, bytes);
  return ruleset::Bytes(bytes, 16);
}

}  // namespace

ForeignNat RandomForeignNat(Random& random) {
  constexpr const char* kContainers[] = {"10.0.0.3", "10.0.0.4", "fd00:0:0:3::3", "fd00:0:0:3::4",
                                         "198.51.100.3"};
  ForeignNat nat;
  if (OneIn(random, 3)) return nat;
  for (uint32_t i = Below(random, 5); i > 0; --i) {
    ForeignNat::Published& one = nat.published.emplace_back();
    one.protocol = OneIn(random, 3) ? IPPROTO_UDP : IPPROTO_TCP;
    one.port = Pick(random, kPorts);
    one.from_guests = OneIn(random, 2);
    one.to = Address(Pick(random, kContainers));
    one.to_port = Pick(random, kPorts);
    if (OneIn(random, 4)) {
      one.address = Address(one.to.size() == 4 ? "203.0.113.9" : "2001:db8:ffff::9");
    }
  }
  nat.in_front = OneIn(random, 2);
  nat.masquerades = OneIn(random, 2);
  nat.for_host = OneIn(random, 2);
  return nat;
}

std::vector<v1::Resource> RandomResources(Random& random) {
  std::vector<v1::Resource> resources;
  v1::Service& own = *resources.emplace_back().mutable_service();
  own.set_name("own");
  own.add_ports(absl::StrCat("udp/", PortText(random)));
  own.add_ports("gre");
  const bool locations = OneIn(random, 2);
  if (locations) resources.emplace_back().mutable_location()->set_name("corp");
  for (uint32_t i = Below(random, 3) + 1; i > 0; --i) {
    v1::Policy& policy = *resources.emplace_back().mutable_policy();
    policy.set_name(absl::StrCat("p", i));
    FillPolicy(random, locations, policy);
  }
  return resources;
}

}  // namespace firebreak::oracle
