// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/trace.h"

// glibc's headers come before the kernel's, which then leave out what both define.
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter_ipv4.h>

#include <string>
#include <utility>
#include <vector>

#include "policy/trace/test_packets.h"
#include "policy/trace/test_router.h"

namespace firebreak::policy {
namespace {

using namespace ruleset;  // the test uses the kernel's whole vocabulary
using datagram::Icmp;
using datagram::Tcp;
using datagram::Udp;
using Outcome = Trace::Verdict;

const Verdict kAcceptVerdict = {.code = NF_ACCEPT};
const Verdict kDropVerdict = {.code = NF_DROP};

// Tests chains at netfilter's hooks on a host that forwards.
class TraceTest : public testing::Test {
 protected:
  TraceTest() {
    router_.AddDefaultRoutes();
    router_.eth0_state().forwards4 = router_.eth0_state().forwards6 = true;
    router_.host().flow = [this](const Tuple& tuple) -> std::optional<Flow> {
      for (const Flow& flow : flows_) {
        if (flow.original == tuple || flow.reply == tuple) return flow;
      }
      return std::nullopt;
    };
  }

  void Add(const char* name, uint32_t hook, int32_t priority, std::vector<Expression> expressions,
           const char* type = "filter") {
    if (!ruleset_.inet.has_value()) ruleset_.inet.emplace();
    ruleset_.inet->chains[name] = {
        .hook = Hook{.number = hook, .priority = priority, .policy = NF_ACCEPT, .type = type},
        .rules = {{std::move(expressions)}}};
  }
  void AddAtDevice(const char* name, uint32_t hook, const char* device,
                   std::vector<Expression> expressions) {
    if (!ruleset_.netdev.has_value()) ruleset_.netdev.emplace();
    ruleset_.netdev->chains[name] = {
        .hook = Hook{.number = hook, .policy = NF_ACCEPT, .type = "filter", .device = device},
        .rules = {{std::move(expressions)}}};
  }
  // Adds a chain to every hook of the inet table that gives a verdict and changes nothing.
  void SpeakEverywhere() {
    const std::pair<const char*, uint32_t> hooks[] = {{"prerouting", NF_INET_PRE_ROUTING},
                                                      {"input", NF_INET_LOCAL_IN},
                                                      {"forward", NF_INET_FORWARD},
                                                      {"output", NF_INET_LOCAL_OUT},
                                                      {"postrouting", NF_INET_POST_ROUTING}};
    for (const auto& [name, hook] : hooks) Add(name, hook, 0, {Immediate{kAcceptVerdict}});
  }
  void Dnat(uint32_t hook, const char* address, uint16_t port) {
    Add("dnat", hook, NF_IP_PRI_NAT_DST,
        {ImmediateData{1, Address(address)}, ImmediateData{2, datagram::Number16(port)},
         Nat{.type = NFT_NAT_DNAT, .family = NFPROTO_IPV4, .address = 1, .port = 2}},
        "nat");
  }
  void Masquerading() {
    Add("masquerade", NF_INET_POST_ROUTING, NF_IP_PRI_NAT_SRC, {Masquerade{}}, "nat");
  }

  Trace Run(Packet packet) const {
    return TracePacket(ruleset_, router_.host(), std::move(packet));
  }
  static std::vector<std::string> ChainsOf(const Trace& trace) {
    std::vector<std::string> chains;
    for (const Trace::Step& step : trace.steps) chains.push_back(step.base_chain);
    return chains;
  }

  Ruleset ruleset_;
  TestRouter router_;
  std::vector<Flow> flows_;
};

using Chains = std::vector<std::string>;

Packet InUdp(const char* from, const char* to) {
  return Incoming(From(from, to, IPPROTO_UDP), Udp(40000, 53, "12345678"));
}
Packet OutUdp(const char* from, const char* to) {
  Packet packet = InUdp(from, to);
  packet.out = std::exchange(packet.in, std::nullopt);
  return packet;
}

TEST_F(TraceTest, PassesTheHooksOfItsWay) {
  SpeakEverywhere();
  AddAtDevice("ingress", NF_NETDEV_INGRESS, "eth0", {Immediate{kAcceptVerdict}});
  AddAtDevice("egress", NF_NETDEV_EGRESS, "eth0", {Immediate{kAcceptVerdict}});
  AddAtDevice("egress1", NF_NETDEV_EGRESS, "eth1", {Immediate{kAcceptVerdict}});
  Packet raw = OutUdp("10.0.0.1", "10.0.0.5");
  raw.routed = false;
  const struct {
    const char* name;
    Packet packet;
    Chains chains;
  } cases[] = {
      {"for this host", InUdp("10.0.0.5", "10.0.0.1"), {"ingress", "prerouting", "input"}},
      {"for another",
       InUdp("10.0.0.5", "10.9.0.5"),
       {"ingress", "prerouting", "forward", "postrouting", "egress1"}},
      {"for nobody", InUdp("10.0.0.5", "172.17.0.1"), {"ingress", "prerouting"}},
      {"refused before routing", InUdp("::1", "fd00::1"), {"ingress"}},
      {"sent", OutUdp("10.0.0.1", "10.0.0.5"), {"output", "postrouting", "egress"}},
      {"sent past IP", raw, {"egress"}},
  };
  for (const auto& c : cases) EXPECT_EQ(ChainsOf(Run(c.packet)), c.chains) << c.name;
}

TEST_F(TraceTest, EndsWhereItIsDropped) {
  SpeakEverywhere();
  Add("late", NF_INET_LOCAL_IN, 1, {Immediate{kAcceptVerdict}});
  Add("early", NF_INET_LOCAL_IN, -1, {Immediate{kDropVerdict}});
  Trace trace = Run(InUdp("10.0.0.5", "10.0.0.1"));
  EXPECT_EQ(trace.verdict, Outcome::kDrop);
  EXPECT_EQ(trace.hook, "input");
  EXPECT_EQ(ChainsOf(trace), (Chains{"prerouting", "early"}));
  ASSERT_TRUE(trace.decided.has_value());
  EXPECT_EQ(trace.steps[*trace.decided].base_chain, "early");

  // Other chains still see a packet that one chain accepts.
  ruleset_.inet->chains["early"].rules.clear();
  trace = Run(InUdp("10.0.0.5", "10.0.0.1"));
  EXPECT_EQ(trace.verdict, Outcome::kAccept);
  EXPECT_EQ(trace.steps[*trace.decided].base_chain, "late");

  // A rule accepts the packet, but the kernel drops it afterwards, so the kernel has decided.
  trace = Run(InUdp("10.0.0.5", "172.17.0.1"));
  EXPECT_EQ(trace.verdict, Outcome::kDrop);
  EXPECT_EQ(trace.hook, "prerouting");
  EXPECT_FALSE(trace.decided.has_value());
  EXPECT_FALSE(trace.why.empty());
}

// Conntrack is at priority -200, between the chains; rules that keep packets untracked come before
// it.
TEST_F(TraceTest, IsTrackedBetweenTheChains) {
  const auto state = [](int32_t offset, uint32_t bits) {
    const Bytes number(reinterpret_cast<const char*>(&bits), sizeof bits);
    return std::pair(NF_IP_PRI_CONNTRACK + offset,
                     std::vector<Expression>{Ct{NFT_CT_STATE, 1}, Cmp{1, NFT_CMP_NEQ, number},
                                             Immediate{kDropVerdict}});
  };
  const auto [before, unseen] = state(-1, NF_CT_STATE_INVALID_BIT);
  const auto [behind, seen] = state(1, NF_CT_STATE_BIT(IP_CT_NEW));
  Add("behind", NF_INET_PRE_ROUTING, behind, seen);
  EXPECT_EQ(Run(InUdp("10.0.0.5", "10.0.0.1")).verdict, Outcome::kAccept);
  Add("raw", NF_INET_PRE_ROUTING, before, {Notrack{}});
  Trace trace = Run(InUdp("10.0.0.5", "10.0.0.1"));
  EXPECT_EQ(trace.verdict, Outcome::kDrop) << "untracked is not new";
  EXPECT_EQ(trace.tracking.state, uint32_t{NF_CT_STATE_UNTRACKED_BIT});
  Add("raw", NF_INET_PRE_ROUTING, behind + 1, {Notrack{}});
  EXPECT_EQ(Run(InUdp("10.0.0.5", "10.0.0.1")).verdict, Outcome::kAccept) << "too late";
}

TEST_F(TraceTest, HoldsFragmentsWhereConntrackPutsThemTogether) {
  datagram::Header first = From("10.0.0.5", "10.0.0.1", IPPROTO_UDP);
  first.more_fragments = true;
  datagram::Header last = From("fd00::5", "fd00::1", IPPROTO_UDP);
  last.fragment_offset = 8;
  // IPv6 leaves a fragment alone if its headers are split (RFC 8200, 4.5).
  datagram::Header split = From("fd00::5", "fd00::1", IPPROTO_TCP);
  split.fragment_offset = 0;
  split.more_fragments = true;
  const Packet packets[] = {Incoming(first, Udp(1, 2, "12345678")), Incoming(last, "12345678"),
                            Incoming(split, Tcp(1, 2, kSyn, 3, 0, "").substr(0, 16))};
  for (const Packet& packet : packets) EXPECT_EQ(Run(packet).verdict, Outcome::kAccept);
  // Rules at a priority below -400 see the fragment itself.
  Add("raw", NF_INET_PRE_ROUTING, NF_IP_PRI_CONNTRACK_DEFRAG - 1, {Immediate{kAcceptVerdict}});
  Add("seen", NF_INET_PRE_ROUTING, 0, {Immediate{kAcceptVerdict}});
  for (const Packet& packet : {packets[0], packets[1]}) {
    const Trace trace = Run(packet);
    EXPECT_EQ(trace.verdict, Outcome::kHold);
    EXPECT_EQ(ChainsOf(trace), Chains{"raw"});
  }
  EXPECT_EQ(Run(packets[2]).verdict, Outcome::kAccept);
  EXPECT_EQ(Run(packets[2]).tracking.state, uint32_t{NF_CT_STATE_INVALID_BIT});
}

TEST_F(TraceTest, GoesWhereItIsSentOnTo) {
  SpeakEverywhere();
  Dnat(NF_INET_PRE_ROUTING, "10.9.0.5", 5353);
  Masquerading();
  const Trace trace = Run(InUdp("10.0.0.5", "10.0.0.1"));
  EXPECT_EQ(trace.verdict, Outcome::kAccept);
  EXPECT_EQ(ChainsOf(trace),
            (Chains{"dnat", "prerouting", "forward", "postrouting", "masquerade"}));
  EXPECT_EQ(SourceOf(trace.packet), Address("10.9.0.1"));
  EXPECT_EQ(DestinationOf(trace.packet), Address("10.9.0.5"));
  EXPECT_EQ(Read16(trace.packet.transport, 2), 5353);
  ASSERT_TRUE(trace.packet.flow.has_value());
  EXPECT_EQ(trace.packet.flow->reply.source, Address("10.9.0.5"));
  EXPECT_EQ(trace.packet.flow->reply.destination, Address("10.9.0.1"));
  EXPECT_EQ(trace.packet.flow->status & (IPS_SRC_NAT | IPS_DST_NAT),
            uint32_t{IPS_SRC_NAT | IPS_DST_NAT});
  // From now on the known flow decides, and the chains of NAT are not evaluated again.
  flows_ = {*trace.packet.flow};
  flows_[0].status |= IPS_SEEN_REPLY;
  Packet answer = Incoming(From("10.9.0.5", "10.9.0.1", IPPROTO_UDP), Udp(5353, 40000, "12345678"));
  answer.in = router_.eth1();
  router_.host().interfaces[2].forwards4 = true;
  const Trace back = Run(answer);
  EXPECT_EQ(ChainsOf(back), (Chains{"prerouting", "forward", "postrouting"}));
  EXPECT_EQ(SourceOf(back.packet), Address("10.0.0.1"));
  EXPECT_EQ(DestinationOf(back.packet), Address("10.0.0.5"));
  EXPECT_EQ(back.packet.out->index, kEth0);
  EXPECT_EQ(Read16(back.packet.transport, 0), 53);
}

// Source: ip_route_me_harder. A packet that this host sends leaves by the interface that leads to
// its new destination.
TEST_F(TraceTest, IsRoutedAgainWhenItsDestinationChanges) {
  Dnat(NF_INET_LOCAL_OUT, "10.9.0.5", 53);
  EXPECT_EQ(Run(OutUdp("10.0.0.1", "10.0.0.5")).packet.out->index, kEth1);
  Dnat(NF_INET_LOCAL_OUT, "10.9.0.1", 53);
  EXPECT_EQ(Run(OutUdp("10.0.0.1", "10.0.0.5")).packet.out->index, kLo);
}

// Source: nf_nat_inet_fn. The kernel calls all chains of NAT at NAT's own place.
TEST_F(TraceTest, ShowsChainsBehindTranslationTheNewDestination) {
  const auto drop_by = [&](int32_t priority) {
    Add("filter", NF_INET_LOCAL_OUT, priority,
        {Payload{NFT_PAYLOAD_NETWORK_HEADER, 16, 4, 1}, Cmp{1, NFT_CMP_EQ, Address("10.9.0.5")},
         Immediate{kDropVerdict}});
  };
  const Packet packet = OutUdp("10.0.0.1", "10.0.0.5");
  constexpr int32_t kLate = 100;
  router_.host().others.push_back(
      {.hook = NF_INET_LOCAL_OUT, .priority = kLate, .translate = [](const Packet&) {
         return Translation{.side = Side::kDestination, .address = Address("10.9.0.5"), .port = 53};
       }});
  drop_by(NF_IP_PRI_NAT_DST - 1);
  EXPECT_EQ(Run(packet).verdict, Outcome::kAccept);
  EXPECT_EQ(Run(packet).packet.out->index, kEth1);
  drop_by(0);
  const Trace dropped = Run(packet);
  EXPECT_EQ(dropped.verdict, Outcome::kDrop);
  EXPECT_EQ(dropped.packet.out->index, kEth0) << "chains at the hook see the interface of before";
}

TEST_F(TraceTest, RefusesErrorsThatTranslationCannotTrust) {
  SpeakEverywhere();
  const Bytes sent = Datagram(From("10.0.0.1", "10.0.0.5", IPPROTO_UDP), Udp(40000, 53, ""));
  const Tuple tuple = *TupleOf(ParsePacket(sent));
  flows_ = {{.original = tuple, .reply = *Inverse(tuple), .status = IPS_SEEN_REPLY}};
  Packet damaged = Incoming(From("10.0.0.5", "10.0.0.1", IPPROTO_ICMP), Icmp(3, 1, 0, sent));
  damaged.transport.back() ^= 0x01;
  damaged.checksum_verified = true;
  const Packet redirect = Incoming(From("10.0.0.5", "10.0.0.1", IPPROTO_ICMP), Icmp(5, 1, 0, sent));
  EXPECT_EQ(Run(damaged).verdict, Outcome::kAccept);
  EXPECT_EQ(Run(redirect).verdict, Outcome::kAccept);
  Masquerading();
  EXPECT_EQ(Run(damaged).verdict, Outcome::kDrop) << "NAT looks for itself";
  EXPECT_EQ(Run(redirect).verdict, Outcome::kDrop) << "it is not known yet what NAT does with it";
  flows_[0].status |= IPS_SRC_NAT_DONE | IPS_DST_NAT_DONE;
  EXPECT_EQ(Run(redirect).verdict, Outcome::kAccept);
  flows_[0].status |= IPS_SRC_NAT;
  EXPECT_EQ(Run(redirect).verdict, Outcome::kDrop);
}

// Without ports, NAT cannot distinguish two flows, so the later one does not begin.
TEST_F(TraceTest, BeginsNoFlowWhoseAnswersLookLikeAnothers) {
  Masquerading();
  const Packet esp = Incoming(From("10.0.0.7", "10.9.0.5", IPPROTO_ESP), "12345678");
  EXPECT_EQ(Run(esp).verdict, Outcome::kAccept);
  Flow other = {.original = *TupleOf(Incoming(From("10.0.0.5", "10.9.0.5", IPPROTO_ESP), "1234"))};
  other.reply = *Inverse(other.original);
  other.reply.destination = Address("10.9.0.1");
  flows_ = {other};
  EXPECT_EQ(Run(esp).verdict, Outcome::kDrop);
  EXPECT_EQ(Run(InUdp("10.0.0.7", "10.9.0.5")).verdict, Outcome::kAccept);
}

TEST_F(TraceTest, TellsThatTheKernelAnswers) {
  Add("proxy", NF_INET_PRE_ROUTING, NF_IP_PRI_RAW, {Notrack{}, Synproxy{}});
  const Trace trace =
      Run(Incoming(From("10.0.0.5", "10.0.0.1", IPPROTO_TCP), Tcp(40000, 22, kSyn, 1, 0, "")));
  EXPECT_EQ(trace.verdict, Outcome::kAnswer);
  EXPECT_EQ(trace.hook, "prerouting");
}

// At netdev hooks, the two families look alike, and conntrack has not seen the packet. A frame that
// is cut short has no transport, and neither has one with an authentication header.
TEST_F(TraceTest, ShowsDevicesTheBareFrame) {
  AddAtDevice("ingress", NF_NETDEV_INGRESS, "eth0",
              {Payload{NFT_PAYLOAD_LL_HEADER, 12, 2, 1}, Cmp{1, NFT_CMP_EQ, "\x86\xdd"},
               Meta{NFT_META_L4PROTO, 1}, Immediate{kDropVerdict}});
  EXPECT_EQ(Run(InUdp("10.0.0.5", "10.0.0.1")).verdict, Outcome::kAccept);
  EXPECT_EQ(Run(InUdp("fd00::5", "fd00::1")).hook, "ingress");
  const Bytes ah = Bytes("\x11\x04", 2) + Bytes(22, '\0') + Udp(1, 2, "");
  for (const auto& [protocol, behind] :
       {std::pair<uint8_t, Bytes>{IPPROTO_UDP, Udp(1, 2, "12345678")}, {IPPROTO_AH, ah}}) {
    Packet packet =
        ParsePacket(datagram::MakeDatagram(From("fd00::5", "fd00::1", protocol), behind));
    packet.in = Eth0();
    EXPECT_TRUE(Run(packet).decided.has_value()) << int{protocol};
    packet.whole = false;
    EXPECT_FALSE(Run(packet).decided.has_value()) << int{protocol};
  }
}

}  // namespace
}  // namespace firebreak::policy
