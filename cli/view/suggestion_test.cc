// SPDX-License-Identifier: Apache-2.0
#include "cli/view/suggestion.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include "absl/strings/str_cat.h"

namespace firebreak::cli {
namespace {

policy::Witness Packet(uint16_t port, const std::string& remote,
                       policy::Way way = policy::Way::kInbound) {
  return {.plane = {way, remote.size()},
          .protocol = IPPROTO_TCP,
          .source_port = 40000,
          .port = port,
          .remote = remote};
}

std::string Address(int last, int third = 0) {
  return {10, 0, static_cast<char>(third), static_cast<char>(last)};
}

TEST(Suggestion, TellsTheMostFrequentFirstWithWhatItRestsOn) {
  Suggestion suggestion("web", 2);
  suggestion.Add("web-1", Packet(22, Address(1)), 1'700'000'000'000'000);
  suggestion.Add("web-1", Packet(22, Address(1)), 1'700'000'000'000'000);
  for (int i = 0; i < 3; ++i) suggestion.Add("web-2", Packet(443, Address(i)), 0);
  suggestion.Add("web-1", Packet(53, Address(9), policy::Way::kOutbound), 0);
  suggestion.Add("web-1", Packet(53, Address(9), policy::Way::kOutbound), 0);
  suggestion.Add("web-1", Packet(23, Address(7)), 0);  // seen only once
  EXPECT_EQ(suggestion.Text(), R"(kind: Policy
name: suggested-web
groups: [web]
port_mappings:
  # 3 times, 3 addresses, last 1970-01-01 00:00 UTC, on web-2
  - {protocol: tcp, ports: "443", from: ['10.0.0.0/32', '10.0.0.1/32', '10.0.0.2/32']}
  # 2 times, 1 address, last 2023-11-14 22:13 UTC, on web-1
  - {protocol: tcp, ports: "22", from: ['10.0.0.1/32']}
outbound:
  allow:
    # 2 times, 1 address, last 1970-01-01 00:00 UTC, on web-1
    - {protocol: tcp, ports: "53", to: ['10.0.0.9/32']}
# 1 kinds of packets that came less than 2 times are left out; see --least
)");
}

TEST(Suggestion, ManySourcesAreTheirNetworksAndManyNetworksAreAny) {
  Suggestion networks("web", 1), any("web", 1);
  for (int i = 0; i < 20; ++i) {
    networks.Add("h", Packet(80, Address(i, i % 2)), 0);
    any.Add("h", Packet(80, Address(1, i)), 0);
  }
  EXPECT_EQ(networks.Policy().policy().port_mappings().items(0).from_size(), 2);
  EXPECT_EQ(networks.Policy().policy().port_mappings().items(0).from(1), "10.0.1.0/24");
  EXPECT_EQ(any.Policy().policy().port_mappings().items(0).from_size(), 0);
}

}  // namespace
}  // namespace firebreak::cli
