// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_COMPILE_H_
#define FIREBREAK_POLICY_COMPILE_COMPILE_H_

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "firebreak/v1/effective.pb.h"
#include "policy/compile/origins.h"
#include "policy/compile/port_span.h"
#include "policy/compile/senders.h"
#include "policy/resources/elsewhere.h"
#include "policy/ruleset/ruleset.h"

namespace firebreak::policy {

// A network interface, reduced to what rules depend on.
struct Interface {
  std::string name;
  std::string type;       // as in InterfaceMatch.types
  uint32_t index = 0;     // 0: unknown, because the interface does not exist
  bool is_port = false;   // of a bridge: its frames bypass IP
  bool is_guest = false;  // a virtual machine's end (macvtap): the guest sends by it
  // MAC addresses of the guests that share this interface, six bytes each.
  std::vector<std::string> guests = {};
  uint32_t master = 0;      // for a port, the index of its bridge
  bool checks_sums = true;  // whether the device checks checksums of packets received

  friend bool operator==(const Interface&, const Interface&) = default;
};

struct CompileOptions {
  // The location whose settings for the host as a whole hold (EffectiveLocation.host).
  std::string host_location = kElsewhere;
  PortSpan client_ports;
  Senders senders;
  // Set during a flood of connection requests: the kernel then completes the handshakes for all TCP
  // ports of this host that mappings open.
  bool attacked = false;
  // The window scale that this host's services use (RFC 7323). The handshake proxy must offer the
  // same in their name. 7 is the kernel's default until Linux 6.16.
  uint8_t window_scale = 7;
  // If not null, receives the mapping that each element comes from. The pointers point into the
  // policy.
  Origins* origins = nullptr;
};

// Returns the whole ruleset of a host, for all locations at once: when an interface changes its
// location, only elements of sets change, and no rule. The ruleset of an unmanaged host is empty.
//
// `policy` must have passed CheckEffective. The same input always gives the same output. Returns an
// Internal error if two different things of the policy would get one name in the kernel. That is a
// bug, but it opens no port, because nothing is loaded.
//
//   prerouting                in front of connection tracking: what hardening drops, impossible TCP
//                             flags, SYNs for the SYN proxy
//   nat-prerouting            mappings with `forward_to`
//   input, output             accept loopback and established flows, then go by location to
//   in/LOCATION               judges packets here, or leads to the chain of an interface that has
//                             settings of its own
//   in/LOCATION/sN            interfaces for which the policies' sections N hold
//   forward                   packets that the host forwards for any reason: see forwarded.h
//   hardened-forward          multicast, if hardening forbids forwarding it
//   sent                      remembers receivers of mappings with `responses`
//   nat-postrouting           sharing
//   egress.INDEX              in the netdev table: forged sources of packet sockets
//   drop.REASON               counts, logs and drops; observe.REASON accepts instead
absl::StatusOr<ruleset::Ruleset> Compile(const v1::EffectivePolicy& policy,
                                         std::span<const Interface> interfaces,
                                         const CompileOptions& options = {});

// Checks how many lists of rules the sections and locations of a policy make on a host with these
// interfaces. Each location has several, and so has each combination of sections there. Returns
// ResourceExhausted if they are too many; Compile then does the same.
absl::Status CheckScopes(const v1::EffectivePolicy& policy, std::span<const Interface> interfaces);

// Returns the name of the set that holds the indices of the interfaces at a location.
std::string LocationSetName(const std::string& location);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_COMPILE_H_
