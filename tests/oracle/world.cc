// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/world.h"

// glibc's headers before the kernel's, which then leave out what both define.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <libmnl/libmnl.h>
#include <linux/if_arp.h>
#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netfilter/nfnetlink_log.h>

#include <array>
#include <fstream>
#include <iostream>
#include <span>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/kernel/netlink/attributes.h"
#include "policy/trace/checksum.h"
#include "policy/trace/packet.h"

namespace firebreak::oracle {
namespace {

using ruleset::Bytes;

constexpr uint16_t kLogGroup = 77;
// Sentinels are of a protocol for "experimentation and testing" (RFC 3692). Probes may be as well,
// but no probe has this class of traffic.
constexpr uint8_t kSentinel = 253;
constexpr char kSentinelService = 62 << 2;  // DSCP 62, above the two bits of ECN

// A chain at the end of every way, and behind conntrack at the beginning. Nothing in it drops but
// the sentinel, which has done its work.
constexpr char kObserver[] = R"(table inet oracle {
  chain new { log group 77 queue-threshold 1 prefix "state new"; }
  chain established { log group 77 queue-threshold 1 prefix "state established"; }
  chain related { log group 77 queue-threshold 1 prefix "state related"; }
  chain invalid { log group 77 queue-threshold 1 prefix "state invalid"; }
  chain untracked { log group 77 queue-threshold 1 prefix "state untracked"; }
  chain state {
    ct state vmap { new : goto new, established : goto established, related : goto related,
                    invalid : goto invalid, untracked : goto untracked }
  }
  chain sentinel {
    type filter hook prerouting priority -500;
    ip protocol 253 ip dscp 62 log group 77 queue-threshold 1 prefix "end" drop
  }
  chain came { type filter hook prerouting priority -199; goto state; }
  chain sent { type filter hook output priority -199; goto state; }
  chain arrived { type filter hook input priority 1000; log group 77 queue-threshold 1 prefix "in"; }
})";

[[noreturn]] void Die(const std::string& message) {
  std::cerr << message << "\n";
  exit(2);
}

void Run(const std::string& command) {
  if (system(command.c_str()) != 0) Die("failed: " + command);
}

void Install(const std::string& ruleset) {
  FILE* const nft = popen("nft -f -", "w");
  if (nft == nullptr) Die(absl::StrCat("nft: ", strerror(errno)));
  const bool written = fwrite(ruleset.data(), 1, ruleset.size(), nft) == ruleset.size();
  if (pclose(nft) != 0 || !written) Die("nft refused " + ruleset);
}

template <typename T>
T Check(absl::StatusOr<T> value) {
  if (!value.ok()) Die(std::string(value.status().message()));
  return *std::move(value);
}

Descriptor NewNamespace() {
  Must(unshare(CLONE_NEWNET), "make a network namespace (needs root)");
  return Descriptor(Must(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), "open it"));
}

Bytes Address(const std::string& text) {
  char bytes[16];
  if (inet_pton(AF_INET, text.c_str(), bytes) == 1) return Bytes(bytes, 4);
  if (inet_pton(AF_INET6, text.c_str(), bytes) == 1) return Bytes(bytes, 16);
  Die("not an address: " + text);
}

struct Plan {
  const char* name;
  const char* type;
  const char* network4;  // of 24 bits
  const char* network6;  // of 64
};
constexpr Plan kPlan[] = {
    {"eth0", "ethernet", "192.0.2.", "2001:db8:0:1::"},
    {"wlan0", "wireless", "198.51.100.", "2001:db8:0:2::"},
    {"eth1", "ethernet", "10.0.0.", "fd00:0:0:3::"},
};

// What a probe is known by.
uint16_t IdOf(const Bytes& datagram) {
  if (datagram.size() < 20) return 0;
  return policy::Read16(datagram, static_cast<uint8_t>(datagram[0]) >> 4 == 6 ? 2 : 4);
}

Bytes Frame(const World::Interface& interface, bool inward, bool broadcast, const Bytes& datagram) {
  const bool ipv6 = !datagram.empty() && static_cast<uint8_t>(datagram[0]) >> 4 == 6;
  const Bytes to = inward ? interface.mac : interface.neighbour_mac;
  return (broadcast ? Bytes(6, '\xff') : to) + (inward ? interface.neighbour_mac : interface.mac) +
         (ipv6 ? Bytes("\x86\xdd", 2) : Bytes("\x08\0", 2)) + datagram;
}

void Set(const std::string& name, const std::string& value) {
  std::ofstream file("/proc/sys/net/" + name);
  if (!(file << value << std::flush)) Die("cannot set " + name);
}

}  // namespace

World::World() {
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<unsigned>(sched_getcpu()), &one);
  Must(sched_setaffinity(0, sizeof one, &one), "stay on one CPU");
  neighbours_ = NewNamespace();
  NewNamespace();
  MakeInterfaces();
  OpenSockets();
  Install(kObserver);
  requests_ =
      std::make_unique<agent::NetlinkSocket>(Check(agent::NetlinkSocket::Open(NETLINK_NETFILTER)));
  sockets_ = Check(agent::HostSockets::Open());
  BindLog();
}

void World::MakeInterfaces() {
  const std::string there = absl::StrCat("/proc/", getpid(), "/fd/", neighbours_.get());
  // Nothing that nobody asked for, no answers that take a question first.
  for (const char* quiet :
       {"ipv6/conf/default/accept_ra", "ipv6/conf/default/accept_dad", "ipv6/conf/default/autoconf",
        "ipv6/conf/default/router_solicitations", "ipv4/conf/all/rp_filter",
        "ipv4/conf/default/rp_filter", "ipv4/conf/all/send_redirects",
        "ipv4/conf/default/send_redirects", "ipv6/auto_flowlabels"}) {
    Set(quiet, "0");
  }
  // Source routes are taken, so that the rules are what drops them.
  Set("ipv4/conf/all/accept_source_route", "1");
  Set("ipv4/conf/default/accept_source_route", "1");
  // A fragment is not to wait until its number comes again.
  Set("ipv4/ipfrag_time", "1");
  Set("netfilter/nf_conntrack_frag6_timeout", "1");

  Run("ip link set lo up");
  for (const Plan& plan : kPlan) {
    const std::string v4 = plan.network4, v6 = plan.network6;
    const std::string peer = absl::StrCat("p-", plan.name);
    Run(absl::StrCat("ip link add ", plan.name, " type veth peer name ", peer, " && ip link set ",
                     plan.name, " up && ip address add ", v4, "2/24 dev ", plan.name,
                     " && ip address add ", v6, "2/64 nodad dev ", plan.name));
    Run(absl::StrCat("ip link set ", peer, " netns ", there, " && nsenter --net=", there,
                     " sh -c 'sysctl -qw net.ipv6.conf.", peer, ".disable_ipv6=1; ip link set ",
                     peer, " arp off up'"));
    // All of the neighbours are the other end.
    std::vector<std::string> neighbours = {"fe80::7"};
    for (const char* host : {"1", "3", "4", "5"}) {
      neighbours.push_back(v4 + host);
      neighbours.push_back(v6 + host);
    }
    for (const std::string& neighbour : neighbours) {
      Run(absl::StrCat("ip neighbour add ", neighbour, " lladdr 02:00:00:00:00:01 dev ", plan.name,
                       " nud permanent"));
    }
    Interface interface = {.name = plan.name,
                           .type = plan.type,
                           .index = if_nametoindex(plan.name),
                           .address4 = Address(v4 + "2"),
                           .address6 = Address(v6 + "2"),
                           .network4 = Address(v4 + "2").substr(0, 3),
                           .network6 = Address(v6 + "2").substr(0, 15),
                           .neighbour_mac = Bytes("\x02\0\0\0\0\1", 6)};
    interfaces_.push_back(std::move(interface));
  }
  Run("ip route add default via 192.0.2.1 && ip -6 route add default via 2001:db8:0:1::1");
}

void World::OpenSockets() {
  Descriptor here(Must(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), "open"));
  const auto packet_socket = [](const std::string& name, bool listens) {
    const int fd = Must(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0), "open a packet socket");
    sockaddr_ll address = {};
    address.sll_family = AF_PACKET;
    address.sll_protocol = listens ? htons(ETH_P_ALL) : 0;
    address.sll_ifindex = static_cast<int>(if_nametoindex(name.c_str()));
    const int on = 1;
    Must(setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &on, sizeof on), "ignore our own");
    Must(bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address), "bind");
    return Descriptor(fd);
  };
  const int on = 1;
  const auto raw_socket = [&](int family) {
    const int fd = Must(socket(family, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW), "open a raw socket");
    Must(setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &on, sizeof on), "allow broadcasts");
    return Descriptor(fd);
  };
  unbound4_ = raw_socket(AF_INET);
  unbound6_ = raw_socket(AF_INET6);
  for (Interface& interface : interfaces_) {
    Ends ends;
    ends.inside = packet_socket(interface.name, /*listens=*/false);
    ifreq request = {};
    strncpy(request.ifr_name, interface.name.c_str(), IFNAMSIZ - 1);
    Must(ioctl(ends.inside.get(), SIOCGIFHWADDR, &request), "read a hardware address");
    interface.mac = Bytes(request.ifr_hwaddr.sa_data, 6);
    for (const int family : {AF_INET, AF_INET6}) {
      Descriptor raw = raw_socket(family);
      Must(setsockopt(raw.get(), SOL_SOCKET, SO_BINDTODEVICE, interface.name.c_str(),
                      static_cast<socklen_t>(interface.name.size())),
           "bind a raw socket");
      (family == AF_INET ? ends.raw4 : ends.raw6) = std::move(raw);
    }
    Must(setns(neighbours_.get(), CLONE_NEWNET), "go to the neighbours");
    ends.outside = packet_socket("p-" + interface.name, /*listens=*/true);
    Must(setns(here.get(), CLONE_NEWNET), "come back");
    ends_.push_back(std::move(ends));
  }
}

void World::BindLog() {
  log_ =
      std::make_unique<agent::NetlinkSocket>(Check(agent::NetlinkSocket::Open(NETLINK_NETFILTER)));
  const auto configure = [&](const auto& fill) {
    alignas(nlmsghdr) std::array<char, 256> buffer = {};
    nlmsghdr* message = mnl_nlmsg_put_header(buffer.data());
    message->nlmsg_type = NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_CONFIG;
    message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
    message->nlmsg_seq = ++sequence_;
    auto* header = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg)));
    header->res_id = htons(kLogGroup);
    fill(message);
    const absl::Status status =
        log_->Dump({buffer.data(), message->nlmsg_len}, [](const nlmsghdr&) {});
    if (!status.ok()) Die(absl::StrCat("bind NFLOG: ", status.message()));
  };
  configure([](nlmsghdr* message) {
    const nfulnl_msg_config_cmd command = {.command = NFULNL_CFG_CMD_BIND};
    mnl_attr_put(message, NFULA_CFG_CMD, sizeof command, &command);
  });
  configure([](nlmsghdr* message) {
    const nfulnl_msg_config_mode mode = {.copy_range = htonl(0xffff),
                                         .copy_mode = NFULNL_COPY_PACKET};
    mnl_attr_put(message, NFULA_CFG_MODE, sizeof mode, &mode);
  });
}

void World::ForgetFlows() {
  alignas(nlmsghdr) std::array<char, 64> buffer = {};
  nlmsghdr* message = mnl_nlmsg_put_header(buffer.data());
  message->nlmsg_type = NFNL_SUBSYS_CTNETLINK << 8 | IPCTNL_MSG_CT_DELETE;
  message->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  message->nlmsg_seq = ++sequence_;
  mnl_nlmsg_put_extra_header(message, sizeof(nfgenmsg));
  const absl::Status status =
      requests_->Dump({buffer.data(), message->nlmsg_len}, [](const nlmsghdr&) {});
  if (!status.ok()) Die(absl::StrCat("forget all flows: ", status.message()));
}

void World::SetForwarding(bool on) {
  Set("ipv4/ip_forward", on ? "1" : "0");
  Set("ipv6/conf/all/forwarding", on ? "1" : "0");
}

void World::SetForeignTables(const std::string& text) {
  if (text == foreign_tables_) return;
  foreign_tables_ = text;
  Install(absl::StrCat("table ip engine {}\ndelete table ip engine\n",
                       "table ip6 engine {}\ndelete table ip6 engine\n", text));
}

policy::HostState World::State() { return Check(agent::ReadHostState(*sockets_)); }

// What stands between the probe and the end of its way is on this CPU's queue before the sentinel.
void World::SendSentinel() {
  ++sentinel_;
  Bytes datagram("\x45\0\0\x18\0\0\0\0\x40", 9);
  datagram[1] = kSentinelService;
  datagram += Bytes(1, static_cast<char>(kSentinel)) + Bytes(2, '\0');
  datagram += interfaces_[0].network4 + '\x01' + interfaces_[0].address4;
  const uint16_t sum = htons(static_cast<uint16_t>(~policy::HeaderSum(datagram)));
  memcpy(datagram.data() + 10, &sum, sizeof sum);
  datagram.append(reinterpret_cast<const char*>(&sentinel_), sizeof sentinel_);
  const Bytes frame = Frame(interfaces_[0], /*inward=*/true, /*broadcast=*/false, datagram);
  Must(static_cast<int>(send(ends_[0].outside.get(), frame.data(), frame.size(), 0)),
       "send a sentinel");
}

bool World::SendProbe(const Probe& probe) {
  const Interface& interface = interfaces_[static_cast<size_t>(probe.interface)];
  const Ends& ends = ends_[static_cast<size_t>(probe.interface)];
  ssize_t sent = 0;
  if (probe.way == Probe::Way::kRaw) {
    const bool ipv6 = policy::ParsePacket(probe.datagram).family == NFPROTO_IPV6;
    const Bytes to = policy::DestinationOf(policy::ParsePacket(probe.datagram));
    sockaddr_in6 address6 = {};
    address6.sin6_family = AF_INET6;
    sockaddr_in address4 = {};
    address4.sin_family = AF_INET;
    memcpy(ipv6 ? static_cast<void*>(&address6.sin6_addr) : &address4.sin_addr, to.data(),
           to.size());
    const int raw4 = (probe.bound ? ends.raw4 : unbound4_).get();
    const int raw6 = (probe.bound ? ends.raw6 : unbound6_).get();
    sent = ipv6 ? sendto(raw6, probe.datagram.data(), probe.datagram.size(), 0,
                         reinterpret_cast<const sockaddr*>(&address6), sizeof address6)
                : sendto(raw4, probe.datagram.data(), probe.datagram.size(), 0,
                         reinterpret_cast<const sockaddr*>(&address4), sizeof address4);
  } else {
    const bool inward = probe.way == Probe::Way::kIn;
    const int socket = (inward ? ends.outside : ends.inside).get();
    for (const Bytes& datagram :
         probe.fragments.empty() ? std::vector<Bytes>{probe.datagram} : probe.fragments) {
      const Bytes frame = Frame(interface, inward, probe.broadcast, datagram);
      sent = send(socket, frame.data(), frame.size(), 0);
    }
  }
  // These two are what a sender is told whose packet the rules drop.
  return sent >= 0 || errno == EPERM || errno == ENOBUFS;
}

std::optional<Observation> World::Send(const Probe& probe) {
  if (!SendProbe(probe)) return std::nullopt;
  SendSentinel();
  Observation seen;
  bool done = false;
  while (!done) {
    const absl::Status status = log_->Receive(/*wait=*/true, [&](const nlmsghdr& message) {
      if (message.nlmsg_type != (NFNL_SUBSYS_ULOG << 8 | NFULNL_MSG_PACKET)) return;
      std::string prefix;
      Bytes datagram;
      agent::ForEachAttribute(agent::AttributesOf(message, sizeof(nfgenmsg)),
                              [&](int type, std::span<const char> payload) {
                                if (type == NFULA_PREFIX) prefix = payload.data();
                                if (type == NFULA_PAYLOAD) {
                                  datagram.assign(payload.data(), payload.size());
                                }
                                return true;
                              });
      if (prefix == "end") {
        done = datagram.size() == 24 && memcmp(datagram.data() + 20, &sentinel_, 4) == 0;
      } else if (IdOf(datagram) == probe.id && absl::StartsWith(prefix, "state ")) {
        seen.state = prefix.substr(6);
      } else if (IdOf(datagram) == probe.id && probe.way == Probe::Way::kIn) {
        seen.arrived = true;
        seen.datagram = std::move(datagram);
      }
    });
    if (!status.ok()) Die(absl::StrCat("read NFLOG: ", status.message()));
  }
  ReadArrivals(probe, seen);
  return seen;
}

void World::ReadArrivals(const Probe& probe, Observation& seen) {
  constexpr size_t kEthernet = 14;
  const policy::Packet sent = policy::ParsePacket(probe.datagram);
  for (const Ends& ends : ends_) {
    char buffer[4096];
    ssize_t length;
    while ((length = recv(ends.outside.get(), buffer, sizeof buffer, MSG_DONTWAIT)) >= 0) {
      if (static_cast<size_t>(length) < kEthernet) continue;
      Bytes datagram(buffer + kEthernet, static_cast<size_t>(length) - kEthernet);
      // The host's own answers have numbers too.
      const policy::Packet packet = policy::ParsePacket(datagram);
      // What came in fragments is sent on in fragments.
      const bool size = !probe.fragments.empty() || datagram.size() == probe.datagram.size();
      if (IdOf(datagram) != probe.id || packet.protocol != sent.protocol || !size) continue;
      if (seen.arrived) continue;
      seen.arrived = true;
      seen.datagram = std::move(datagram);
    }
  }
}

}  // namespace firebreak::oracle
