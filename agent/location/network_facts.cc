// SPDX-License-Identifier: Apache-2.0
#include "agent/location/network_facts.h"

#include <utility>

#include "absl/status/statusor.h"
#include "agent/kernel/gateways/gateways.h"
#include "agent/kernel/wireless/wireless.h"
#include "agent/location/dns_facts.h"

namespace firebreak::agent {

std::map<uint32_t, v1::NetworkFacts> ReadNetworkFacts(const std::vector<Link>& links) {
  std::map<uint32_t, v1::NetworkFacts> facts;
  if (absl::StatusOr<Gateways> gateways = Gateways::Open(); gateways.ok()) {
    for (Gateway& one : gateways->Read().value_or(std::vector<Gateway>())) {
      v1::Gateway& gateway = *facts[one.interface_index].add_gateways();
      gateway.set_address(std::move(one.address));
      gateway.set_mac(std::move(one.mac));
    }
  }
  absl::StatusOr<Wireless> wireless = Wireless::Open();
  for (const Link& link : links) {
    if (link.type == "loopback") continue;
    const DnsSettings dns = ReadDnsSettings("", link.index);
    if (!dns.suffixes.empty() || !dns.servers.empty()) {
      v1::NetworkFacts& network = facts[link.index];
      *network.mutable_dns_suffixes() = {dns.suffixes.begin(), dns.suffixes.end()};
      *network.mutable_dns_servers() = {dns.servers.begin(), dns.servers.end()};
    }
    if (link.type != "wireless" || !wireless.ok()) continue;
    if (auto association = wireless->Read(link.index); association.ok() && *association) {
      v1::NetworkFacts& network = facts[link.index];
      network.set_ssid(std::move((*association)->ssid));
      network.set_bssid(std::move((*association)->bssid));
    }
  }
  return facts;
}

}  // namespace firebreak::agent
