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
  std::string type;                    // see InterfaceType
  uint16_t hardware = 0;               // ARPHRD_*
  bool up = false;                     // has carrier and is switched on
  bool is_port = false;                // of a bridge
  bool is_guest = false;               // a virtual machine has the other end (macvtap, ipvtap)
  std::string mac;                     // its bytes; empty: it has none
  uint32_t lower = 0;                  // index of the interface that it stands on; 0: none here
  uint32_t carrier_changes = 0;        // how often the carrier came or went; the kernel counts
  std::vector<std::string> addresses;  // "192.0.2.1/24", IPv4 first, as the kernel lists them

  friend bool operator==(const Link&, const Link&) = default;
};

// The host's network interfaces, through rtnetlink and, for wireless ones, sysfs.
//
// Threading: one thread at a time. Works in the network namespace in which it was opened.
class Links {
 public:
  static absl::StatusOr<Links> Open();

  // By index, loopback included.
  absl::StatusOr<std::vector<Link>> Read();

  // What was said of links and addresses that went, if only for a moment: what is read afterwards
  // need not show it.
  struct Losses {
    std::set<uint32_t> interfaces;  // see LossReader
    bool all = false;               // the kernel could not tell
  };

  // Readable when something about links or addresses has changed; then call Drain, then Read.
  int descriptor() const { return events_.descriptor(); }
  Losses Drain();

 private:
  Links(NetlinkSocket requests, NetlinkSocket events)
      : requests_(std::move(requests)), events_(std::move(events)) {}

  NetlinkSocket requests_;
  NetlinkSocket events_;
  LossReader losses_;
  bool knows_all_ = false;  // losses_ has learnt from a dump, and heard every event since
  uint32_t sequence_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_LINKS_LINKS_H_
