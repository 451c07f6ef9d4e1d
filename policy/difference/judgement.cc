// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/judgement.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include <algorithm>
#include <bitset>
#include <utility>

#include "policy/difference/conditional_rules.h"
#include "policy/difference/mapping_boxes.h"
#include "policy/difference/witness.h"
#include "policy/merge/icmp_option_types.h"
#include "policy/resources/protocols.h"

namespace firebreak::policy {
namespace {

constexpr uint16_t kDhcpServer = 67, kDhcpClient = 68;      // RFC 2131
constexpr uint8_t kRouterSolicitation4 = 10;                // RFC 1256
constexpr uint16_t kDhcp6Server = 547, kDhcp6Client = 546;  // RFC 8415

using Action = Outcome::Action;

class RuleMaker {
 public:
  RuleMaker(const Judgement& judgement, const Plane& plane, Rulings& rulings, size_t& work_left)
      : profile_(judgement.profile),
        exempt_(judgement.exempt),
        plane_(plane),
        rulings_(rulings),
        inbound_(plane.way == Way::kInbound),
        refused_{profile_.firewall == v1::Firewall::observe ? Action::kObserved : Action::kRefused},
        rejected_{profile_.firewall == v1::Firewall::observe ? Action::kObserved
                                                             : Action::kRejected},
        own_(OwnAddresses(plane.address_bytes)),
        work_left_(work_left) {}

  RuleList Make() && {
    if (exempt_.has_value()) {
      Add(Whole(), {{Action::kAdmitted}, {*exempt_}});
    } else if (profile_.firewall == v1::Firewall::off) {
      Add(Whole(), {{Action::kAdmitted}, {Cause::Kind::kFirewall, profile_.firewall_policy}});
    } else {
      AddEssentialIcmp();
      if (inbound_) {
        AddInvalidIcmp();
      } else {
        AddErrors();
      }
      // These pass unless a mapping refuses them.
      for (const Box& box : Essentials()) Add(box, kNeeded);
      AddMappings();
      if (inbound_) AddRequests();
      AddTheRest();
    }
    return ResolveConditions(written_, rulings_, work_left_);
  }

 private:
  inline static const Ruling kNeeded = {{Action::kAdmitted}, {Cause::Kind::kEssential}};

  void Add(const Box& box, const Ruling& ruling) { written_.push_back({box, ruling, {}}); }

  Box Whole() const { return WholeBox(plane_.address_bytes); }

  Box OfProtocol(uint16_t protocol) const {
    Box box = Whole();
    box.first16[Box::kProtocol] = box.last16[Box::kProtocol] = protocol;
    return box;
  }

  Box OfIcmp(uint8_t type, uint8_t first_code = 0, uint8_t last_code = 255) const {
    Box box = OfProtocol(IcmpProtocol(plane_.address_bytes));
    box.first16[Box::kPort] = static_cast<uint16_t>(type << 8 | first_code);
    box.last16[Box::kPort] = static_cast<uint16_t>(type << 8 | last_code);
    return box;
  }

  Box OfUdp(uint16_t source_port, uint16_t port) const {
    Box box = OfProtocol(IPPROTO_UDP);
    box.first16[Box::kSourcePort] = box.last16[Box::kSourcePort] = source_port;
    box.first16[Box::kPort] = box.last16[Box::kPort] = port;
    return box;
  }

  void AddEssentialIcmp() {
    if (plane_.address_bytes != 16) return;
    for (const uint8_t type : EssentialIcmpv6Types(inbound_)) Add(OfIcmp(type), kNeeded);
  }

  Cause ByOption(IcmpOption option) const {
    return {Cause::Kind::kIcmp, profile_.icmp_policy, std::string(IcmpOptionName(option))};
  }

  void AddRequests() {
    for (const IcmpOptionType& request : IcmpRequestTypes()) {
      const std::optional<uint8_t> type = request.In(plane_.address_bytes);
      if (!type.has_value() || !profile_.icmp.contains(request.option)) continue;
      Add(OfIcmp(*type), {{Action::kAdmitted}, ByOption(request.option)});
    }
  }

  using Kinds = std::bitset<0x10000>;  // by type * 256 + code

  // Returns the ICMP messages that a mapping or an option admits although connection tracking calls
  // them invalid.
  Kinds NamedIcmp() const {
    const uint32_t protocol = IcmpProtocol(plane_.address_bytes);
    Kinds named;
    const auto name = [&](uint32_t first, uint32_t last) {
      for (uint32_t number = first; number <= last; ++number) named.set(number);
    };
    const auto name_type = [&](uint32_t type) { name(type << 8, type << 8 | 0xff); };
    if (plane_.address_bytes == 4 && profile_.icmp.contains(IcmpOption::kRouterRequest)) {
      name_type(kRouterSolicitation4);
    }
    if (plane_.address_bytes == 16 && profile_.icmp.contains(IcmpOption::kRedirect)) {
      name_type(ND_REDIRECT);
    }
    for (const v1::Mapping* mapping : profile_.inbound) {
      const auto& ports = mapping->ports();
      const bool of_protocol = std::any_of(ports.begin(), ports.end(), [&](const auto& range) {
        return range.protocol() == protocol;
      });
      if (mapping->action() != v1::Traffic::allow || !of_protocol) continue;
      if (mapping->icmp().empty()) named.set();
      for (const v1::IcmpKind& kind : mapping->icmp()) {
        if (kind.protocol() != protocol) continue;
        if (!kind.has_code()) name_type(kind.type());
        if (kind.has_code()) named.set(kind.type() << 8 | kind.code());
      }
    }
    return named;
  }

  // Invalid ICMP is refused before mappings are consulted. Neighbouring numbers are put in one box.
  void AddInvalidIcmp() {
    const Kinds named = NamedIcmp();
    std::optional<Box> pending;
    for (uint32_t number = 0; number <= 0x10000; ++number) {
      const auto type = static_cast<uint8_t>(number >> 8);
      const bool refused =
          number < 0x10000 && !named[number] && !IsValidAlone(type, plane_.address_bytes);
      if (refused && !pending.has_value()) {
        pending = OfProtocol(IcmpProtocol(plane_.address_bytes));
        pending->first16[Box::kPort] = static_cast<uint16_t>(number);
      }
      if (refused) pending->last16[Box::kPort] = static_cast<uint16_t>(number);
      if (refused || !pending.has_value()) continue;
      Add(*pending, {refused_, {Cause::Kind::kNothingOpens}});
      pending.reset();
    }
  }

  void AddErrors() {
    for (const IcmpOptionType& error : IcmpErrorTypes()) {
      const std::optional<uint8_t> type = error.In(plane_.address_bytes);
      if (!type.has_value() || profile_.icmp.contains(error.option)) continue;
      // All errors get the same cause, so that the plan reports them together.
      const Ruling refusal = {refused_, {Cause::Kind::kIcmp, profile_.icmp_policy}};
      if (plane_.address_bytes == 4 && *type == ICMP_DEST_UNREACH) {
        // Path MTU discovery needs this code (RFC 1191), so it always passes.
        Add(OfIcmp(*type, 0, ICMP_FRAG_NEEDED - 1), refusal);
        Add(OfIcmp(*type, ICMP_FRAG_NEEDED + 1), refusal);
      } else {
        Add(OfIcmp(*type), refusal);
      }
    }
  }

  // Packets that pass even if nothing else does, because the host would lose its address without
  // them. Inbound ones go to a broadcast, multicast or link-local address, and planes are about the
  // host's global addresses, so there are none here. IGMP that stays on the link passes too, but
  // boxes do not know whether a packet stays on the link.
  std::vector<Box> Essentials() const {
    if (inbound_) return {};
    const bool ipv4 = plane_.address_bytes == 4;
    Box question = ipv4 ? OfUdp(kDhcpClient, kDhcpServer) : OfUdp(kDhcp6Client, kDhcp6Server);
    const AddressNumber everybody = 0xffffffff;
    const AddressNumber all_servers6 = AddressNumber{0xff02} << 112 | 0x10002;  // RFC 8415
    question.first_address = question.last_address = ipv4 ? everybody : all_servers6;
    return {question};
  }

  Outcome OutcomeOf(const v1::Mapping& mapping, uint16_t protocol) const {
    if (mapping.action() == v1::Traffic::block) return refused_;
    if (mapping.action() == v1::Traffic::reject) return rejected_;
    if (!inbound_) return {Action::kAdmitted};
    if (mapping.proxy_handshake() && protocol == IPPROTO_TCP) return {Action::kProxied};
    const v1::Forward& forward = mapping.forward();
    const bool of_family =
        forward.address().empty() || forward.address().size() == plane_.address_bytes;
    const bool has_ports = HasPorts(static_cast<uint8_t>(protocol));
    const bool possible = has_ports || forward.port() == 0;
    if (!mapping.has_forward() || !of_family || !possible) return {Action::kAdmitted};
    return {Action::kForwarded, forward.address(), static_cast<uint16_t>(forward.port())};
  }

  const std::vector<const v1::Mapping*>& Mappings() const {
    return inbound_ ? profile_.inbound : profile_.outbound;
  }

  void AddMappings() {
    for (const v1::Mapping* mapping : Mappings()) {
      const Cause cause = {Cause::Kind::kMapping, mapping->policy(), mapping->name()};
      const std::optional<Condition> condition = ConditionOf(*mapping, own_);
      for (const Box& box : BoxesOf(*mapping, plane_.address_bytes)) {
        const Ruling ruling = {OutcomeOf(*mapping, box.first16[Box::kProtocol]), cause};
        written_.push_back({box, ruling, condition});
      }
    }
  }

  void AddTheRest() {
    if (inbound_) {
      const bool reject = profile_.unsolicited == v1::Unsolicited::reject;
      return Add(Whole(), {reject ? rejected_ : refused_, {Cause::Kind::kNothingOpens}});
    }
    const Cause cause = {Cause::Kind::kOutboundDefault, profile_.outbound_default_policy};
    const Outcome outcome = profile_.outbound_default == v1::Traffic::block ? refused_
                            : profile_.outbound_default == v1::Traffic::reject
                                ? rejected_
                                : Outcome{Action::kAdmitted};
    Add(Whole(), {outcome, cause});
  }

  const Profile& profile_;
  const std::optional<Cause::Kind> exempt_;
  const Plane plane_;
  Rulings& rulings_;
  const bool inbound_;
  const Outcome refused_, rejected_;
  const std::vector<std::string> own_;
  size_t& work_left_;
  std::vector<ConditionalRule> written_;
};

}  // namespace

RuleList RulesOf(const Judgement& judgement, const Plane& plane, Rulings& rulings,
                 size_t& work_left) {
  return RuleMaker(judgement, plane, rulings, work_left).Make();
}

}  // namespace firebreak::policy
