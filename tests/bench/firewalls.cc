// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/firewalls.h"

#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include <fstream>
#include <initializer_list>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "agent/enforce/enforcer.h"
#include "agent/kernel/nftables/nftables.h"
#include "firebreak/v1/effective.pb.h"
#include "policy/compile/compile.h"
#include "policy/hardening/resolve.h"
#include "policy/hardening/sysctls.h"

namespace firebreak::bench {
namespace {

int Port(int mapping) { return kFirstPort + 2 * mapping; }

v1::EffectivePolicy Policy(int mappings) {
  v1::EffectivePolicy policy;
  policy.set_managed(true);
  v1::EffectiveLocation* location = policy.add_locations();
  location->set_name("elsewhere");
  v1::Settings* settings = location->add_layers()->mutable_settings();
  for (int i = 0; i < mappings; ++i) {
    v1::Mapping* mapping = settings->mutable_inbound()->add_items();
    mapping->set_name(absl::StrCat("port-", Port(i)));
    mapping->set_policy("bench");
    mapping->set_action(v1::Traffic::allow);
    for (const uint32_t protocol : {IPPROTO_TCP, IPPROTO_UDP}) {
      v1::PortRange* range = mapping->add_ports();
      range->set_protocol(protocol);
      range->set_first(static_cast<uint32_t>(Port(i)));
      range->set_last(static_cast<uint32_t>(Port(i)));
    }
  }
  return policy;
}

void Enforce(const NamespacePair& pair, const v1::EffectivePolicy& policy) {
  std::optional<agent::Enforcer> enforcer;
  pair.InHost([&] {
    auto nftables = agent::Nftables::Open();
    if (!nftables.ok()) Die(nftables.status().ToString());
    enforcer.emplace(*std::move(nftables));
  });
  const policy::Interface interfaces[] = {{"eth0", "ethernet"}, {"eth1", "ethernet"}};
  const auto outcome = enforcer->Enforce(policy::Compile(policy, interfaces).value());
  if (!outcome.ok()) Die(outcome.status().ToString());
}

void RunText(const NamespacePair& pair, const std::string& text) {
  const std::string path = "/tmp/firebreak-bench-rules.nft";
  std::ofstream(path) << text;
  pair.RunInHost("nft -f " + path + " && rm " + path);
}

std::string PortsText(int mappings) {
  std::string ports;
  for (int i = 0; i < mappings; ++i) absl::StrAppend(&ports, i == 0 ? "" : ",", Port(i));
  return ports;
}

// What a container engine has beside the rules of the host.
std::string EngineText() {
  return absl::StrCat(
      "table ip engine {\n chain in {\n"
      "  type nat hook prerouting priority dstnat; policy accept;\n"
      "  fib daddr type local tcp dport ",
      kMappedPort, " dnat to ", NamespacePair::kFarAddress, "\n }\n}\n");
}

void AddTcp(uint32_t first, uint32_t last, v1::Mapping& mapping) {
  v1::PortRange& range = *mapping.add_ports();
  range.set_protocol(IPPROTO_TCP);
  range.set_first(first);
  range.set_last(last);
}

void AddPrefix(std::initializer_list<uint8_t> address, uint32_t length,
               google::protobuf::RepeatedPtrField<v1::Prefix>& list) {
  v1::Prefix& prefix = *list.Add();
  prefix.mutable_address()->assign(address.begin(), address.end());
  prefix.set_length(length);
}

constexpr int kFeaturePort = 20'000;
constexpr int kFeatures = 8;

void AddIcmpKind(uint32_t type, std::optional<uint32_t> code, v1::Mapping& mapping) {
  v1::IcmpKind& kind = *mapping.add_icmp();
  kind.set_protocol(IPPROTO_ICMP);
  kind.set_type(type);
  if (code.has_value()) kind.set_code(*code);
}

// Makes a mapping for rule `i` of kFeatureRules, all but the last.
void AddFeature(int i, v1::Mapping& mapping) {
  const int feature = i % kFeatures;
  if (feature == 7) {
    AddTcp(0, 65'535, mapping);
    mapping.mutable_ports(0)->set_protocol(IPPROTO_ICMP);
    AddIcmpKind(ICMP_TIMESTAMP, std::nullopt, mapping);
    AddIcmpKind(static_cast<uint32_t>(100 + i), 1, mapping);
    return;
  }
  const auto port = static_cast<uint32_t>(kFeaturePort + 2 * i);
  AddTcp(port, feature == 4 ? port + 1 : port, mapping);
  switch (feature) {
    case 0:
      AddPrefix({10, 1, 0, 0}, 16, *mapping.mutable_remote());
      AddPrefix({192, 0, 2, 1}, 32, *mapping.mutable_remote());
      AddPrefix({10, 78, 0, 0}, 16, *mapping.mutable_local());
      break;
    case 1: {
      AddPrefix({10, 78, 0, 0}, 16, *mapping.mutable_local());
      v1::PortSpan& span = *mapping.add_source_ports();
      span.set_first(1024);
      span.set_last(65535);
      break;
    }
    case 2: {
      v1::Limit& limit = *mapping.mutable_limit();
      limit.set_flows(10);
      limit.set_seconds(60);
      limit.set_burst(20);
      limit.set_per_source(true);
      break;
    }
    case 3:
      mapping.mutable_connections()->set_max(20);
      mapping.mutable_connections()->set_per_source(true);
      break;
    case 4:
      mapping.mutable_log();
      mapping.set_action(v1::Traffic::block);
      AddPrefix({10, 78, 0, 0}, 16, *mapping.mutable_local());
      break;
    case 5:
      AddPrefix({10, 5, 0, 4}, 31, *mapping.mutable_remote());
      AddPrefix({10, 5, 0, 7}, 32, *mapping.mutable_remote());
      mapping.mutable_log()->set_records(10);
      mapping.mutable_log()->set_seconds(60);
      break;
    default:
      mapping.set_action(v1::Traffic::reject);
      AddPrefix({10, 78, 0, 0}, 16, *mapping.mutable_local());
      break;
  }
}

constexpr uint32_t kFirstUser = 2'000;  // nobody of this machine runs the benchmark as one of these

// The same for what goes out.
void AddSender(int i, v1::Mapping& mapping) {
  const auto port = static_cast<uint32_t>(kFeaturePort + 2 * i);
  AddTcp(port, port, mapping);
  const std::string number = absl::StrCat(kFirstUser + static_cast<uint32_t>(i));
  switch (i % 4) {
    case 0: mapping.add_users(number); break;
    case 1: mapping.add_user_groups(number); break;
    case 2:
      AddPrefix({192, 0, 2, 0}, 24, *mapping.mutable_remote());
      AddPrefix({10, 78, 0, 0}, 16, *mapping.mutable_local());
      break;
    default:
      mapping.mutable_log();
      mapping.set_action(v1::Traffic::reject);
      AddPrefix({10, 78, 0, 0}, 16, *mapping.mutable_remote());
      break;
  }
}

std::string SenderText(int i) {
  const uint32_t number = kFirstUser + static_cast<uint32_t>(i);
  const std::string to = absl::StrCat("tcp dport ", kFeaturePort + 2 * i);
  switch (i % 4) {
    case 0: return absl::StrCat(to, " meta skuid ", number, " accept");
    case 1: return absl::StrCat(to, " meta skgid ", number, " accept");
    case 2: return absl::StrCat(to, " ip daddr 192.0.2.0/24 ip saddr 10.78.0.0/16 accept");
    default: return absl::StrCat(to, " ip daddr 10.78.0.0/16 log group 7464 reject with tcp reset");
  }
}

// Returns the same rule in the syntax of nft(8), and appends the sets that it uses to `sets`.
std::string FeatureText(int i, std::string& sets) {
  const int port = kFeaturePort + 2 * i;
  const std::string to = absl::StrCat("tcp dport ", port);
  switch (i % kFeatures) {
    case 0:
      return absl::StrCat(to, " ip saddr { 10.1.0.0/16, 192.0.2.1 } ip daddr 10.78.0.0/16 accept");
    case 1: return absl::StrCat(to, " tcp sport 1024-65535 ip daddr 10.78.0.0/16 accept");
    case 2:
      absl::StrAppend(&sets, " set m", i,
                      " { type ipv4_addr; size 65536; flags dynamic,timeout; timeout 2m; }\n");
      return absl::StrCat(to, " update @m", i,
                          " { ip saddr limit rate 10/minute burst 20 packets } accept");
    case 3:
      absl::StrAppend(&sets, " set m", i, " { type ipv4_addr; size 65536; flags dynamic; }\n");
      return absl::StrCat(to, " add @m", i, " { ip saddr ct count 20 } accept");
    case 4: return absl::StrCat(to, "-", port + 1, " ip daddr 10.78.0.0/16 log group 7464 drop");
    case 5: {
      const std::string match = to + " ip saddr { 10.5.0.4/31, 10.5.0.7 } ";
      return absl::StrCat(match, "limit rate 10/minute log group 7464\n  ", match, "accept");
    }
    case 6: return absl::StrCat(to, " ip daddr 10.78.0.0/16 reject with tcp reset");
    default:
      return absl::StrCat("icmp type . icmp code { ", static_cast<int>(ICMP_TIMESTAMP),
                          " . 0-255, ", 100 + i, " . 1 } accept");
  }
}

}  // namespace

void InstallOurs(const NamespacePair& pair, int mappings) { Enforce(pair, Policy(mappings)); }

void InstallOurFeatures(const NamespacePair& pair) {
  v1::EffectivePolicy policy = Policy(0);
  v1::Settings& settings = *policy.mutable_locations(0)->mutable_layers(0)->mutable_settings();
  for (int i = 0; i < kFeatureRules; ++i) {
    v1::Mapping& mapping = *settings.mutable_inbound()->add_items();
    mapping.set_name(absl::StrCat("rule-", i));
    mapping.set_policy("bench");
    mapping.set_action(v1::Traffic::allow);
    v1::Mapping& outward = *settings.mutable_outbound()->add_items();
    outward.set_name(absl::StrCat("outward-", i));
    outward.set_policy("bench");
    outward.set_action(v1::Traffic::allow);
    if (i + 1 < kFeatureRules) {
      AddFeature(i, mapping);
      AddSender(i, outward);
      continue;
    }
    AddTcp(kMappedPort, kMappedPort, mapping);
    AddPrefix({10, 78, 0, 0}, 16, *mapping.mutable_local());
    AddTcp(kMappedPort, kMappedPort, outward);
    AddPrefix({10, 78, 0, 0}, 16, *outward.mutable_remote());
  }
  settings.set_outbound_default(v1::Traffic::block);
  v1::Mapping& udp = *settings.mutable_inbound()->add_items();
  udp.set_name("udp");
  udp.set_policy("bench");
  udp.set_action(v1::Traffic::allow);
  AddTcp(kMappedPort, kMappedPort, udp);
  udp.mutable_ports(0)->set_protocol(IPPROTO_UDP);
  Enforce(pair, policy);
}

void InstallHandWrittenFeatures(const NamespacePair& pair) {
  std::string sets, rules, outward;
  for (int i = 0; i + 1 < kFeatureRules; ++i) {
    absl::StrAppend(&rules, "  ", FeatureText(i, sets), "\n");
    absl::StrAppend(&outward, "  ", SenderText(i), "\n");
  }
  RunText(pair, absl::StrCat("table inet byhand {\n", sets,
                             " chain in {\n"
                             "  type filter hook input priority filter; policy drop;\n"
                             "  ct state established,related accept\n"
                             "  ct state invalid drop\n"
                             "  iif lo accept\n"
                             "  meta l4proto icmpv6 accept\n"
                             "  udp dport ",
                             kMappedPort, " accept\n", rules, "  tcp dport ", kMappedPort,
                             " ip daddr 10.78.0.0/16 accept\n }\n"
                             " chain out {\n"
                             "  type filter hook output priority filter; policy drop;\n"
                             "  ct state established,related accept\n"
                             "  oif lo accept\n"
                             "  meta l4proto icmpv6 accept\n",
                             outward, "  tcp dport ", kMappedPort,
                             " ip daddr 10.78.0.0/16 accept\n }\n}\n"));
}

void InstallOurForwarding(const NamespacePair& pair) {
  v1::EffectivePolicy policy = Policy(10'000);
  v1::Mapping& rule = *policy.mutable_locations(0)
                           ->mutable_layers(0)
                           ->mutable_settings()
                           ->mutable_forward()
                           ->add_items();
  rule.set_name("through");
  rule.set_policy("bench");
  rule.set_action(v1::Traffic::allow);
  rule.mutable_in()->add_names("eth0");
  rule.mutable_out()->add_names("eth1");
  AddTcp(kMappedPort, kMappedPort, rule);
  Enforce(pair, policy);
}

void InstallMinimalForwarding(const NamespacePair& pair) {
  RunText(pair, absl::StrCat("table inet minimal {\n chain through {\n"
                             "  type filter hook forward priority filter; policy drop;\n"
                             "  ct state established,related accept\n"
                             "  ct state invalid drop\n"
                             "  iifname eth0 oifname eth1 tcp dport ",
                             kMappedPort, " accept\n }\n}\n"));
}

void InstallOurPublishing(const NamespacePair& pair) {
  Enforce(pair, Policy(10'000));
  RunText(pair, EngineText());
}

void InstallMinimalPublishing(const NamespacePair& pair) {
  RunText(pair,
          absl::StrCat("table inet minimal {\n set ports { type inet_service; elements = {",
                       PortsText(10'000),
                       "} }\n chain through {\n"
                       "  type filter hook forward priority filter; policy drop;\n"
                       "  ct state established,related accept\n"
                       "  ct state invalid drop\n"
                       "  ct status dnat meta l4proto tcp ct original proto-dst @ports accept\n"
                       " }\n}\n",
                       EngineText()));
}

void InstallHardened(const NamespacePair& pair, v1::Hardening::Preset preset) {
  v1::Hardening written;
  written.set_preset(preset);
  v1::EffectivePolicy policy = Policy(10);
  v1::Hardened& hardened = *policy.mutable_locations(0)->mutable_host()->mutable_hardening();
  hardened = policy::Harden(written, "bench", /*of_interface=*/false);
  const policy::Interface interfaces[] = {{"eth0", "ethernet"}};
  const policy::HardenedInterface links[] = {
      {.name = "lo", .index = 1, .loopback = true, .own = {}},
      {.name = "eth0", .index = 2, .own = {}}};
  pair.InHost([&] {
    auto nftables = agent::Nftables::Open();
    if (!nftables.ok()) Die(nftables.status().ToString());
    agent::Enforcer enforcer(*std::move(nftables));
    const auto found = [&](const std::string& name) -> std::optional<int64_t> {
      int64_t number = 0;
      const auto text = enforcer.settings().Found(name);
      return text.ok() && absl::SimpleAtoi(*text, &number) ? std::optional(number) : std::nullopt;
    };
    const auto outcome = enforcer.Enforce(policy::Compile(policy, interfaces).value(),
                                          policy::SysctlsFor(hardened, links, found));
    if (!outcome.ok()) Die(outcome.status().ToString());
  });
}

void InstallMinimal(const NamespacePair& pair, int mappings) {
  RunText(pair, absl::StrCat("table inet minimal {\n set ports { type inet_service; elements = {",
                             PortsText(mappings),
                             "} }\n chain in {\n"
                             "  type filter hook input priority filter; policy drop;\n"
                             "  ct state established,related accept\n"
                             "  ct state invalid drop\n"
                             "  iif lo accept\n"
                             "  meta l4proto icmpv6 accept\n"
                             "  tcp dport @ports accept\n"
                             "  udp dport @ports accept\n }\n}\n"));
}

void InstallFile(const NamespacePair& pair, const std::string& path) {
  pair.RunInHost("nft -f " + path);
}

void InstallUfw(const NamespacePair& pair, int mappings) {
  std::string allow;
  for (int i = 0; i < mappings; ++i) absl::StrAppend(&allow, "ufw allow ", Port(i), "; ");
  pair.RunInHost(
      absl::StrCat("unshare --mount sh -ec 'mount -t tmpfs tmpfs /mnt; cp -r /etc/ufw /mnt/ufw;"
                   "cp /etc/default/ufw /mnt/default; mount --bind /mnt/ufw /etc/ufw;"
                   "mount --bind /mnt/default /etc/default/ufw;",
                   allow, "ufw --force enable' > /dev/null"));
}

bool InstallFirewalld(const NamespacePair& pair, int mappings) {
  std::string add;
  for (int i = 0; i < mappings; ++i) {
    absl::StrAppend(&add, " --add-port=", Port(i), "/tcp --add-port=", Port(i), "/udp");
  }
  // firewalld removes its rules when it ends normally, so it is killed.
  return pair.TryInHost(absl::StrCat(R"(
    D=$(mktemp -d) || exit 1
    cat > $D/bus.conf << 'END'
<busconfig><type>system</type><auth>EXTERNAL</auth><listen>unix:path=/BUS</listen>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy></busconfig>
END
    sed -i "s|/BUS|$D/bus|" $D/bus.conf
    export DBUS_SYSTEM_BUS_ADDRESS=unix:path=$D/bus
    dbus-daemon --config-file=$D/bus.conf --nofork 2> /dev/null & BUS=$!
    for I in $(seq 100); do [ -S $D/bus ] && break; sleep 0.1; done
    firewalld --nofork --nopid > /dev/null 2>&1 & DAEMON=$!
    for I in $(seq 100); do
      kill -0 $DAEMON && timeout 5 firewall-cmd --state > /dev/null 2>&1 && break
      sleep 0.1
    done
    timeout 60 firewall-cmd)",
                                     add, R"( > /dev/null && nft list ruleset > $D/rules
    DONE=$?
    kill -9 $DAEMON $BUS
    [ $DONE = 0 ] && nft flush ruleset && nft -f $D/rules
    DONE=$?
    rm -r $D
    exit $DONE
  )"));
}

}  // namespace firebreak::bench
