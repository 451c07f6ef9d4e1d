// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_COMPILE_H_
#define FIREBREAK_POLICY_COMPILE_COMPILE_H_

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "firebreak/v1/effective.pb.h"
#include "policy/compile/origins.h"
#include "policy/compile/port_span.h"
#include "policy/compile/senders.h"
#include "policy/resources/elsewhere.h"
#include "policy/ruleset/ruleset.h"

namespace firebreak::policy {

// A network interface, as far as rules depend on it.
struct Interface {
  std::string name;
  std::string type;      // as in InterfaceMatch.types
  uint32_t index = 0;    // 0: not known, as of one that is not there
  bool is_port = false;  // of a bridge, which carries its frames past IP
  bool is_guest =
      false;  // the end of a virtual machine's cable (macvtap): what it sends is its own
  // MAC addresses of the guests that share this interface, six bytes each.
  std::vector<std::string> guests = {};
  uint32_t master = 0;      // of a port: index of its bridge
  bool checks_sums = true;  // the device has checked the sums of what it hands over

  friend bool operator==(const Interface&, const Interface&) = default;
};

struct CompileOptions {
  // Whose settings for the host as a whole (EffectiveLocation.host) hold.
  std::string host_location = kElsewhere;
  PortSpan client_ports;
  Senders senders;
  // While a flood of connection requests lasts: the kernel completes the handshakes of all TCP
  // ports that mappings open on this host.
  bool attacked = false;
  // What this host's services give to connections (RFC 7323): the handshake proxy must offer it for
  // them. The kernel's default until Linux 6.16.
  uint8_t window_scale = 7;
  // If not null, learns where elements come from; they point into the policy.
  Origins* origins = nullptr;
};

// The whole ruleset of a host: all its locations at once, so that a change of location changes an
// element of a set and no rule. Empty for an unmanaged host.
//
// `policy` is checked already (CheckEffective). The same input gives the same output. Internal: two
// things of the policy would have been one in the kernel; a bug, but not one that opens a port.
//
//   prerouting                in front of connection tracking: what hardening drops, impossible TCP
//                             flags, SYNs for the SYN proxy
//   nat-prerouting            mappings that forward
//   input, output             loopback and established flows pass; then, by location,
//   in/LOCATION               the interfaces with settings of their own go to their chains, the
//                             others are judged here:
//   in/LOCATION/sN            those for which the sections N of the policies hold
//   forward                   what the host forwards, whoever has made it forward: see forwarded.h
//   hardened-forward          multicast, which hardening does not let be forwarded
//   sent                      whom the host has sent to, for mappings with `responses`
//   nat-postrouting           sharing
//   egress.INDEX              of the netdev table: forged sources of packet sockets
//   drop.REASON               counts, logs and drops; observe.REASON lets pass
absl::StatusOr<ruleset::Ruleset> Compile(const v1::EffectivePolicy& policy,
                                         std::span<const Interface> interfaces,
                                         const CompileOptions& options = {});

// The set that holds the indices of the interfaces that are at a location.
std::string LocationSetName(const std::string& location);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_COMPILE_H_
