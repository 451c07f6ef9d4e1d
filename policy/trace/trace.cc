// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/trace.h"

// glibc's headers must come before the kernel's, which then leave out what both define.
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include <linux/if_arp.h>
#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>

#include <algorithm>
#include <utility>

#include "policy/trace/checksum.h"
#include "policy/trace/routing.h"

namespace firebreak::policy {
namespace {

using ruleset::Bytes;
using ruleset::Chain;

using Hooked = BaseChains::Hooked;

std::vector<Hooked> HookedOf(const std::optional<ruleset::Table>& table) {
  std::vector<Hooked> hooked;
  if (!table.has_value()) return hooked;
  for (const auto& [name, chain] : table->chains) {
    if (chain.hook.has_value()) hooked.push_back({&*table, &name, &chain});
  }
  std::stable_sort(hooked.begin(), hooked.end(), [](const Hooked& a, const Hooked& b) {
    return a.chain->hook->priority < b.chain->hook->priority;
  });
  return hooked;
}

// A chain at an IP hook: one of ours, or another program's. The kernel calls all NAT chains at the
// place of NAT at the hook, one after the other by their priorities.
struct Stop {
  int32_t place = 0;
  int32_t priority = 0;
  std::optional<Hooked> ours = std::nullopt;
  const HostState::OthersChain* others = nullptr;

  bool translates() const { return others != nullptr || ours->chain->hook->type == "nat"; }
};

const char* HookName(bool netdev, uint32_t number) {
  if (netdev) return number == NF_NETDEV_INGRESS ? "ingress" : "egress";
  switch (number) {
    case NF_INET_PRE_ROUTING: return "prerouting";
    case NF_INET_LOCAL_IN: return "input";
    case NF_INET_FORWARD: return "forward";
    case NF_INET_LOCAL_OUT: return "output";
    default: return "postrouting";
  }
}

class Walk {
 public:
  Walk(const ruleset::Ruleset& ruleset, const BaseChains& chains, const HostState& host,
       Packet packet)
      : ruleset_(ruleset), chains_(chains), host_(host), tracks_(ruleset.inet.has_value()) {
    trace_.packet = std::move(packet);
  }

  Trace Incoming() && {
    ComeIn();
    return std::move(trace_);
  }
  Trace Outgoing() && {
    GoOut();
    return std::move(trace_);
  }

 private:
  Packet& packet() { return trace_.packet; }

  // Traces need no MAC addresses, so the header has only the EtherType right.
  void PutLinkHeader() {
    const std::optional<Packet::Device>& device = packet().in ? packet().in : packet().out;
    if (!packet().link.empty() || !device || device->type != ARPHRD_ETHER) return;
    packet().link = Bytes(2 * ETH_ALEN, '\0');
    packet().link += packet().family == NFPROTO_IPV6 ? Bytes("\x86\xdd", 2) : Bytes("\x08\0", 2);
  }

  void ComeIn() {
    PutLinkHeader();
    trace_.hook = "ingress";
    if (!AtDevice(NF_NETDEV_INGRESS, packet().in)) return;
    if (packet().family == 0) return;
    if (auto refused = RefusedOnArrival(packet())) return KernelDrops(*std::move(refused));
    if (!AtHook(NF_INET_PRE_ROUTING)) return;
    const Routing routing = RouteIncoming(packet(), host_);
    switch (routing.to) {
      case Routing::To::kNowhere: return KernelDrops(routing.why);
      case Routing::To::kHost: AtHook(NF_INET_LOCAL_IN); return;
      case Routing::To::kForward: break;
    }
    const HostState::Interface* out = host_.Find(routing.out);
    if (out == nullptr) return KernelDrops("the interface that its route leads to is not there");
    packet().out = out->device;
    if (!AtHook(NF_INET_FORWARD) || !AtHook(NF_INET_POST_ROUTING)) return;
    AtDevice(NF_NETDEV_EGRESS, packet().out);
  }

  void GoOut() {
    if (packet().routed && packet().family != 0) {
      const Bytes destination = DestinationOf(packet());
      if (!AtHook(NF_INET_LOCAL_OUT)) return;
      if (DestinationOf(packet()) != destination && !RouteAgain()) return;
      if (!AtHook(NF_INET_POST_ROUTING)) return;
    }
    AtDevice(NF_NETDEV_EGRESS, packet().out);
  }

  // Follows ip_route_me_harder: a packet whose destination NAT has changed may leave by another
  // interface. The other chains at the hook still see the first interface. Returns false if the
  // packet is dropped.
  bool RouteAgain() {
    const Bytes destination = DestinationOf(packet());
    const bool local = IsLocal(host_, destination);
    std::optional<uint32_t> out;
    if (!local && host_.route) out = host_.route(destination, packet().bound_to);
    for (const HostState::Interface& interface : host_.interfaces) {
      if (local ? interface.device.type == ARPHRD_LOOPBACK : interface.device.index == out) {
        packet().out = interface.device;
        return true;
      }
    }
    KernelDrops("no route leads to where address translation sends it");
    return false;
  }

  void KernelDrops(std::string why) {
    trace_.verdict = Trace::Verdict::kDrop;
    trace_.why = std::move(why);
    trace_.decided.reset();
  }

  static std::vector<Hooked> ChainsAt(const std::vector<Hooked>& all, uint32_t hook,
                                      const std::string& device) {
    std::vector<Hooked> chains;
    for (const Hooked& one : all) {
      if (one.chain->hook->number == hook && one.chain->hook->device == device) {
        chains.push_back(one);
      }
    }
    return chains;
  }

  std::vector<Stop> StopsAt(uint32_t hook) const {
    std::vector<Stop> stops;
    const int32_t nat = NatPriority(hook);
    for (const Hooked& chain : ChainsAt(chains_.inet(), hook, "")) {
      const int32_t priority = chain.chain->hook->priority;
      const bool translates = chain.chain->hook->type == "nat";
      stops.push_back({.place = translates ? nat : priority, .priority = priority, .ours = chain});
    }
    for (const HostState::OthersChain& chain : host_.others) {
      if (chain.hook != hook) continue;
      stops.push_back({.place = nat, .priority = chain.priority, .others = &chain});
    }
    std::stable_sort(stops.begin(), stops.end(), [](const Stop& a, const Stop& b) {
      return std::pair(a.place, a.priority) < std::pair(b.place, b.priority);
    });
    return stops;
  }

  // Runs the chains at a device. Returns false if the packet ends here.
  bool AtDevice(uint32_t hook, const std::optional<Packet::Device>& device) {
    if (!device.has_value()) return true;
    PutLinkHeader();
    trace_.hook = HookName(/*netdev=*/true, hook);
    // At a device's hook the kernel reports the same device as incoming and outgoing.
    Packet seen = packet();
    seen.in = seen.out = device;
    seen.state = 0;
    seen.flow.reset();
    if (!seen.whole) {
      seen.protocol_known = false;
      seen.authentication.clear();
    }
    for (const Hooked& chain : ChainsAt(chains_.netdev(), hook, device->name)) {
      if (!Run(chain, seen, /*netdev=*/true).has_value()) return false;
    }
    return true;
  }

  // Runs the chains at an IP hook, with defragmentation, conntrack and NAT between them by
  // priority. Returns false if the packet ends here.
  bool AtHook(uint32_t hook) {
    trace_.hook = HookName(/*netdev=*/false, hook);
    const bool begins = hook == NF_INET_PRE_ROUTING || hook == NF_INET_LOCAL_OUT;
    bool defragmented = !begins, tracked = !begins, followed = false;
    for (const Stop& stop : StopsAt(hook)) {
      if (!defragmented && stop.place > NF_IP_PRI_CONNTRACK_DEFRAG) {
        if (!Defragment()) return false;
        defragmented = true;
      }
      if (!tracked && stop.place > NF_IP_PRI_CONNTRACK) {
        TrackPacket(hook);
        tracked = true;
      }
      if (!followed && !stop.translates() && stop.place > NatPriority(hook)) {
        if (!FollowTranslation(hook)) return false;
        followed = true;
      }
      if (stop.others != nullptr) {
        if (!MayTranslate(hook)) continue;
        const std::optional<Translation> translation = stop.others->translate(packet());
        if (translation.has_value()) Translate(*translation, hook);
        continue;
      }
      const Hooked& chain = *stop.ours;
      if (chain.chain->hook->type == "nat") {
        if (!MayTranslate(hook)) continue;
      }
      std::optional<Decision> decision = Run(chain, packet(), /*netdev=*/false);
      if (!decision.has_value()) return false;
      if (decision->untracked) {
        packet().state = trace_.tracking.state = NF_CT_STATE_UNTRACKED_BIT;
        tracked = true;
      }
      if (decision->translation.has_value()) Translate(*decision->translation, hook);
    }
    if (!defragmented && !Defragment()) return false;
    if (!tracked) TrackPacket(hook);
    if (!followed && !FollowTranslation(hook)) return false;
    return hook != NF_INET_POST_ROUTING || Confirm();
  }

  // nf_ct_frag6_gather ignores a first fragment without the complete next header (RFC 8200, 4.5).
  // The fragment goes on as it is, and the code behind IP refuses it.
  bool IsHeaderSplit() const {
    const Packet& packet = trace_.packet;
    if (packet.family != NFPROTO_IPV6 || packet.fragment_offset != 0) return false;
    const size_t header = packet.protocol == IPPROTO_TCP                                        ? 20
                          : packet.protocol == IPPROTO_UDP || packet.protocol == IPPROTO_ICMPV6 ? 8
                                                                                                : 1;
    return packet.transport.size() < header;
  }

  bool Defragment() {
    if (!tracks_ || !IsFragment(packet()) || IsHeaderSplit()) return true;
    trace_.verdict = Trace::Verdict::kHold;
    trace_.why = "a fragment waits for the others; whole, the datagram is judged like any other";
    return false;
  }

  void TrackPacket(uint32_t hook) {
    if (!tracks_) return;
    trace_.tracking = Track(packet(), host_, hook == NF_INET_PRE_ROUTING);
    packet().state = trace_.tracking.state;
    packet().flow = trace_.tracking.flow;
    packet().flow_direction = trace_.tracking.direction;
  }

  // A single NAT chain anywhere makes the kernel translate at all NAT hooks.
  bool Translates() const {
    if (!host_.others.empty()) return true;
    return std::any_of(chains_.inet().begin(), chains_.inet().end(),
                       [](const Hooked& one) { return one.chain->hook->type == "nat"; });
  }

  static int32_t NatPriority(uint32_t hook) {
    return IsSourceHook(hook) ? NF_IP_PRI_NAT_SRC : NF_IP_PRI_NAT_DST;
  }

  // Follows nf_nat_icmp_reply_translation and nf_nat_icmpv6_reply_translation, which check ICMP
  // errors about flows more strictly than connection tracking does. Returns false if the packet is
  // dropped.
  bool TranslateError(uint32_t hook) {
    constexpr uint32_t kDone = IPS_SRC_NAT_DONE | IPS_DST_NAT_DONE;
    const bool icmp = packet().family == NFPROTO_IPV4 ? packet().protocol == IPPROTO_ICMP
                                                      : packet().protocol == IPPROTO_ICMPV6;
    if (hook == NF_INET_FORWARD || !icmp || !packet().flow.has_value() ||
        packet().state != NF_CT_STATE_BIT(IP_CT_RELATED)) {
      return true;
    }
    if (TransportSum(packet()) != 0xffff) {
      KernelDrops("address translation refuses an ICMP error with a wrong checksum");
      return false;
    }
    const bool redirect = packet().family == NFPROTO_IPV4 && !packet().transport.empty() &&
                          packet().transport[0] == ICMP_REDIRECT;
    const uint32_t status = packet().flow->status;
    if (redirect && ((status & kDone) != kDone || (status & (IPS_SRC_NAT | IPS_DST_NAT)) != 0)) {
      KernelDrops("address translation refuses a redirect about a flow that it changes");
      return false;
    }
    return true;
  }

  static bool IsSourceHook(uint32_t hook) {
    return hook == NF_INET_POST_ROUTING || hook == NF_INET_LOCAL_IN;
  }

  // Follows nf_nat_inet_fn: only the first packet of a flow passes NAT chains, once for each side.
  bool MayTranslate(uint32_t hook) const {
    const Packet& packet = trace_.packet;
    if (!packet.flow.has_value()) return false;
    if ((packet.state & (NF_CT_STATE_BIT(IP_CT_NEW) | NF_CT_STATE_BIT(IP_CT_RELATED))) == 0) {
      return false;
    }
    const uint32_t done = IsSourceHook(hook) ? IPS_SRC_NAT_DONE : IPS_DST_NAT_DONE;
    return (packet.flow->status & done) == 0;
  }

  // Follows nf_nat_setup_info.
  void Translate(const Translation& translation, uint32_t hook) {
    Flow& flow = *packet().flow;
    const bool source = translation.side == Side::kSource;
    Bytes& address = source ? flow.reply.destination : flow.reply.source;
    uint16_t& port = source ? flow.reply.destination_port : flow.reply.source_port;
    const bool changes =
        (!translation.address.empty() && translation.address != address) ||
        (TracksPorts(flow.original.protocol) && translation.port.value_or(port) != port);
    if (!translation.address.empty()) address = translation.address;
    if (TracksPorts(flow.original.protocol)) port = translation.port.value_or(port);
    if (changes) flow.status |= source ? IPS_SRC_NAT : IPS_DST_NAT;
    flow.status |= IsSourceHook(hook) ? IPS_SRC_NAT_DONE : IPS_DST_NAT_DONE;
  }

  // Follows nf_nat_packet: rewrites the packet by its flow's translation. Returns false if the
  // packet is dropped.
  bool FollowTranslation(uint32_t hook) {
    constexpr size_t kLeastGre = 8;
    if (Translates() && !TranslateError(hook)) return false;
    if (!packet().flow.has_value() || hook == NF_INET_FORWARD) return true;
    const Flow& flow = *packet().flow;
    const bool reply = packet().flow_direction == IP_CT_DIR_REPLY;
    uint32_t wanted = IsSourceHook(hook) ? IPS_SRC_NAT : IPS_DST_NAT;
    if (reply) wanted ^= IPS_SRC_NAT | IPS_DST_NAT;
    if ((flow.status & wanted) == 0) return true;
    const std::optional<Tuple> target = Inverse(reply ? flow.original : flow.reply);
    if (!target.has_value()) return true;
    if (packet().protocol == IPPROTO_GRE && packet().transport.size() < kLeastGre) {
      KernelDrops("address translation refuses a GRE header cut short");
      return false;
    }
    if (IsSourceHook(hook)) {
      Rewrite(Side::kSource, target->source, target->source_port, packet());
    } else {
      Rewrite(Side::kDestination, target->destination, target->destination_port, packet());
    }
    return true;
  }

  // Follows __nf_conntrack_confirm: enters a new flow into the table unless its answers would look
  // like another flow's. Where ports can be changed, NAT has avoided that already. Returns false if
  // the packet is dropped.
  bool Confirm() {
    if (!packet().flow.has_value() || !host_.flow) return true;
    const Flow& flow = *packet().flow;
    const bool is_new = trace_.tracking.fresh && flow.reply != flow.original;
    const bool ported = TracksPorts(flow.original.protocol) ||
                        flow.original.protocol == IPPROTO_ICMP ||
                        flow.original.protocol == IPPROTO_ICMPV6;
    if (!is_new || (ported && Translates())) return true;
    const std::optional<Flow> other = host_.flow(flow.reply);
    // A finished flow that this one replaces does not count.
    if (!other.has_value() || other->original == flow.original) return true;
    KernelDrops("its answers would look like those of another flow");
    return false;
  }

  // Returns none if the packet ends here.
  std::optional<Decision> Run(const Hooked& hooked, const Packet& seen, bool netdev) {
    Decision decision = Evaluate(*hooked.table, *hooked.name, seen, host_);
    Trace::Step step = {.hook = trace_.hook, .base_chain = *hooked.name, .netdev = netdev};
    for (Decision::Step& rule : decision.steps) {
      step.rule = std::move(rule);
      step.accepted = decision.accepted;
      trace_.steps.push_back(step);
    }
    for (Decision::Update& update : decision.updates) {
      if (!netdev) trace_.updates.push_back(std::move(update));
    }
    if (decision.by_policy) {
      step.by_policy = true;
      step.rule = {.chain = *hooked.name};
      step.accepted = decision.accepted;
      trace_.steps.push_back(step);
    }
    const uint32_t hook = hooked.chain->hook->number;
    const bool judges =
        !netdev && hooked.chain->hook->type == "filter" &&
        (hook == NF_INET_LOCAL_IN || hook == NF_INET_FORWARD || hook == NF_INET_LOCAL_OUT);
    // If a chain accepts by its policy, as chains that only remember do, the earlier chain has
    // decided.
    const bool adds_nothing = decision.by_policy && decision.accepted &&
                              trace_.decided.has_value() &&
                              trace_.steps[*trace_.decided].hook == trace_.hook;
    if (!trace_.steps.empty() && ((judges && !adds_nothing) || !decision.accepted)) {
      trace_.decided = trace_.steps.size() - 1;
    }
    if (decision.stolen) {
      trace_.verdict = Trace::Verdict::kAnswer;
      return std::nullopt;
    }
    if (!decision.accepted) {
      trace_.verdict = Trace::Verdict::kDrop;
      return std::nullopt;
    }
    return decision;
  }

  const ruleset::Ruleset& ruleset_;
  const BaseChains& chains_;
  const HostState& host_;
  const bool tracks_;  // conntrack runs because our rules use it
  Trace trace_;
};

}  // namespace

BaseChains::BaseChains(const ruleset::Ruleset& ruleset)
    : inet_(HookedOf(ruleset.inet)), netdev_(HookedOf(ruleset.netdev)) {}

Trace TracePacket(const ruleset::Ruleset& ruleset, const HostState& host, Packet packet) {
  return TracePacket(ruleset, BaseChains(ruleset), host, std::move(packet));
}

Trace TracePacket(const ruleset::Ruleset& ruleset, const BaseChains& chains, const HostState& host,
                  Packet packet) {
  const bool incoming = packet.in.has_value();
  Walk walk(ruleset, chains, host, std::move(packet));
  return incoming ? std::move(walk).Incoming() : std::move(walk).Outgoing();
}

}  // namespace firebreak::policy
