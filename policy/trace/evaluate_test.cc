// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/evaluate.h"

// glibc's headers come before the kernel's, which then leave out what both define.
#include <gtest/gtest.h>
#include <netinet/in.h>

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "policy/trace/test_packets.h"

namespace firebreak::policy {
namespace {

using namespace ruleset;  // the test uses the kernel's whole vocabulary
using datagram::Number16;

const Verdict kAcceptVerdict = {.code = NF_ACCEPT};
const Verdict kDropVerdict = {.code = NF_DROP};

Bytes HostNumber(uint32_t value) {
  return Bytes(reinterpret_cast<const char*>(&value), sizeof value);
}

Packet TcpPacket(uint8_t flags = kSyn) {
  return Incoming(From("192.0.2.1", "192.0.2.2", IPPROTO_TCP),
                  datagram::Tcp(40000, 22, flags, 1, 0, ""));
}
Packet Tcp6Packet() {
  return Incoming(From("2001:db8::1", "2001:db8::2", IPPROTO_TCP),
                  datagram::Tcp(40000, 22, kSyn, 1, 0, ""));
}

class EvaluateTest : public testing::Test {
 protected:
  EvaluateTest() { SetHook(NF_INET_LOCAL_IN, NF_DROP); }

  void SetHook(uint32_t number, uint32_t policy) {
    table_.chains["base"].hook = Hook{.number = number, .policy = policy, .type = "filter"};
  }
  void Add(const char* chain, std::vector<Expression> expressions) {
    table_.chains[chain].rules.push_back({std::move(expressions)});
  }
  Decision Run(const Packet& packet) const { return Evaluate(table_, "base", packet, host_); }

  // Whether all of the expressions hold for the packet.
  bool Hold(std::vector<Expression> expressions, const Packet& packet) {
    expressions.push_back(Immediate{kAcceptVerdict});
    table_.chains["base"].rules = {{std::move(expressions)}};
    return Run(packet).accepted;
  }
  // Returns the value that an expression leaves in register 1, which held 0xff…, or nullopt if the
  // expression ends the rule.
  std::optional<Bytes> Leaves(const Expression& expression, const Packet& packet, size_t length) {
    if (!Hold({expression}, packet)) return std::nullopt;
    Bytes value;
    for (int byte = 0; byte < 256 && value.size() < length; ++byte) {
      const Bytes longer = value + static_cast<char>(byte);
      if (!Hold({ImmediateData{1, Bytes(16, '\xff')}, expression, Cmp{1, NFT_CMP_EQ, longer}},
                packet)) {
        continue;
      }
      value = longer;
      byte = -1;
    }
    return value;
  }

  Table table_;
  HostState host_;
};

TEST_F(EvaluateTest, ComparesBytesFromTheFirst) {
  const struct {
    const char* name;
    uint32_t op;
    bool below, equal, above;
  } cases[] = {
      {"eq", NFT_CMP_EQ, false, true, false}, {"neq", NFT_CMP_NEQ, true, false, true},
      {"lt", NFT_CMP_LT, true, false, false}, {"lte", NFT_CMP_LTE, true, true, false},
      {"gt", NFT_CMP_GT, false, false, true}, {"gte", NFT_CMP_GTE, false, true, true},
  };
  const auto holds = [&](uint32_t op, uint16_t port) {
    return Hold({Payload{NFT_PAYLOAD_TRANSPORT_HEADER, 0, 2, 1}, Cmp{1, op, Number16(0x80ff)}},
                Incoming(From("192.0.2.1", "192.0.2.2", IPPROTO_UDP), datagram::Udp(port, 1, "")));
  };
  for (const auto& c : cases) {
    EXPECT_EQ(holds(c.op, 0x7fff), c.below) << c.name;
    EXPECT_EQ(holds(c.op, 0x80ff), c.equal) << c.name;
    EXPECT_EQ(holds(c.op, 0x8100), c.above) << c.name;
  }
}

TEST_F(EvaluateTest, MasksAndFlipsBits) {
  EXPECT_TRUE(Hold({ImmediateData{0, "\xf5\x0f"}, Bitwise{0, 1, "\x3c\xff", Bytes("\x01\xf0", 2)},
                    Cmp{1, NFT_CMP_EQ, "\x35\xff"}},
                   TcpPacket()));
}

// If a value is shorter than a register, the kernel clears the rest, and the key of a set holds the
// zeros.
TEST_F(EvaluateTest, PadsValuesToWholeRegisters) {
  EXPECT_EQ(Leaves(Payload{NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, 1}, TcpPacket(), 8),
            Bytes("\0\x16\0\0\xff\xff\xff\xff", 8));
  EXPECT_EQ(Leaves(Meta{NFT_META_L4PROTO, 1}, TcpPacket(), 8),
            Bytes("\x06\0\0\0\xff\xff\xff\xff", 8));
}

TEST_F(EvaluateTest, LoadsOnlyWhatIsThere) {
  Packet first = TcpPacket(), later = TcpPacket(), unknown = TcpPacket(), cut = TcpPacket();
  first.more_fragments = true;
  later.fragment_offset = 8;
  unknown.protocol_known = false;
  cut.transport.resize(3);
  Packet framed = TcpPacket();
  framed.link = Bytes(12, '\0') + Bytes("\x08\0", 2);
  const struct {
    const char* name;
    const Packet& packet;
    uint32_t base;
    bool loads;  // whether the bytes 2 and 3 can be loaded
  } cases[] = {
      {"transport", first, NFT_PAYLOAD_TRANSPORT_HEADER, true},
      {"of a later fragment", later, NFT_PAYLOAD_TRANSPORT_HEADER, false},
      {"of what cannot be followed", unknown, NFT_PAYLOAD_TRANSPORT_HEADER, false},
      {"of one byte too few", cut, NFT_PAYLOAD_TRANSPORT_HEADER, false},
      {"network of a later fragment", later, NFT_PAYLOAD_NETWORK_HEADER, true},
      {"network of what cannot be followed", unknown, NFT_PAYLOAD_NETWORK_HEADER, true},
      {"link, where there is none", first, NFT_PAYLOAD_LL_HEADER, false},
      {"link", framed, NFT_PAYLOAD_LL_HEADER, true},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Hold({Payload{c.base, 2, 2, 1}}, c.packet), c.loads) << c.name;
  }
  EXPECT_TRUE(Hold({Meta{NFT_META_L4PROTO, 1}}, later));
  EXPECT_FALSE(Hold({Meta{NFT_META_L4PROTO, 1}}, unknown));
}

// On Linux 6.18, `meta l4proto tcp` does not match TCP behind an authentication header of IPv6.
TEST_F(EvaluateTest, StopsAtAnAuthenticationHeader) {
  const Bytes tcp = datagram::Tcp(40000, 22, kSyn, 1, 0, "");
  const Bytes ah = Bytes("\x06\x04\x11\x22", 4) + Bytes(20, '\0');
  Bytes behind_options = Bytes("\x33\0\x01\x04\0\0\0\0", 8);
  behind_options += ah + tcp;
  for (const auto& [next, behind] : {std::pair<uint8_t, Bytes>{IPPROTO_AH, ah + tcp},
                                     {IPPROTO_DSTOPTS, behind_options},
                                     {IPPROTO_AH, ah.substr(0, 4)}}) {
    const Packet packet =
        ParsePacket(datagram::MakeDatagram(From("2001:db8::1", "2001:db8::2", next), behind));
    EXPECT_EQ(Leaves(Meta{NFT_META_L4PROTO, 1}, packet, 1), "\x33");
    EXPECT_EQ(Leaves(Payload{NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, 1}, packet, 2), "\x11\x22");
    EXPECT_FALSE(Hold({Synproxy{}}, packet)) << "it is no TCP to a rule";
  }
  const Packet ipv4 =
      ParsePacket(datagram::MakeDatagram(From("192.0.2.1", "192.0.2.2", IPPROTO_AH), ah + tcp));
  EXPECT_EQ(Leaves(Meta{NFT_META_L4PROTO, 1}, ipv4, 1), "\x33");
}

TEST_F(EvaluateTest, KnowsTheDevices) {
  Packet in = TcpPacket(), out = TcpPacket();
  out.out = std::exchange(out.in, std::nullopt);
  Bytes name = "eth0";
  name.resize(16, '\0');
  EXPECT_EQ(Leaves(Meta{NFT_META_IIF, 1}, in, 4), HostNumber(2));
  EXPECT_EQ(Leaves(Meta{NFT_META_OIF, 1}, in, 4), HostNumber(0));
  EXPECT_EQ(Leaves(Meta{NFT_META_IIFNAME, 1}, in, 16), name);
  EXPECT_EQ(Leaves(Meta{NFT_META_OIFNAME, 1}, in, 16), Bytes(16, '\0'));
  EXPECT_EQ(Leaves(Meta{NFT_META_OIFNAME, 1}, out, 16), name);
  EXPECT_TRUE(Hold({Meta{NFT_META_IIFTYPE, 1}}, in));
  EXPECT_FALSE(Hold({Meta{NFT_META_OIFTYPE, 1}}, in));
  EXPECT_FALSE(Hold({Meta{NFT_META_IIFTYPE, 1}}, out));
}

TEST_F(EvaluateTest, ReadsTheFlowInEitherDirection) {
  Packet packet = TcpPacket();
  packet.state = NF_CT_STATE_BIT(IP_CT_ESTABLISHED);
  EXPECT_EQ(Leaves(Ct{NFT_CT_STATE, 1}, packet, 4), HostNumber(packet.state));
  EXPECT_FALSE(Hold({Ct{NFT_CT_STATUS, 1}}, packet)) << "without a flow there is only a state";

  Flow flow = {.original = {.family = NFPROTO_IPV4,
                            .source = Address("192.0.2.1"),
                            .destination = Address("192.0.2.2"),
                            .protocol = IPPROTO_TCP,
                            .source_port = 40000,
                            .destination_port = 22},
               .status = IPS_SEEN_REPLY};
  flow.reply = *Inverse(flow.original);
  flow.reply.source = Address("10.0.0.9");
  flow.reply.source_port = 2222;
  packet.flow = flow;
  packet.flow_direction = IP_CT_DIR_REPLY;
  const struct {
    const char* name;
    uint32_t key;
    std::optional<uint8_t> direction;
    std::optional<Bytes> value;
  } cases[] = {
      {"status", NFT_CT_STATUS, std::nullopt, HostNumber(IPS_SEEN_REPLY)},
      {"direction", NFT_CT_DIRECTION, std::nullopt, "\x01"},
      {"source", NFT_CT_SRC_IP, IP_CT_DIR_ORIGINAL, Address("192.0.2.1")},
      {"where it was sent on to", NFT_CT_SRC_IP, IP_CT_DIR_REPLY, Address("10.0.0.9")},
      {"an address of the other family", NFT_CT_SRC_IP6, IP_CT_DIR_ORIGINAL, std::nullopt},
      {"of whichever family", NFT_CT_DST, IP_CT_DIR_ORIGINAL, Address("192.0.2.2")},
      {"port", NFT_CT_PROTO_DST, IP_CT_DIR_ORIGINAL, Number16(22)},
      {"port of the answers", NFT_CT_PROTO_SRC, IP_CT_DIR_REPLY, Number16(2222)},
  };
  for (const auto& c : cases) {
    const size_t length = c.value.has_value() ? c.value->size() : 0;
    EXPECT_EQ(Leaves(Ct{c.key, 1, c.direction}, packet, length), c.value) << c.name;
  }
  packet.flow->original.protocol = IPPROTO_ICMP;
  packet.flow->original.icmp_type = 8;
  packet.flow->original.icmp_code = 3;
  EXPECT_EQ(Leaves(Ct{NFT_CT_PROTO_DST, 1, IP_CT_DIR_ORIGINAL}, packet, 2), "\x08\x03");
}

TEST_F(EvaluateTest, WalksChainsAsTheKernelDoes) {
  Add("base", {Immediate{{NFT_JUMP, "empty"}}});
  Add("base", {Immediate{{NFT_JUMP, "returns"}}});
  Add("base", {Immediate{{NFT_JUMP, "goes"}}});
  Add("base", {Cmp{0, NFT_CMP_EQ, "\x01"}, Immediate{kAcceptVerdict}});
  Add("base", {Immediate{{NFT_GOTO, "ends"}}});
  Add("base", {Immediate{kAcceptVerdict}});  // no rule behind a goto is evaluated
  table_.chains["empty"];
  Add("returns", {Immediate{{NFT_RETURN, ""}}});
  Add("returns", {Immediate{kAcceptVerdict}});
  Add("goes", {Immediate{{NFT_GOTO, "returns"}}});
  Add("goes", {Immediate{kAcceptVerdict}});
  Add("ends", {Immediate{{NFT_CONTINUE, ""}}});
  const Decision decision = Run(TcpPacket());
  EXPECT_FALSE(decision.accepted);
  EXPECT_TRUE(decision.by_policy);
  std::vector<std::pair<std::string, size_t>> steps;
  for (const Decision::Step& step : decision.steps) steps.push_back({step.chain, step.rule});
  EXPECT_EQ(steps, (std::vector<std::pair<std::string, size_t>>{{"base", 0},
                                                                {"base", 1},
                                                                {"returns", 0},
                                                                {"base", 2},
                                                                {"goes", 0},
                                                                {"returns", 0},
                                                                {"base", 4},
                                                                {"ends", 0}}));
  SetHook(NF_INET_LOCAL_IN, NF_ACCEPT);
  EXPECT_TRUE(Run(TcpPacket()).accepted);
}

// After a jump that returns, the next rule follows, and registers keep the values that the chain
// left.
TEST_F(EvaluateTest, ComesBackFromAJump) {
  Add("base", {ImmediateData{1, "\x01"}, Immediate{{NFT_JUMP, "inner"}}});
  Add("base", {Cmp{1, NFT_CMP_EQ, "\x02"}, Immediate{kAcceptVerdict}});
  Add("inner", {ImmediateData{1, "\x02"}});
  EXPECT_TRUE(Run(TcpPacket()).accepted);
}

TEST_F(EvaluateTest, FindsWhatSetsHold) {
  Set& ports = table_.sets["ports"];
  ports.key = {Field::kProtocol, Field::kPort};
  ports.verdict_map = true;
  const auto key = [](uint8_t protocol, uint16_t port) {
    return Bytes(1, static_cast<char>(protocol)) + Bytes(3, '\0') + Number16(port) + Bytes(2, '\0');
  };
  ports.elements = {Element(key(6, 21), kDropVerdict), Element(key(6, 22), kAcceptVerdict),
                    Element(key(17, 53), kAcceptVerdict)};
  std::sort(ports.elements.begin(), ports.elements.end());
  const std::vector<Expression> load = {Meta{NFT_META_L4PROTO, 1},
                                        Payload{NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, 2}};
  std::vector<Expression> rule = load;
  rule.push_back(Lookup{.set = "ports", .from = 1, .verdict_map = true});
  Add("base", rule);
  const Decision decision = Run(TcpPacket());
  EXPECT_TRUE(decision.accepted);
  ASSERT_EQ(decision.steps.size(), 1u);
  EXPECT_EQ(decision.steps[0].map, "ports");
  ASSERT_TRUE(decision.steps[0].element.has_value());
  EXPECT_EQ(decision.steps[0].element->key(), key(6, 22));
  Packet other = TcpPacket();
  other.transport[3] = 21;
  EXPECT_FALSE(Run(other).accepted);
  EXPECT_FALSE(Run(other).by_policy) << "the element says to drop it";
  other.transport[3] = 23;
  EXPECT_TRUE(Run(other).by_policy) << "there is no such element";
}

// In a set with several fields, each field must lie in its own range (nft_pipapo), not the key as a
// whole.
TEST_F(EvaluateTest, ComparesRangesFieldByField) {
  Set& set = table_.sets["ranges"];
  set.key = {Field::kPort, Field::kIpv4Address};
  set.interval = true;
  const auto key = [](uint16_t port, const char* address) {
    return Number16(port) + Bytes(2, '\0') + Address(address);
  };
  set.elements = {Element(key(1000, "10.0.0.0") + key(2000, "10.0.0.255"))};
  const struct {
    const char* address;
    uint16_t port;
    bool inside;
  } cases[] = {{"10.0.0.0", 1000, true},      {"10.0.0.255", 2000, true},
               {"10.0.0.128", 1500, true},    {"10.0.0.1", 999, false},
               {"10.0.0.1", 2001, false},     {"10.0.1.0", 1500, false},
               {"9.255.255.255", 1500, false}};
  for (const auto& c : cases) {
    for (bool inverted : {false, true}) {
      EXPECT_EQ(Hold({ImmediateData{1, Number16(c.port)}, ImmediateData{2, Address(c.address)},
                      Lookup{.set = "ranges", .from = 1, .inverted = inverted}},
                     TcpPacket()),
                c.inside != inverted)
          << c.port << " " << c.address;
    }
  }
}

TEST_F(EvaluateTest, TakesDataFromMaps) {
  Set& map = table_.sets["to"];
  map.key = {Field::kPort};
  map.data = {Field::kIpv4Address, Field::kPort};
  map.elements = {Element(Number16(22), Address("10.0.0.9") + Number16(2222) + Bytes(2, '\0'))};
  Add("base", {Payload{NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, 1},
               Lookup{.set = "to", .from = 1, .to = Register{4}},
               Nat{.type = NFT_NAT_DNAT, .family = NFPROTO_IPV4, .address = 4, .port = 5}});
  const Decision decision = Run(TcpPacket());
  EXPECT_TRUE(decision.accepted);
  ASSERT_TRUE(decision.translation.has_value());
  EXPECT_EQ(decision.translation->side, Side::kDestination);
  EXPECT_EQ(decision.translation->address, Address("10.0.0.9"));
  EXPECT_EQ(decision.translation->port, 2222);
  Packet other = TcpPacket();
  other.transport[3] = 23;
  EXPECT_FALSE(Run(other).translation.has_value());
  EXPECT_FALSE(Run(Tcp6Packet()).translation.has_value()) << "not of this family";
}

TEST_F(EvaluateTest, GivesTheAddressesOfInterfaces) {
  host_.interfaces = {{.device = Eth0(),
                       .addresses = {Address("fe80::1"), Address("2001:db8::2"),
                                     Address("192.0.2.2"), Address("192.0.2.3")}},
                      {.device = {.index = 3, .name = "eth1"}, .addresses = {Address("fe80::3")}}};
  const auto address = [&](const Expression& expression, const Packet& packet) {
    table_.chains["base"].rules = {{{expression}}};
    const Decision decision = Run(packet);
    EXPECT_EQ(decision.accepted, decision.translation.has_value()) << "none to give: dropped";
    return decision.translation.has_value() ? decision.translation->address : "";
  };
  Packet out4 = TcpPacket(), out6 = Tcp6Packet();
  out4.out = out6.out = Eth0();
  EXPECT_EQ(address(Masquerade{}, out4), Address("192.0.2.2"));
  EXPECT_EQ(address(Masquerade{}, out6), Address("2001:db8::2")) << "none of the link";
  EXPECT_EQ(address(Redirect{}, TcpPacket()), Address("192.0.2.2"));
  out4.out->index = out6.out->index = 3;
  EXPECT_EQ(address(Masquerade{}, out4), "");
  EXPECT_EQ(address(Masquerade{}, out6), "");
  SetHook(NF_INET_LOCAL_OUT, NF_DROP);
  EXPECT_EQ(address(Redirect{}, out4), Address("127.0.0.1"));
  EXPECT_EQ(address(Redirect{}, out6), Address("::1"));
}

TEST_F(EvaluateTest, UntracksOnlyWhatIsNotTrackedYet) {
  Add("base", {Notrack{}});
  EXPECT_TRUE(Run(TcpPacket()).untracked);
  Packet tracked = TcpPacket();
  tracked.state = NF_CT_STATE_BIT(IP_CT_NEW);
  EXPECT_FALSE(Run(tracked).untracked);
}

// Source: nft_synproxy_do_eval of Linux 6.18.
TEST_F(EvaluateTest, AnswersHandshakesByItself) {
  Packet damaged = TcpPacket(), checked6 = Tcp6Packet();
  damaged.transport[4] ^= 0x01;
  checked6.checksum_verified = true;
  Packet damaged_and_checked = damaged;
  damaged_and_checked.checksum_verified = true;
  enum class Does { kAnswer, kDrop, kPass, kEndRule };
  const struct {
    const char* name;
    Packet packet;
    Does does;
  } cases[] = {
      {"SYN", TcpPacket(kSyn), Does::kAnswer},
      {"ACK with the cookie", TcpPacket(kAck), Does::kAnswer},
      {"with data", TcpPacket(kPsh | kAck), Does::kAnswer},
      {"FIN with the cookie", TcpPacket(kFin | kAck), Does::kAnswer},
      {"RST", TcpPacket(kRst), Does::kPass},
      {"none", TcpPacket(0), Does::kPass},
      {"wrong checksum", damaged, Does::kDrop},
      {"checked by the device", damaged_and_checked, Does::kAnswer},
      {"IPv6, which it checks wrongly", Tcp6Packet(), Does::kDrop},
      {"IPv6 that the device has checked", checked6, Does::kAnswer},
      {"no TCP",
       Incoming(From("192.0.2.1", "192.0.2.2", IPPROTO_UDP), datagram::Udp(1, 2, Bytes(20, 'x'))),
       Does::kEndRule},
  };
  SetHook(NF_INET_LOCAL_IN, NF_ACCEPT);
  table_.chains["base"].rules = {{{Synproxy{}, Immediate{kAcceptVerdict}}}};
  for (const auto& c : cases) {
    const Decision decision = Run(c.packet);
    EXPECT_EQ(decision.stolen, c.does == Does::kAnswer) << c.name;
    if (decision.stolen) continue;
    EXPECT_EQ(decision.accepted, c.does != Does::kDrop) << c.name;
    EXPECT_EQ(decision.by_policy, c.does == Does::kEndRule) << c.name;
  }
}

TEST_F(EvaluateTest, TellsWhatItPutsIntoSets) {
  table_.sets["seen"].key = {Field::kIpv4Address};
  Add("base", {Payload{NFT_PAYLOAD_NETWORK_HEADER, 12, 4, 1}, UpdateSet{"seen", 1, 1000}});
  Add("base", {UpdateSet{"missing", 1, 1000}, Immediate{kAcceptVerdict}});
  const Decision decision = Run(TcpPacket());
  ASSERT_EQ(decision.updates.size(), 1u);
  EXPECT_EQ(decision.updates[0].set, "seen");
  EXPECT_EQ(decision.updates[0].key, Address("192.0.2.1"));
  EXPECT_FALSE(decision.accepted);
}

TEST_F(EvaluateTest, KnowsTheControlGroupsOfTheSocket) {
  const auto bytes = [](uint64_t number) {
    return Bytes(reinterpret_cast<const char*>(&number), sizeof number);
  };
  const auto is = [&](uint32_t level, uint64_t number) {
    return std::vector<Expression>{Socket{NFT_SOCKET_CGROUPV2, level, 1},
                                   Cmp{1, NFT_CMP_EQ, bytes(number)}};
  };
  Packet packet = TcpPacket();
  EXPECT_FALSE(Hold(is(0, 1), packet)) << "a packet of no known socket";
  packet.control_groups = {1, 20, uint64_t{1} << 40};
  EXPECT_TRUE(Hold(is(1, 20), packet));
  EXPECT_TRUE(Hold(is(2, uint64_t{1} << 40), packet));
  EXPECT_FALSE(Hold(is(2, 20), packet));
  EXPECT_FALSE(Hold(is(3, 0), packet)) << "the group is above that level";
}

TEST_F(EvaluateTest, ChangesTheOrderOfBytes) {
  EXPECT_TRUE(
      Hold({ImmediateData{1, Bytes("\x12\x34", 2)}, Byteorder{1, 1, NFT_BYTEORDER_HTON, 2, 2},
            Cmp{1, NFT_CMP_EQ, Bytes("\x34\x12", 2)}},
           TcpPacket()));
}

// An expression that only other programs use never matches.
TEST_F(EvaluateTest, MatchesNothingThatItDoesNotKnow) {
  EXPECT_FALSE(Hold({Foreign{"quota"}}, TcpPacket()));
  EXPECT_FALSE(Hold({Meta{NFT_META_SKUID, 1}}, TcpPacket()));
  EXPECT_FALSE(Hold({Lookup{.set = "missing", .from = 1}}, TcpPacket()));
}

}  // namespace
}  // namespace firebreak::policy
