// SPDX-License-Identifier: Apache-2.0
#include "policy/hardening/catalogue.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace firebreak::policy {
namespace {

using Scope = HardeningSetting::Scope;
using Value = std::optional<int64_t>;

constexpr int64_t kMost32 = 2'147'483'647;

Value Same(int64_t value) { return value; }
Value Not(int64_t value) { return value == 0 ? 1 : 0; }
// tcp_retries2 is a byte.
Value AtMostByte(int64_t value) { return std::min<int64_t>(value, 255); }
Value Seconds(int64_t millis) { return (millis + 999) / 1000; }
Value OneIfAny(int64_t value) { return value > 0 ? 1 : 0; }
// 1280 bytes is the smallest MTU that every IPv6 link carries (RFC 8200). It is needed only where
// path MTU discovery is off.
Value SmallestIfOff(int64_t value) { return value == 0 ? Value(1280) : std::nullopt; }
// The setting's 0 takes source routes, 1 and 2 do not. IPv4's accept_source_route is a flag.
Value TakesSourceRoutes(int64_t value) { return value == 0 ? 1 : 0; }
// IPv6's accept_source_route: a negative value takes no routing header, 0 only the headers of
// mobile hosts (type 2).
Value TakesRoutingHeaders(int64_t value) { return value == 0 ? 0 : -1; }

SysctlTarget Host(const char* name, Value (*value)(int64_t) = Same) {
  return {.name = name, .value = value};
}
SysctlTarget Ipv4(const char* name, Combine combine, Value (*value)(int64_t) = Same) {
  return {.name = name, .combine = combine, .family = 4, .value = value};
}
SysctlTarget Ipv6(const char* name, Combine combine, Value (*value)(int64_t) = Same) {
  return {.name = name, .combine = combine, .family = 6, .value = value};
}

std::vector<HardeningSetting> Make() {
  std::vector<HardeningSetting> all = {
      {.name = "syn_attack_protect",
       .least = 0,
       .most = 2,
       .kernel_default = 1,
       .recommended = 2,
       .strict = 2,
       .original = 2,
       .what = "Defence against floods of connection requests. 0: none. 1: SYN cookies when a "
               "queue of half-open connections is full. 2: as 1 and, while the detector sees an "
               "attack, the kernel completes the handshakes of mapped TCP ports itself (SYN "
               "proxy), and a SYN-ACK is sent again once at most.",
       .cost =
           "A connection that was begun by a cookie keeps window scaling and SACK only with TCP "
           "timestamps. The SYN proxy speaks for the host: peers may see a smaller segment "
           "size while an attack lasts.",
       .security = "Without it, a few hundred forged packets a second keep everybody else out.",
       .sysctls = {Host("net/ipv4/tcp_syncookies", OneIfAny)},
       .besides = "2: the agent's detector, with the SYN proxy and tcp_synack_retries 1 while it "
                  "sees an attack"},
      {.name = "tcp_max_ports_exhausted",
       .least = 0,
       .most = 65'535,
       .unit = "requests in a second",
       .recommended = 5,
       .strict = 5,
       .original = 5,
       .what = "An attack begins for the detector when more connection requests than this were "
               "refused, or answered by cookies, within a second as a queue was full.",
       .cost = "A low number takes a busy service for an attacked one.",
       .security = "Full queues are what a flood is for.",
       .besides = "the agent's detector: TCPReqQFullDrop, TCPReqQFullDoCookies and ListenOverflows "
                  "of /proc/net/netstat"},
      {.name = "tcp_max_half_open",
       .least = 100,
       .most = 65'535,
       .unit = "connections",
       .recommended = 500,
       .strict = 500,
       .original = 500,
       .what = "An attack begins for the detector when more connections than this are half open.",
       .cost = "A low number takes a busy service for an attacked one.",
       .security = "A host that is not attacked has few half-open connections.",
       .besides = "the agent's detector: sock_diag(7), asked only while the kernel's counters say "
                  "that handshakes are not completed"},
      {.name = "tcp_max_half_open_retried",
       .least = 80,
       .most = 65'535,
       .unit = "connections",
       .recommended = 400,
       .strict = 400,
       .original = 400,
       .what = "An attack begins for the detector when more half-open connections than this have "
               "had their SYN-ACK sent again.",
       .cost = "A low number takes a network that loses packets for an attack.",
       .security = "Forged senders never answer a SYN-ACK.",
       .besides = "the agent's detector, as for tcp_max_half_open"},
      {.name = "tcp_max_connect_response_retransmissions",
       .least = 0,
       .most = 255,
       .unit = "times",
       .kernel_default = 5,
       .recommended = 2,
       .strict = 2,
       .original = 2,
       .what = "How often a SYN-ACK is sent again. With 2 a half-open connection is given up after "
               "7 s, with the kernel's 5 after 63 s.",
       .cost = "Peers behind a network that loses many packets may fail to connect.",
       .security = "The longer half-open connections live, the fewer packets a flood needs.",
       .sysctls = {Host("net/ipv4/tcp_synack_retries")}},
      {.name = "tcp_max_data_retransmissions",
       .least = 0,
       .most = 65'535,
       .unit = "times",
       .kernel_default = 15,
       .recommended = 6,
       .strict = 6,
       .original = 2,
       .what =
           "How long data without an answer is sent again before a connection ends. Linux "
           "makes a time of the number: that of so many retransmissions which begin 200 ms "
           "apart and double. 2 is 1.4 s, 6 is 25.4 s, 8 is 102.2 s, the kernel's 15 is "
           "924.6 s. The stacks that the old guides are about waited 3 s first, so that their 2 "
           "was 21 s: on Linux that is 6, which is why 6 is recommended. More than 255 counts "
           "as 255.",
       .cost = "Connections end that would have survived a longer outage: with 2 those over any "
               "network that is silent for more than 1.4 s. RFC 1122 asks for 100 s at least, "
               "which is 8.",
       .security = "Peers that have gone hold memory for less time.",
       .sysctls = {Host("net/ipv4/tcp_retries2", AtMostByte)}},
      {.name = "enable_pmtu_discovery",
       .least = 0,
       .most = 1,
       .kernel_default = 1,
       .recommended = 1,
       .strict = 1,
       .original = 0,
       .what = "Whether the host learns how large packets to a peer may be. 0: IPv4 packets may be "
               "fragmented on their way, and IPv6 is sent in packets of 1280 bytes. The old guides "
               "say 0. Today 1 is recommended: a kernel takes a claim of a smaller size only about "
               "a connection that it has, and none below 552 bytes (1280 of IPv6).",
       .cost = "0 costs throughput: IPv6 packets are 15 % smaller than Ethernet's, and every "
               "forged claim that comes in makes IPv4 packets of 552 bytes.",
       .security = "With discovery a forged ICMP message that knows a connection makes its packets "
                   "smaller.",
       .sysctls = {Host("net/ipv4/ip_no_pmtu_disc", Not),
                   {.name = "mtu",
                    .combine = Combine::kOwn,
                    .family = 6,
                    .value = SmallestIfOff,
                    .links_only = true}}},
      {.name = "keep_alive_time",
       .least = 1'000,
       .most = 32'767'000,
       .unit = "ms",
       .kernel_default = 7'200'000,
       .recommended = 300'000,
       .strict = 300'000,
       .original = 300'000,
       .what = "After how long without traffic a connection of a program that asks for keep-alive "
               "is probed. The kernel counts in seconds; parts of one are rounded up.",
       .cost = "Idle connections send a packet every five minutes instead of every two hours.",
       .security = "Peers that have gone are noticed sooner, and what they hold is freed.",
       .sysctls = {Host("net/ipv4/tcp_keepalive_time", Seconds)}},
      {.name = "enable_dynamic_backlog",
       .least = 0,
       .most = 1,
       .recommended = 1,
       .strict = 1,
       .original = 1,
       .what =
           "Whether the agent raises the kernel's limits of queues of connections when requests "
           "are refused for want of room, and lowers them again when a minute passed without. "
           "It moves between minimum_dynamic_backlog and maximum_dynamic_backlog by "
           "dynamic_backlog_growth_delta for each refused request.",
       .cost = "A longer queue takes memory: about 300 bytes for each half-open connection.",
       .security =
           "Bursts and floods find room. net.core.somaxconn holds for sockets that begin to "
           "listen afterwards only; net.ipv4.tcp_max_syn_backlog holds at once, where SYN "
           "cookies are off.",
       .besides = "the agent's backlog watcher: net.core.somaxconn, net.ipv4.tcp_max_syn_backlog"},
      {.name = "minimum_dynamic_backlog",
       .least = 1,
       .most = 65'535,
       .unit = "connections",
       .recommended = 4'096,
       .strict = 4'096,
       .original = 20,
       .what = "The least that enable_dynamic_backlog lowers the limits to. The old guides say 20; "
               "Linux begins with 4096, which is why that is recommended.",
       .cost = "Memory, as for enable_dynamic_backlog.",
       .security = "A small queue is filled by few packets.",
       .besides = "the agent's backlog watcher"},
      {.name = "maximum_dynamic_backlog",
       .least = 1,
       .most = 65'535,
       .unit = "connections",
       .recommended = 20'000,
       .strict = 20'000,
       .original = 20'000,
       .what = "The most that enable_dynamic_backlog raises the limits to.",
       .cost = "Memory, as for enable_dynamic_backlog.",
       .security = "A flood cannot make queues grow without bound.",
       .besides = "the agent's backlog watcher"},
      {.name = "dynamic_backlog_growth_delta",
       .least = 1,
       .most = 65'535,
       .unit = "connections",
       .recommended = 10,
       .strict = 10,
       .original = 10,
       .what = "By how much enable_dynamic_backlog raises the limits for each request that was "
               "refused.",
       .cost = "Memory, as for enable_dynamic_backlog.",
       .security = "The more, the sooner a burst finds room.",
       .besides = "the agent's backlog watcher"},
      {.name = "enable_icmp_redirect",
       .scope = Scope::kInterface,
       .least = 0,
       .most = 1,
       .kernel_default = 1,
       .recommended = 0,
       .strict = 0,
       .original = 0,
       .what = "Whether ICMP redirects change the host's routes, and whether the host sends any.",
       .cost = "In a network with several routers packets may take one hop more.",
       .security = "Whoever is on the link could divert the host's traffic to himself.",
       .sysctls = {Ipv4("accept_redirects", Combine::kRedirects),
                   Ipv4("secure_redirects", Combine::kOr), Ipv4("send_redirects", Combine::kOr),
                   Ipv6("accept_redirects", Combine::kOwn)},
       .besides = "0: a rule that drops the IPv6 redirects that the host would send, where the "
                  "policy itself says so and not only a section for an interface"},
      {.name = "enable_dead_gw_detect",
       .scope = Scope::kInterface,
       .least = 0,
       .most = 1,
       .kernel_default = 0,
       .recommended = 0,
       .strict = 0,
       .original = 0,
       .what =
           "Whether the kernel turns to another gateway when the link to one goes down, or when "
           "a gateway of a route with several does not answer. Among default routes of the "
           "same metric Linux always prefers a gateway that answers; no setting ends that.",
       .cost = "With 0 a dead gateway stays the way until a route is changed.",
       .security = "Whoever silences a gateway could choose which one the host takes.",
       .sysctls = {Ipv4("ignore_routes_with_linkdown", Combine::kOr),
                   Ipv6("ignore_routes_with_linkdown", Combine::kOwn),
                   Host("net/ipv4/fib_multipath_use_neigh")}},
      {.name = "disable_ip_source_routing",
       .scope = Scope::kInterface,
       .least = 0,
       .most = 2,
       .kernel_default = 1,
       .recommended = 1,
       .strict = 2,
       .original = 1,
       .what = "What becomes of packets whose sender chooses their way. 0: they are taken and sent "
               "on. 1: the host neither follows nor takes them. 2: a rule drops them before "
               "anything looks at them, with every IPv6 routing header; what any interface is set "
               "to 2 for is dropped on all.",
       .cost = "2 keeps mobile IPv6 (routing header type 2) and segment routing out.",
       .security = "Source routes lead around firewalls, and answers back to a forged sender.",
       .sysctls = {Ipv4("accept_source_route", Combine::kAnd, TakesSourceRoutes),
                   Ipv6("accept_source_route", Combine::kMin, TakesRoutingHeaders)},
       .besides = "2: a rule that drops the IPv4 options LSRR and SSRR and IPv6 routing headers"},
      {.name = "enable_multicast_forwarding",
       .least = 0,
       .most = 1,
       .kernel_default = 0,
       .recommended = 0,
       .strict = 0,
       .original = 0,
       .what = "Whether multicast may be sent on to other networks. Only a multicast router's own "
               "program can begin to in Linux (mc_forwarding is read-only); 1 lets it.",
       .cost = "The host cannot be a multicast router.",
       .security = "The host does not carry groups from one network to another.",
       .besides = "0: a rule that drops multicast which would be forwarded"},
      {.name = "ip_enable_router",
       .least = 0,
       .most = 1,
       .kernel_default = 0,
       .recommended = 0,
       .strict = 0,
       .original = 0,
       .what = "Whether the host forwards packets between its networks. What sharing and mappings "
               "to other hosts need is forwarded whatever this says.",
       .cost =
           "With 0 containers, virtual machines and overlay networks of the host reach nobody; "
           "where the host has such and forwards already, the agent does not set 0 and says so.",
       .security = "A host that forwards is a way between networks that were to be apart.",
       .sysctls = {Host("net/ipv4/ip_forward"), Host("net/ipv6/conf/all/forwarding")}},
      {.name = "enable_addr_mask_reply",
       .least = 0,
       .most = 1,
       .kernel_default = 0,
       .recommended = 0,
       .strict = 0,
       .original = 0,
       .what = "Whether ICMP address mask requests may be answered. Linux answers none by itself; "
               "with 0 no program gets or answers any either.",
       .cost = "None: nothing of today uses them (RFC 6918).",
       .security = "The answer tells how a network is cut up.",
       .besides = "0: rules that drop ICMP address mask requests that come in and replies that go "
                  "out"},
      {.name = "no_name_release_on_demand",
       .least = 0,
       .most = 1,
       .kernel_default = 0,
       .recommended = 1,
       .strict = 1,
       .original = 1,
       .what = "Whether NetBIOS packets that ask to release a name are dropped (RFC 1002).",
       .cost = "Names of hosts that leave in order are known for longer.",
       .security = "Anybody could make the host give its name up to him.",
       .besides = "1: a rule that drops name releases that come in, to UDP port 137"},
      // From here on: settings that the old guides do not have and a Linux host of today needs.
      {.name = "rp_filter",
       .scope = Scope::kInterface,
       .least = 0,
       .most = 2,
       .kernel_default = 0,
       .recommended = 2,
       .strict = 1,
       .what = "Whether IPv4 packets are taken whose sender could not be answered: 1: through the "
               "interface by which they came (strict); 2: through any (loose).",
       .cost = "1 breaks hosts with several ways, with policy routing, with containers or overlay "
               "networks; where the agent sees such, it sets 2 and says so.",
       .security = "Forged senders are dropped before a program sees them.",
       .sysctls = {Ipv4("rp_filter", Combine::kMax)}},
      {.name = "log_martians",
       .scope = Scope::kInterface,
       .least = 0,
       .most = 1,
       .kernel_default = 0,
       .recommended = 0,
       .strict = 1,
       .what = "Whether the kernel's log tells of packets with addresses that cannot be.",
       .cost = "Lines in the kernel's log, at most a few a second.",
       .security = "Forgery is seen.",
       .sysctls = {Ipv4("log_martians", Combine::kOr)}},
      {.name = "accept_local",
       .scope = Scope::kInterface,
       .least = 0,
       .most = 1,
       .kernel_default = 0,
       .recommended = 0,
       .strict = 0,
       .what = "Whether packets from outside may have the host's own address as their sender.",
       .cost = "None, but for load balancers that answer for themselves.",
       .security = "Nobody speaks in the host's name.",
       .sysctls = {Ipv4("accept_local", Combine::kOr)}},
      {.name = "route_localnet",
       .scope = Scope::kInterface,
       .least = 0,
       .most = 1,
       .kernel_default = 0,
       .strict = 0,
       .what = "Whether addresses of 127.0.0.0/8 may come in from a network.",
       .cost = "Container engines that publish ports to 127.0.0.1 need 1.",
       .security = "Services that trust loopback stay out of reach.",
       .sysctls = {Ipv4("route_localnet", Combine::kOr)}},
      {.name = "proxy_arp",
       .scope = Scope::kInterface,
       .least = 0,
       .most = 1,
       .kernel_default = 0,
       .strict = 0,
       .what = "Whether the host answers ARP for addresses that are not its own.",
       .cost = "Some container and VPN networks need 1.",
       .security = "The host does not draw traffic of others to itself.",
       .sysctls = {Ipv4("proxy_arp", Combine::kOr)}},
      {.name = "arp_ignore",
       .scope = Scope::kInterface,
       .least = 0,
       .most = 2,
       .kernel_default = 0,
       .strict = 1,
       .what = "Which ARP requests are answered: 0: for any address of the host; 1: for one of the "
               "interface; 2: and only to senders of its own network.",
       .cost = "An address of another interface, as clusters use, is not found.",
       .security = "A neighbour does not learn the host's addresses in other networks.",
       .sysctls = {Ipv4("arp_ignore", Combine::kMax)}},
      {.name = "arp_announce",
       .scope = Scope::kInterface,
       .least = 0,
       .most = 2,
       .kernel_default = 0,
       .strict = 2,
       .what = "Which address of the host its own ARP requests tell: 0: any; 2: the best of the "
               "interface.",
       .cost = "None that is known.",
       .security = "As arp_ignore.",
       .sysctls = {Ipv4("arp_announce", Combine::kMax)}},
      {.name = "arp_filter",
       .scope = Scope::kInterface,
       .least = 0,
       .most = 1,
       .kernel_default = 0,
       .what = "Whether ARP is answered only where the way back to the asker leads.",
       .cost = "Hosts with two interfaces in one network need the right routes.",
       .security = "Each interface answers for itself.",
       .sysctls = {Ipv4("arp_filter", Combine::kOr)}},
      {.name = "drop_gratuitous_arp",
       .scope = Scope::kInterface,
       .least = 0,
       .most = 1,
       .kernel_default = 0,
       .what = "Whether ARP that nobody asked for is ignored.",
       .cost = "An address that moves to another machine is found late.",
       .security = "It is harder to take a neighbour's place.",
       .sysctls = {Ipv4("drop_gratuitous_arp", Combine::kOr)}},
      {.name = "drop_unicast_in_l2_multicast",
       .scope = Scope::kInterface,
       .least = 0,
       .most = 1,
       .kernel_default = 0,
       .strict = 1,
       .what = "Whether IP packets to one host are dropped that came to all by their link layer "
               "address (RFC 1122).",
       .cost = "Some wireless access points and clusters send so on purpose.",
       .security = "One frame cannot reach all hosts of a link at once.",
       .sysctls = {Ipv4("drop_unicast_in_l2_multicast", Combine::kOr),
                   Ipv6("drop_unicast_in_l2_multicast", Combine::kOwn)}},
      {.name = "accept_router_advertisements",
       .scope = Scope::kInterface,
       .least = 0,
       .most = 2,
       .kernel_default = 1,
       .what = "Whether IPv6 routers may tell the host its way out: 0: no; 1: unless it forwards; "
               "2: in any case. No preset sets it: most hosts have IPv6 by advertisements only.",
       .cost = "0: a host without routes of its own has no IPv6.",
       .security = "Anybody on the link can call himself a router.",
       .sysctls = {Ipv6("accept_ra", Combine::kOwn)}},
      {.name = "tcp_rfc1337",
       .least = 0,
       .most = 1,
       .kernel_default = 0,
       .recommended = 1,
       .strict = 1,
       .what = "Whether a stray RST is ignored after the end of a connection (RFC 1337).",
       .cost = "None that is known.",
       .security = "An old packet does not end the wait, and is not taken for one of the next "
                   "connection.",
       .sysctls = {Host("net/ipv4/tcp_rfc1337")}},
      {.name = "tcp_timestamps",
       .least = 0,
       .most = 2,
       .kernel_default = 1,
       .recommended = 1,
       .strict = 1,
       .what = "TCP timestamps (RFC 7323): 0: none; 1: with an offset of each connection's own; 2: "
               "without one.",
       .cost = "0 costs throughput on fast links, and connections begun by a SYN cookie their "
               "window scaling; a mapping with `handshake: proxy` needs 1.",
       .security = "With 2 a peer learns how long the host has run; with 1 not.",
       .sysctls = {Host("net/ipv4/tcp_timestamps")}},
      {.name = "tcp_fin_timeout",
       .least = 1,
       .most = 3'600,
       .unit = "s",
       .kernel_default = 60,
       .recommended = 30,
       .strict = 15,
       .what = "How long a connection that this host has closed waits for the peer to close it.",
       .cost = "Peers that are slow to close are reset.",
       .security = "Peers that never close hold memory for less time.",
       .sysctls = {Host("net/ipv4/tcp_fin_timeout")}},
      {.name = "icmp_echo_ignore_broadcasts",
       .least = 0,
       .most = 1,
       .kernel_default = 1,
       .recommended = 1,
       .strict = 1,
       .what = "Whether pings to a broadcast or multicast address are ignored.",
       .cost = "A network cannot be searched by one ping.",
       .security = "The host amplifies no flood.",
       .sysctls = {Host("net/ipv4/icmp_echo_ignore_broadcasts")}},
      {.name = "icmpv6_echo_ignore_multicast",
       .least = 0,
       .most = 1,
       .kernel_default = 0,
       .strict = 1,
       .what = "The same of IPv6: whether pings to a multicast address are ignored.",
       .cost = "A link cannot be searched by one ping.",
       .security = "The host amplifies no flood, and is not found by one packet.",
       .sysctls = {Host("net/ipv6/icmp/echo_ignore_multicast")}},
      {.name = "icmp_ignore_bogus_error_responses",
       .least = 0,
       .most = 1,
       .kernel_default = 1,
       .recommended = 1,
       .strict = 1,
       .what = "Whether ICMP errors about broadcasts are left out of the kernel's log.",
       .cost = "None that is known.",
       .security = "Broken routers do not fill the log.",
       .sysctls = {Host("net/ipv4/icmp_ignore_bogus_error_responses")}},
      {.name = "icmp_echo_enable_probe",
       .least = 0,
       .most = 1,
       .kernel_default = 0,
       .strict = 0,
       .what = "Whether the host answers RFC 8335 probes, which ask about its interfaces.",
       .cost = "None that is known.",
       .security = "The answer tells of the host's other networks.",
       .sysctls = {Host("net/ipv4/icmp_echo_enable_probe")}},
      {.name = "conntrack_max",
       .least = 1'024,
       .most = kMost32,
       .unit = "flows",
       .what = "How many flows connection tracking follows; beyond, new ones fail. The kernel "
               "chooses by the machine's memory. It holds for each network namespace, and only "
               "the first one can set it.",
       .cost = "About 400 bytes of memory for each flow.",
       .security = "A full table keeps everybody out.",
       .sysctls = {Host("net/netfilter/nf_conntrack_max")}},
      {.name = "conntrack_tcp_be_liberal",
       .least = 0,
       .most = 1,
       .kernel_default = 0,
       .recommended = 0,
       .strict = 0,
       .what = "Whether TCP segments outside the window count as part of a connection.",
       .cost = "Networks that send packets by ways of different length may need 1.",
       .security = "Forged segments do not reach a program.",
       .sysctls = {Host("net/netfilter/nf_conntrack_tcp_be_liberal")}},
  };
  std::sort(all.begin(), all.end(), [](const HardeningSetting& a, const HardeningSetting& b) {
    return absl::string_view(a.name) < absl::string_view(b.name);
  });
  return all;
}

const std::vector<HardeningSetting>& All() {
  static const auto* const kAll = new std::vector<HardeningSetting>(Make());
  return *kAll;
}

}  // namespace

std::span<const HardeningSetting> HardeningCatalogue() { return All(); }

const HardeningSetting* FindHardening(absl::string_view name) {
  const auto found = std::lower_bound(
      All().begin(), All().end(), name,
      [](const HardeningSetting& one, absl::string_view wanted) { return one.name < wanted; });
  return found == All().end() || found->name != name ? nullptr : &*found;
}

std::optional<int64_t> PresetValue(const HardeningSetting& setting, v1::Hardening::Preset preset) {
  switch (preset) {
    case v1::Hardening::recommended: return setting.recommended;
    case v1::Hardening::strict: return setting.strict;
    case v1::Hardening::original: return setting.original;
    default: return std::nullopt;
  }
}

std::string TargetText(const SysctlTarget& target) {
  if (target.combine == Combine::kHostWide) return SysctlText(target.name);
  const char* combine = "";
  switch (target.combine) {
    case Combine::kMax: combine = " (the higher of all and its own)"; break;
    case Combine::kOr: combine = " (all or its own)"; break;
    case Combine::kAnd: combine = " (all and its own)"; break;
    case Combine::kMin: combine = " (the lower of all and its own)"; break;
    case Combine::kRedirects: combine = " (all or its own; where it forwards: and)"; break;
    case Combine::kOwn:
    case Combine::kHostWide: break;
  }
  return absl::StrCat("net.ipv", target.family, ".conf.INTERFACE.", target.name, combine);
}

std::string SysctlText(std::string name) {
  for (char& c : name) c = c == '/' ? '.' : c == '.' ? '/' : c;
  return name;
}

}  // namespace firebreak::policy
