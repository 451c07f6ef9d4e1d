#include "policy/difference/judgement.h"

#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include <algorithm>
#include <utility>

#include "policy/difference/icmp_types.h"
#include "policy/resources/protocols.h"

namespace firebreak::policy {
namespace {

constexpr uint16_t kDhcpServer = 67, kDhcpClient = 68;      // RFC 2131
constexpr uint16_t kDhcp6Server = 547, kDhcp6Client = 546;  // RFC 8415

using Action = Outcome::Action;

class RuleMaker {
 public:
  RuleMaker(const Judgement& judgement, const Plane& plane, Rulings& rulings)
      : profile_(judgement.profile),
        exempt_(judgement.exempt),
        plane_(plane),
        rulings_(rulings),
        inbound_(plane.way == Way::kInbound),
        refused_{profile_.firewall == v1::Firewall::observe ? Action::kObserved
                                                            : Action::kRefused} {}

  RuleList Make() && {
    if (exempt_.has_value()) {
      Add(Whole(), {{Action::kAdmitted}, {*exempt_}});
    } else if (profile_.firewall == v1::Firewall::off) {
      Add(Whole(), {{Action::kAdmitted}, {Cause::Kind::kFirewall, profile_.firewall_policy}});
    } else {
      AddEssentialIcmp();
      if (!inbound_) AddErrors();
      AddMappings();
      if (inbound_) AddRequests();
      if (RefusesTheRest()) {
        for (const Box& box : Essentials()) Add(box, kNeeded);
      }
      AddTheRest();
    }
    return std::move(rules_);
  }

 private:
  inline static const Ruling kNeeded = {{Action::kAdmitted}, {Cause::Kind::kEssential}};

  void Add(const Box& box, const Ruling& ruling) { rules_.push_back({box, rulings_.Add(ruling)}); }

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

  bool RefusesTheRest() const {
    return inbound_ || profile_.outbound_default == v1::Traffic::block;
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

  void AddErrors() {
    for (const IcmpOptionType& error : IcmpErrorTypes()) {
      const std::optional<uint8_t> type = error.In(plane_.address_bytes);
      if (!type.has_value() || profile_.icmp.contains(error.option)) continue;
      // One cause for all of them, so that they are told together.
      const Ruling refusal = {refused_, {Cause::Kind::kIcmp, profile_.icmp_policy}};
      if (plane_.address_bytes == 4 && *type == ICMP_DEST_UNREACH) {
        // Path MTU discovery (RFC 1191) rests on this one.
        Add(OfIcmp(*type, 0, ICMP_FRAG_NEEDED - 1), refusal);
        Add(OfIcmp(*type, ICMP_FRAG_NEEDED + 1), refusal);
      } else {
        Add(OfIcmp(*type), refusal);
      }
    }
  }

  // What a host needs where nothing else passes, or it would lose its address. All that comes in so
  // is sent to everybody or to a link-local address, while planes are about what is sent to one of
  // the host's own; and of IGMP only what is not sent on, which boxes know nothing of.
  std::vector<Box> Essentials() const {
    if (inbound_) return {};
    const bool ipv4 = plane_.address_bytes == 4;
    Box question = ipv4 ? OfUdp(kDhcpClient, kDhcpServer) : OfUdp(kDhcp6Client, kDhcp6Server);
    const AddressNumber everybody = 0xffffffff;
    const AddressNumber all_servers6 = AddressNumber{0xff02} << 112 | 0x10002;  // RFC 8415
    question.first_address = question.last_address = ipv4 ? everybody : all_servers6;
    return {question};
  }

  std::vector<Box> BoxesOf(const v1::Mapping& mapping) const {
    std::vector<Box> boxes;
    for (const v1::PortRange& range : mapping.ports()) {
      Box box = OfProtocol(static_cast<uint16_t>(range.protocol()));
      box.first16[Box::kPort] = static_cast<uint16_t>(range.first());
      box.last16[Box::kPort] = static_cast<uint16_t>(range.last());
      if (mapping.remote().empty()) boxes.push_back(box);
      for (const v1::Prefix& prefix : mapping.remote()) {
        if (prefix.address().size() != plane_.address_bytes) continue;
        const auto host_bits =
            static_cast<unsigned int>(plane_.address_bytes * 8) - prefix.length();
        const AddressNumber ones =
            host_bits == 128 ? ~AddressNumber{0} : (AddressNumber{1} << host_bits) - 1;
        box.first_address = ToAddressNumber(prefix.address());
        box.last_address = box.first_address | ones;
        boxes.push_back(box);
      }
    }
    return boxes;
  }

  Outcome OutcomeOf(const v1::Mapping& mapping, uint16_t protocol) const {
    if (mapping.action() == v1::Traffic::block) return refused_;
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

  // Whether the first mapping for any address that covers the box opens it.
  bool IsOpenToAny(const Box& box) const {
    for (const v1::Mapping* mapping : Mappings()) {
      if (!mapping->remote().empty()) continue;
      for (const Box& covered : BoxesOf(*mapping)) {
        if (Covers(covered, box)) return mapping->action() != v1::Traffic::block;
      }
    }
    return false;
  }

  const std::vector<const v1::Mapping*>& Mappings() const {
    return inbound_ ? profile_.inbound : profile_.outbound;
  }

  void AddMappings() {
    // A block that takes nothing away from what is open to any says no more than the default does,
    // and so leaves the host what it needs.
    std::vector<Box> kept;
    if (RefusesTheRest()) {
      for (const Box& box : Essentials()) {
        if (!IsOpenToAny(box)) kept.push_back(box);
      }
    }
    for (const v1::Mapping* mapping : Mappings()) {
      const Cause cause = {Cause::Kind::kMapping, mapping->policy(), mapping->name()};
      for (const Box& box : BoxesOf(*mapping)) {
        if (mapping->action() == v1::Traffic::block) {
          for (const Box& needed : kept) {
            if (Intersects(needed, box)) Add(Intersection(needed, box), kNeeded);
          }
        }
        Add(box, {OutcomeOf(*mapping, box.first16[Box::kProtocol]), cause});
      }
    }
  }

  void AddTheRest() {
    if (inbound_) return Add(Whole(), {refused_, {Cause::Kind::kNothingOpens}});
    const Cause cause = {Cause::Kind::kOutboundDefault, profile_.outbound_default_policy};
    Add(Whole(), {RefusesTheRest() ? refused_ : Outcome{Action::kAdmitted}, cause});
  }

  const Profile& profile_;
  const std::optional<Cause::Kind> exempt_;
  const Plane plane_;
  Rulings& rulings_;
  const bool inbound_;
  const Outcome refused_;
  RuleList rules_;
};

}  // namespace

RuleList RulesOf(const Judgement& judgement, const Plane& plane, Rulings& rulings) {
  return RuleMaker(judgement, plane, rulings).Make();
}

}  // namespace firebreak::policy
