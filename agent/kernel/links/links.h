// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_LINKS_LINKS_H_
#define FIREBREAK_AGENT_KERNEL_LINKS_LINKS_H_

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/kernel/links/loss_reader.h"
#include "agent/kernel/netlink/socket.h"

namespace firebreak::agent {

struct Link {
  std::string name;
  uint32_t index = 0;
  std::string type;              // see InterfaceType
  uint16_t hardware = 0;         // ARPHRD_*
  bool up = false;               // switched on, and has a carrier
  bool is_port = false;          // is a port of a bridge
  uint32_t master = 0;           // index of that bridge
  bool checks_sums = true;       // the device checks the sums of what it receives
  bool is_guest = false;         // the other end is a virtual machine's (macvtap, ipvtap)
  std::string mac;               // the bytes of the address; empty if there is none
  uint32_t lower = 0;            // index of the interface below this one; 0: none in this namespace
  uint32_t carrier_changes = 0;  // how often the carrier came or went, as the kernel counts
  std::vector<std::string> addresses;  // "192.0.2.1/24", IPv4 first, as the kernel lists them

  friend bool operator==(const Link&, const Link&) = default;
};

// Reads the host's network interfaces through rtnetlink and, for wireless ones, sysfs.
class Links {
 public:
  static absl::StatusOr<Links> Open();

  // Returns all links by index, loopback included.
  absl::StatusOr<std::vector<Link>> Read();

  // Links and addresses that were lost, if only for a moment: a later Read may not show that.
  struct Losses {
    std::set<uint32_t> interfaces;  // see LossReader
    bool all = false;  // the kernel dropped events, so any interface may have lost something
  };

  // Becomes readable when a link or an address has changed; then call Drain, then Read.
  int descriptor() const { return events_.descriptor(); }
  Losses Drain();

 private:
  Links(NetlinkSocket requests, NetlinkSocket events)
      : requests_(std::move(requests)), events_(std::move(events)) {}

  NetlinkSocket requests_;
  NetlinkSocket events_;
  LossReader losses_;
  bool knows_all_ = false;  // losses_ has learnt a dump and has heard every event since
  uint32_t sequence_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_LINKS_LINKS_H_
