// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_ORACLE_FOREIGN_NAT_H_
#define FIREBREAK_TESTS_ORACLE_FOREIGN_NAT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/trace/host_state.h"
#include "policy/trace/packet.h"

namespace firebreak::oracle {

// The tables of another program that translates addresses, as container engines write them: Docker
// and podman's netavark send what comes for a port of the host to a container, kube-proxy what
// comes for an address that nobody has.
struct ForeignNat {
  struct Published {
    uint8_t protocol = 0;  // IPPROTO_TCP, IPPROTO_UDP
    uint16_t port = 0;
    ruleset::Bytes address;    // that it was sent to; empty: any of the host's own
    bool from_guests = false;  // also what containers send; else only what others do
    ruleset::Bytes to;
    uint16_t to_port = 0;
  };
  std::vector<Published> published;
  bool in_front = false;     // of Firebreak's own chain
  bool for_host = false;     // what the host itself sends is sent on as well
  bool masquerades = false;  // containers have the host's address outside
};

// Where the containers are.
struct Guests {
  std::string bridge;
  std::string network4, network6;  // "10.0.0.0/24"
};
// The containers of the oracle's host: they are behind the last of its interfaces.
inline const Guests kGuests = {"eth1", "10.0.0.0/24", "fd00:0:0:3::/64"};

// What nft(8) takes; empty: there is nothing.
std::string NftText(const ForeignNat& nat, const Guests& guests);

// The same for the trace. `host` must outlive what is returned.
std::vector<policy::HostState::OthersChain> ChainsOf(const ForeignNat& nat, const Guests& guests,
                                                     const policy::HostState& host);

}  // namespace firebreak::oracle

#endif  // FIREBREAK_TESTS_ORACLE_FOREIGN_NAT_H_
