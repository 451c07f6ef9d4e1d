// SPDX-License-Identifier: Apache-2.0
#include "policy/trace/evaluate.h"

// glibc's headers must come before the kernel's, which then leave out what both define.
#include <netinet/in.h>
#include <string.h>

#include <linux/if_ether.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tuple_common.h>
#include <linux/netfilter/nf_nat.h>
#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <array>
#include <utility>

#include "policy/trace/addresses.h"
#include "policy/trace/checksum.h"
#include "policy/trace/conntrack.h"
#include "policy/trace/fib.h"

namespace firebreak::policy {
namespace {

using namespace ruleset;  // the kernel's vocabulary

// The kernel refuses rules that loop, and does not nest jumps deeper than this
// (NFT_JUMP_STACK_SIZE).
constexpr size_t kJumpStack = 16;

class Registers {
 public:
  // Pads with zeros to whole registers, as the kernel does.
  void Store(Register to, const void* bytes, size_t length) {
    const size_t at = to * 4u;
    const size_t padded = (length + 3) / 4 * 4;
    if (at + padded > bytes_.size()) return;
    memset(bytes_.data() + at, 0, padded);
    memcpy(bytes_.data() + at, bytes, length);
  }
  template <typename T>
  void Store(Register to, T number) {
    Store(to, &number, sizeof number);
  }
  Bytes Load(Register from, size_t length) const {
    const size_t at = from * 4u;
    return at + length > bytes_.size() ? Bytes() : Bytes(bytes_.data() + at, length);
  }

 private:
  std::array<char, 64> bytes_ = {};
};

const Element* FindInterval(const Set& set, const Bytes& key) {
  for (const Element& element : set.elements) {
    if (element.key().size() != 2 * key.size()) continue;
    size_t at = 0;
    bool inside = true;
    for (Field field : set.key) {
      const size_t length = Length(field);
      const auto compare = [&](size_t bound) {
        return memcmp(key.data() + at, element.key().data() + bound + at, length);
      };
      inside = inside && compare(0) >= 0 && compare(key.size()) <= 0;
      at += PaddedLength(field);
    }
    if (inside) return &element;
  }
  return nullptr;
}

const Element* Find(const Set& set, const Bytes& key) {
  if (key.size() != KeyLength(set.key)) return nullptr;
  if (set.interval) return FindInterval(set, key);
  const auto found = std::lower_bound(
      set.elements.begin(), set.elements.end(), key,
      [](const Element& element, const Bytes& wanted) { return element.key() < wanted; });
  return found != set.elements.end() && found->key() == key ? &*found : nullptr;
}

// Where evaluation continues after an expression.
enum class Next { kExpression, kRule, kVerdict };

class Machine {
 public:
  Machine(const Table& table, const Packet& packet, const HostState& host)
      : table_(table), packet_(packet), transport_(TransportForRules(packet)), host_(host) {}

  Decision Run(const std::string& base_chain) && {
    const auto base = table_.chains.find(base_chain);
    if (base == table_.chains.end()) return {.accepted = true};
    hook_ = base->second.hook.value_or(Hook());
    const Verdict verdict = RunChain(base_chain, 0);
    if (decision_.stolen) return std::move(decision_);
    if (verdict.code == NF_ACCEPT || verdict.code == NF_DROP) {
      decision_.accepted = verdict.code == NF_ACCEPT;
    } else {
      decision_.by_policy = true;
      decision_.accepted = !base->second.hook.has_value() || base->second.hook->policy != NF_DROP;
    }
    return std::move(decision_);
  }

 private:
  // Returns NFT_CONTINUE at the end of the chain; evaluation then continues behind the jump that
  // led here.
  Verdict RunChain(const std::string& name, size_t depth) {
    const auto chain = table_.chains.find(name);
    if (chain == table_.chains.end() || depth > kJumpStack) return {.code = NF_DROP};
    for (size_t i = 0; i < chain->second.rules.size(); ++i) {
      Verdict verdict = RunRule(name, i, chain->second.rules[i]);
      switch (verdict.code) {
        case NFT_CONTINUE: break;
        case NFT_RETURN: return {.code = NFT_CONTINUE};
        case NFT_GOTO: return RunChain(verdict.chain, depth + 1);
        case NFT_JUMP: {
          Verdict inner = RunChain(verdict.chain, depth + 1);
          if (inner.code != NFT_CONTINUE) return inner;
          break;
        }
        default: return verdict;
      }
    }
    return {.code = NFT_CONTINUE};
  }

  Verdict RunRule(const std::string& chain, size_t index, const Rule& rule) {
    verdict_ = {.code = NFT_CONTINUE};
    step_ = {.chain = chain, .rule = index};
    for (const Expression& expression : rule.expressions) {
      const Next next = std::visit([this](const auto& e) { return Run(e); }, expression);
      if (next == Next::kRule) return {.code = NFT_CONTINUE};
      if (next == Next::kVerdict) {
        decision_.steps.push_back(std::move(step_));
        return verdict_;
      }
    }
    return {.code = NFT_CONTINUE};
  }

  Next Run(const Meta& e) {
    switch (e.key) {
      case NFT_META_L4PROTO:
        if (!transport_.has_value()) return Next::kRule;
        registers_.Store(e.to, transport_->protocol);
        break;
      case NFT_META_NFPROTO:
        registers_.Store(e.to, hook_.device.empty() ? packet_.family : kNetdev);
        break;
      case NFT_META_PROTOCOL: registers_.Store(e.to, htons(EtherType())); break;
      case NFT_META_PKTTYPE: registers_.Store(e.to, packet_.addressed_to); break;
      case NFT_META_LEN:
        registers_.Store(e.to, static_cast<uint32_t>(packet_.network.size()));
        break;
      case NFT_META_MARK: registers_.Store(e.to, 0u); break;
      case NFT_META_RTCLASSID:
        // The class belongs to the packet's route. Routes here have class 0, and a packet that
        // bypasses IP has no route.
        if (!packet_.routed) return Next::kRule;
        registers_.Store(e.to, 0u);
        break;
      case NFT_META_SKUID:
        // A packet socket with no known owner is taken to belong to root.
        if (!packet_.user.has_value() && packet_.routed) return Next::kRule;
        registers_.Store(e.to, packet_.user.value_or(0));
        break;
      case NFT_META_SKGID:
        if (!packet_.user_group.has_value()) return Next::kRule;
        registers_.Store(e.to, *packet_.user_group);
        break;
      case NFT_META_IIF: registers_.Store(e.to, packet_.in ? packet_.in->index : 0u); break;
      case NFT_META_OIF: registers_.Store(e.to, packet_.out ? packet_.out->index : 0u); break;
      case NFT_META_IIFNAME: StoreName(e.to, packet_.in); break;
      case NFT_META_OIFNAME: StoreName(e.to, packet_.out); break;
      case NFT_META_IIFTYPE:
        if (!packet_.in) return Next::kRule;
        registers_.Store(e.to, packet_.in->type);
        break;
      case NFT_META_OIFTYPE:
        if (!packet_.out) return Next::kRule;
        registers_.Store(e.to, packet_.out->type);
        break;
      default: return Next::kRule;
    }
    return Next::kExpression;
  }

  uint16_t EtherType() const {
    if (packet_.ether_type != 0) return packet_.ether_type;
    return packet_.family == NFPROTO_IPV4 ? ETH_P_IP : ETH_P_IPV6;
  }

  Next Run(const Ct& e) {
    if (e.key == NFT_CT_STATE) {
      registers_.Store(e.to, packet_.state);
      return Next::kExpression;
    }
    if (!packet_.flow.has_value()) return Next::kRule;
    const Flow& flow = *packet_.flow;
    const bool reply = e.direction.value_or(IP_CT_DIR_ORIGINAL) == IP_CT_DIR_REPLY;
    const Tuple& tuple = reply ? flow.reply : flow.original;
    switch (e.key) {
      case NFT_CT_STATUS: registers_.Store(e.to, flow.status); break;
      case NFT_CT_DIRECTION: registers_.Store(e.to, packet_.flow_direction); break;
      case NFT_CT_PROTOCOL: registers_.Store(e.to, tuple.protocol); break;
      case NFT_CT_L3PROTOCOL: registers_.Store(e.to, tuple.family); break;
      case NFT_CT_PROTO_SRC: registers_.Store(e.to, htons(tuple.source_port)); break;
      case NFT_CT_PROTO_DST: registers_.Store(e.to, htons(DestinationNumber(tuple))); break;
      case NFT_CT_SRC:
      case NFT_CT_SRC_IP:
      case NFT_CT_SRC_IP6: return StoreAddress(e, tuple.source);
      case NFT_CT_DST:
      case NFT_CT_DST_IP:
      case NFT_CT_DST_IP6: return StoreAddress(e, tuple.destination);
      default: return Next::kRule;
    }
    return Next::kExpression;
  }

  // Returns the number of a tuple that a rule compares with a destination port.
  static uint16_t DestinationNumber(const Tuple& tuple) {
    const bool icmp = tuple.protocol == IPPROTO_ICMP || tuple.protocol == IPPROTO_ICMPV6;
    return icmp ? static_cast<uint16_t>(tuple.icmp_type << 8 | tuple.icmp_code)
                : tuple.destination_port;
  }

  Next StoreAddress(const Ct& e, const Bytes& address) {
    const bool ipv4 = e.key == NFT_CT_SRC_IP || e.key == NFT_CT_DST_IP;
    const bool ipv6 = e.key == NFT_CT_SRC_IP6 || e.key == NFT_CT_DST_IP6;
    if ((ipv4 && address.size() != 4) || (ipv6 && address.size() != 16)) return Next::kRule;
    registers_.Store(e.to, address.data(), address.size());
    return Next::kExpression;
  }

  Next Run(const Payload& e) {
    const Bytes* header = e.base == NFT_PAYLOAD_LL_HEADER          ? &packet_.link
                          : e.base != NFT_PAYLOAD_TRANSPORT_HEADER ? &packet_.network
                          : transport_.has_value()                 ? transport_->header
                                                                   : nullptr;
    if (header == nullptr || e.offset + e.length > header->size()) return Next::kRule;
    registers_.Store(e.to, header->data() + e.offset, e.length);
    return Next::kExpression;
  }

  Next Run(const Bitwise& e) {
    Bytes value = registers_.Load(e.from, e.mask.size());
    for (size_t i = 0; i < value.size(); ++i) {
      value[i] = static_cast<char>((value[i] & e.mask[i]) ^ e.exclusive_or[i]);
    }
    registers_.Store(e.to, value.data(), value.size());
    return Next::kExpression;
  }

  Next Run(const Cmp& e) {
    const int order = registers_.Load(e.from, e.value.size()).compare(e.value);
    const bool holds = e.op == NFT_CMP_EQ    ? order == 0
                       : e.op == NFT_CMP_NEQ ? order != 0
                       : e.op == NFT_CMP_LT  ? order < 0
                       : e.op == NFT_CMP_LTE ? order <= 0
                       : e.op == NFT_CMP_GT  ? order > 0
                                             : order >= 0;
    return holds ? Next::kExpression : Next::kRule;
  }

  Next Run(const Lookup& e) {
    const auto set = table_.sets.find(e.set);
    if (set == table_.sets.end()) return Next::kRule;
    const Element* element = Find(set->second, registers_.Load(e.from, KeyLength(set->second.key)));
    if (e.to.has_value()) {
      if (element == nullptr || element->value() != Element::Value::kData) return Next::kRule;
      const absl::string_view data = *element->data();
      step_.map = e.set;
      step_.element = *element;
      registers_.Store(*e.to, data.data(), data.size());
      return Next::kExpression;
    }
    if (!e.verdict_map) {
      return (element != nullptr) != e.inverted ? Next::kExpression : Next::kRule;
    }
    if (element == nullptr || element->value() != Element::Value::kVerdict) return Next::kRule;
    const VerdictView verdict = *element->verdict();
    step_.map = e.set;
    step_.element = *element;
    verdict_ = {verdict.code, std::string(verdict.chain)};
    return Next::kVerdict;
  }

  Next Run(const Immediate& e) {
    verdict_ = e.verdict;
    return Next::kVerdict;
  }

  Next Run(const ObjectReference&) { return Next::kExpression; }
  Next Run(const Limit&) { return Next::kExpression; }
  // Follows nft_connlimit_do_eval, which drops a packet that conntrack does not track and cannot
  // parse.
  Next Run(const Connlimit&) {
    if (packet_.flow.has_value() || TupleOf(packet_).has_value()) return Next::kExpression;
    verdict_ = {.code = NF_DROP};
    return Next::kVerdict;
  }
  Next Run(const Reject&) {
    verdict_ = {.code = NF_DROP};
    return Next::kVerdict;
  }
  Next Run(const Log&) { return Next::kExpression; }
  Next Run(const UpdateSet& e) {
    const auto set = table_.sets.find(e.set);
    if (set == table_.sets.end()) return Next::kRule;
    decision_.updates.push_back({e.set, registers_.Load(e.from, KeyLength(set->second.key))});
    return e.connlimit.has_value() ? Run(*e.connlimit) : Next::kExpression;
  }
  // Follows nft_exthdr_ipv6_eval.
  Next Run(const Exthdr& e) {
    registers_.Store(e.to, static_cast<uint8_t>(HasExtension(packet_, e.type) ? 1 : 0));
    return Next::kExpression;
  }
  // Follows nft_sock_get_eval_cgroupv2.
  Next Run(const Socket& e) {
    const std::vector<uint64_t>& groups = packet_.control_groups;
    if (e.key != NFT_SOCKET_CGROUPV2 || e.level >= groups.size()) return Next::kRule;
    registers_.Store(e.to, groups[e.level]);
    return Next::kExpression;
  }
  // The route's maximum segment size is not known here. The value decides nothing.
  Next Run(const Rt& e) {
    registers_.Store(e.to, uint16_t{0});
    return Next::kExpression;
  }
  Next Run(const Byteorder& e) {
    Bytes numbers = registers_.Load(e.from, e.length);
    for (size_t at = 0; e.size != 0 && at + e.size <= numbers.size(); at += e.size) {
      std::reverse(numbers.begin() + at, numbers.begin() + at + e.size);
    }
    registers_.Store(e.to, numbers.data(), numbers.size());
    return Next::kExpression;
  }
  // No later rule looks at TCP options.
  Next Run(const TcpOptionWrite&) { return Next::kExpression; }
  Next Run(const TcpOptionStrip&) { return Next::kExpression; }
  Next Run(const Foreign&) { return Next::kRule; }
  Next Run(const ImmediateData& e) {
    registers_.Store(e.to, e.value.data(), e.value.size());
    return Next::kExpression;
  }
  Next Run(const Fib& e) {
    const std::optional<Bytes> answer = AskFib(e, packet_, host_);
    if (!answer.has_value()) return Next::kRule;
    registers_.Store(e.to, answer->data(), answer->size());
    return Next::kExpression;
  }
  Next Run(const Notrack&) {
    if (packet_.state == 0) decision_.untracked = true;
    return Next::kExpression;
  }

  // Follows nft_synproxy_do_eval: answers a SYN and an ACK with the right cookie, whatever the
  // other flags, and drops an ACK with a wrong one. The cookie is not known here, so every ACK
  // counts as answered.
  Next Run(const Synproxy&) {
    constexpr uint8_t kSyn = 0x02, kAck = 0x10;
    constexpr size_t kFlagsOffset = 13, kHeader = 20;
    if (!transport_.has_value() || transport_->protocol != IPPROTO_TCP) return Next::kRule;
    // The kernel uses IPv4's pseudo header for IPv6 too, so it takes right checksums for wrong
    // ones.
    const bool wrong = packet_.family == NFPROTO_IPV6 || TransportSum(packet_) != 0xffff;
    if ((wrong && !packet_.checksum_verified) || packet_.transport.size() < kHeader) {
      verdict_ = {.code = NF_DROP};
      return Next::kVerdict;
    }
    const uint8_t flags = static_cast<uint8_t>(packet_.transport[kFlagsOffset]);
    if ((flags & (kSyn | kAck)) == 0) return Next::kExpression;
    decision_.stolen = true;
    verdict_ = {.code = NF_STOLEN};
    return Next::kVerdict;
  }

  Next Run(const Nat& e) {
    if (e.family != packet_.family) return Next::kExpression;
    Translation translation = {.side = e.type == NFT_NAT_SNAT ? Side::kSource : Side::kDestination};
    if (e.address.has_value()) {
      translation.address = registers_.Load(*e.address, e.family == NFPROTO_IPV4 ? 4 : 16);
    }
    translation.port = PortIn(e.port);
    return Translate(std::move(translation));
  }

  Next Run(const Masquerade&) {
    const HostState::Interface* out = packet_.out ? host_.Find(packet_.out->index) : nullptr;
    return Translate({.side = Side::kSource, .address = AddressOf(out)});
  }

  Next Run(const Redirect& e) {
    Bytes address;
    if (hook_.number == NF_INET_LOCAL_OUT) {
      address = packet_.family == NFPROTO_IPV4 ? Bytes("\x7f\0\0\1", 4) : Bytes(15, '\0') + '\x01';
    } else {
      address = AddressOf(packet_.in ? host_.Find(packet_.in->index) : nullptr);
    }
    return Translate(
        {.side = Side::kDestination, .address = std::move(address), .port = PortIn(e.port)});
  }

  // An interface without an address cannot masquerade, so the kernel drops the packet.
  Next Translate(Translation translation) {
    const bool lacks = translation.address.empty() && !translation.port.has_value();
    verdict_ = {.code = lacks ? NF_DROP : NF_ACCEPT};
    if (!lacks) decision_.translation = std::move(translation);
    return Next::kVerdict;
  }

  std::optional<uint16_t> PortIn(std::optional<Register> from) const {
    if (!from.has_value()) return std::nullopt;
    return Read16(registers_.Load(*from, 2), 0);
  }

  // Returns the interface's address that the kernel would choose for the packet's family: the first
  // that is not link-local.
  Bytes AddressOf(const HostState::Interface* interface) const {
    if (interface == nullptr) return {};
    const size_t length = packet_.family == NFPROTO_IPV4 ? 4 : 16;
    for (const Bytes& address : interface->addresses) {
      if (address.size() == length && !IsLinkLocal6(address)) return address;
    }
    return {};
  }

  void StoreName(Register to, const std::optional<Packet::Device>& device) {
    Bytes name = device.has_value() ? device->name : Bytes();
    name.resize(Length(Field::kInterfaceName), '\0');
    registers_.Store(to, name.data(), name.size());
  }

  const Table& table_;
  const Packet& packet_;
  const std::optional<RuleTransport> transport_;
  const HostState& host_;
  Hook hook_;
  Registers registers_;
  Verdict verdict_;
  Decision::Step step_;
  Decision decision_;
};

}  // namespace

Decision Evaluate(const Table& table, const std::string& base_chain, const Packet& packet,
                  const HostState& host) {
  return Machine(table, packet, host).Run(base_chain);
}

}  // namespace firebreak::policy
