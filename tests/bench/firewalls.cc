// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/firewalls.h"

#include <netinet/in.h>

#include <fstream>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "agent/enforce/enforcer.h"
#include "agent/kernel/nftables/nftables.h"
#include "firebreak/v1/effective.pb.h"
#include "policy/compile/compile.h"

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
    for (const uint32_t protocol : {IPPROTO_TCP, IPPROTO_UDP}) {
      v1::PortRange* range = mapping->add_ports();
      range->set_protocol(protocol);
      range->set_first(static_cast<uint32_t>(Port(i)));
      range->set_last(static_cast<uint32_t>(Port(i)));
    }
  }
  return policy;
}

}  // namespace

void InstallOurs(const NamespacePair& pair, int mappings) {
  std::optional<agent::Enforcer> enforcer;
  pair.InHost([&] {
    auto nftables = agent::Nftables::Open();
    if (!nftables.ok()) Die(nftables.status().ToString());
    enforcer.emplace(*std::move(nftables));
  });
  const policy::Interface interfaces[] = {{"eth0", "ethernet"}};
  const auto outcome = enforcer->Enforce(policy::Compile(Policy(mappings), interfaces).value());
  if (!outcome.ok()) Die(outcome.status().ToString());
}

void InstallMinimal(const NamespacePair& pair, int mappings) {
  std::string ports;
  for (int i = 0; i < mappings; ++i) absl::StrAppend(&ports, i == 0 ? "" : ",", Port(i));
  const std::string path = "/tmp/firebreak-bench-minimal.nft";
  std::ofstream(path) << "table inet minimal {\n set ports { type inet_service; elements = {"
                      << ports
                      << "} }\n chain in {\n"
                         "  type filter hook input priority filter; policy drop;\n"
                         "  ct state established,related accept\n"
                         "  ct state invalid drop\n"
                         "  iif lo accept\n"
                         "  meta l4proto icmpv6 accept\n"
                         "  tcp dport @ports accept\n"
                         "  udp dport @ports accept\n }\n}\n";
  pair.RunInHost("nft -f " + path + " && rm " + path);
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
  // firewalld removes its rules when it is asked to end, so it is killed.
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
