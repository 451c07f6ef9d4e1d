// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/check_effective.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "policy/capability/understood.h"
#include "policy/hardening/catalogue.h"
#include "policy/merge/check_mapping_effects.h"
#include "policy/resources/conntrack_helpers.h"
#include "policy/resources/elsewhere.h"
#include "policy/resources/icmp_options.h"
#include "policy/resources/interface_types.h"
#include "policy/resources/names.h"
#include "policy/resources/ports.h"
#include "policy/resources/prefix.h"
#include "policy/resources/protocols.h"

namespace firebreak::policy {
namespace {

constexpr int kMaxLayers = 1000;
constexpr int kMaxSections = 256;  // in a layer
constexpr int kMaxMatches = 64;    // in a section
constexpr int kMaxHelpers = 128;
constexpr int kMaxResponses = 64;  // in a mapping
constexpr int kMaxPrivateInterfaces = 64;
constexpr int kMaxPublicInterfaces = 64;
constexpr int kMaxSharingPrefixes = 1000;
constexpr size_t kMaxPairs = 2'000'000;  // of ports and prefixes, in all mappings

absl::Status Wrong(absl::string_view reason) { return absl::InvalidArgumentError(reason); }

absl::Status Within(absl::string_view where, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(where, ": ", status.message()));
}

absl::Status CheckRange(const v1::PortRange& range) {
  if (range.protocol() < 1 || range.protocol() > 255) {
    return Wrong(absl::StrCat("protocol ", range.protocol(), " is not in 1..255"));
  }
  if (range.first() > range.last() || range.last() > kAllPorts.last) {
    return Wrong(absl::StrCat("ports ", range.first(), "-", range.last(), " are no range"));
  }
  const bool all = range.first() == kAllPorts.first && range.last() == kAllPorts.last;
  if (!HasPorts(static_cast<uint8_t>(range.protocol())) && !all) {
    return Wrong(absl::StrCat("protocol ", range.protocol(), " has no ports"));
  }
  return absl::OkStatus();
}

// Checks the ports of a mapping, which may be about all protocols, or about ICMP.
absl::Status CheckMappingRange(const v1::PortRange& range) {
  if (range.protocol() != kAnyProtocol) return CheckRange(range);
  if (range.first() == kAllPorts.first && range.last() == kAllPorts.last) return absl::OkStatus();
  return Wrong("ports of any protocol");
}

absl::Status CheckPrefix(const v1::Prefix& prefix) {
  const size_t bytes = prefix.address().size();
  if (bytes != 4 && bytes != 16) {
    return Wrong(absl::StrCat("an address of ", bytes, " bytes"));
  }
  if (prefix.length() > bytes * 8) {
    return Wrong(absl::StrCat("a prefix length of ", prefix.length()));
  }
  if (!HostBitsAreZero(prefix.address(), static_cast<int>(prefix.length()))) {
    return Wrong("a prefix with host bits set");
  }
  return absl::OkStatus();
}

absl::Status CheckForward(const v1::Mapping& mapping) {
  const size_t bytes = mapping.forward().address().size();
  if (bytes != 0 && bytes != 4 && bytes != 16) {
    return Wrong(absl::StrCat("a forward to an address of ", bytes, " bytes"));
  }
  if (mapping.forward().port() > kAllPorts.last) {
    return Wrong(absl::StrCat("a forward to port ", mapping.forward().port()));
  }
  if (bytes == 0 && mapping.forward().port() == 0) return Wrong("a forward to nowhere");
  if (mapping.proxy_handshake()) return Wrong("a forward with a proxied handshake");
  for (const v1::PortRange& range : mapping.ports()) {
    const bool one = range.first() == range.last();
    if (mapping.forward().port() != 0 && !one) return Wrong("a forward of a range to one port");
  }
  return absl::OkStatus();
}

absl::Status CheckTimeout(bool given, const google::protobuf::Duration& timeout) {
  constexpr int64_t kMostSeconds = 30 * 24 * 3600;
  if (!given ||
      (timeout.nanos() == 0 && timeout.seconds() >= 1 && timeout.seconds() <= kMostSeconds)) {
    return absl::OkStatus();
  }
  return Wrong(absl::StrCat("a flow timeout of ", timeout.seconds(), " s"));
}

absl::Status CheckFlows(const v1::Flows& flows) {
  const absl::Status timeouts[] = {CheckTimeout(flows.has_udp_timeout(), flows.udp_timeout()),
                                   CheckTimeout(flows.has_tcp_timeout(), flows.tcp_timeout()),
                                   CheckTimeout(flows.has_icmp_timeout(), flows.icmp_timeout()),
                                   CheckTimeout(flows.has_gre_timeout(), flows.gre_timeout())};
  for (const absl::Status& status : timeouts) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckHelper(const v1::Helper& helper) {
  if (ConntrackHelperModule(helper.name(), helper.ports().protocol()).empty()) {
    return Wrong(absl::StrCat("unknown helper ", Quoted(helper.name()), " of protocol ",
                              helper.ports().protocol()));
  }
  return CheckRange(helper.ports());
}

absl::Status CheckHardened(const v1::Hardened& hardened) {
  std::set<std::string> names;
  for (const v1::HardenedSetting& one : hardened.settings()) {
    const HardeningSetting* const setting = FindHardening(one.name());
    if (setting == nullptr) return Wrong(absl::StrCat("unknown setting ", Quoted(one.name())));
    if (one.value() < setting->least || one.value() > setting->most) {
      return Wrong(absl::StrCat("setting ", one.name(), ": ", one.value(), " is out of range"));
    }
    if (!names.insert(one.name()).second) {
      return Wrong(absl::StrCat("setting ", one.name(), " is there twice"));
    }
    RETURN_IF_ERROR(CheckName(one.policy()));
  }
  return absl::OkStatus();
}

absl::Status CheckPolicyName(bool set, const std::string& policy, absl::string_view what) {
  if (set) return Within(absl::StrCat("policy of ", what), CheckName(policy));
  if (policy.empty()) return absl::OkStatus();
  return Wrong(absl::StrCat("a policy for ", what, ", which is not set"));
}

// Checks the whole policy and adds up its cost.
class EffectiveCheck {
 public:
  absl::Status CheckLocation(const v1::EffectiveLocation& location) {
    if (location.layers_size() > kMaxLayers) {
      return absl::ResourceExhaustedError(absl::StrCat("more than ", kMaxLayers, " layers"));
    }
    for (const v1::Layer& layer : location.layers()) {
      RETURN_IF_ERROR(CheckLayer(layer));
    }
    RETURN_IF_ERROR(CheckSharing(location.host().sharing()));
    RETURN_IF_ERROR(CheckHardened(location.host().hardening()));
    const auto level = location.host().local_control();
    if (!v1::LocalControl::Level_IsValid(level)) {
      return Wrong(absl::StrCat("unknown level of local control ", level));
    }
    if (location.has_proof() && location.proof().name() != location.name()) {
      return Wrong("the proof is another location's");
    }
    return absl::OkStatus();
  }

 private:
  static absl::Status CheckSharing(const v1::Sharing& sharing) {
    if (sharing.private__size() > kMaxPrivateInterfaces) {
      return absl::ResourceExhaustedError(
          absl::StrCat("more than ", kMaxPrivateInterfaces, " private interfaces"));
    }
    if (sharing.public__size() > kMaxPublicInterfaces) {
      return absl::ResourceExhaustedError(
          absl::StrCat("more than ", kMaxPublicInterfaces, " public interfaces"));
    }
    const auto& names = sharing.public_();
    for (const std::string& name : names) {
      RETURN_IF_ERROR(CheckInterfaceName(name, false));
    }
    for (const std::string& name : sharing.private_()) {
      RETURN_IF_ERROR(CheckInterfaceName(name, false));
      if (std::find(names.begin(), names.end(), name) != names.end()) {
        return Wrong("an interface that shares itself");
      }
    }
    if (sharing.from_size() > kMaxSharingPrefixes) {
      return absl::ResourceExhaustedError(
          absl::StrCat("more than ", kMaxSharingPrefixes, " prefixes of private hosts"));
    }
    for (const std::string& prefix : sharing.from()) {
      RETURN_IF_ERROR(ParsePrefix(prefix).status());
    }
    return absl::OkStatus();
  }

  absl::Status CheckLayer(const v1::Layer& layer) {
    RETURN_IF_ERROR(CheckSettings(layer.settings()));
    if (layer.interfaces_size() > kMaxSections) {
      return absl::ResourceExhaustedError(
          absl::StrCat("more than ", kMaxSections, " sections for interfaces"));
    }
    for (const v1::InterfaceLayer& section : layer.interfaces()) {
      RETURN_IF_ERROR(CheckMatch(section.match()));
      RETURN_IF_ERROR(CheckSettings(section.settings()));
    }
    return absl::OkStatus();
  }

  static absl::Status CheckMatch(const v1::InterfaceMatch& match) {
    const int count = match.names_size() + match.types_size();
    if (count == 0 || count > kMaxMatches) {
      return Wrong(absl::StrCat("a section that matches ", count, " names and types"));
    }
    for (const std::string& name : match.names()) {
      RETURN_IF_ERROR(CheckInterfaceName(name, true));
    }
    for (const std::string& type : match.types()) {
      if (!IsInterfaceType(type)) {
        return Wrong(absl::StrCat("unknown interface type ", Quoted(type)));
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckSettings(const v1::Settings& settings) {
    if (!v1::Firewall::Mode_IsValid(settings.firewall())) {
      return Wrong(absl::StrCat("unknown firewall mode ", settings.firewall()));
    }
    if (!v1::Traffic::Action_IsValid(settings.outbound_default())) {
      return Wrong(absl::StrCat("unknown outbound default ", settings.outbound_default()));
    }
    if (!v1::Unsolicited::Action_IsValid(settings.unsolicited())) {
      return Wrong(absl::StrCat("unknown action for what is unsolicited ", settings.unsolicited()));
    }
    const absl::Status policies[] = {
        CheckPolicyName(settings.firewall() != v1::Firewall::unspecified,
                        settings.firewall_policy(), "firewall"),
        CheckPolicyName(settings.has_icmp(), settings.icmp_policy(), "icmp"),
        CheckPolicyName(settings.unsolicited() != v1::Unsolicited::unspecified,
                        settings.unsolicited_policy(), "unsolicited"),
        CheckPolicyName(settings.outbound_default() != v1::Traffic::unspecified,
                        settings.outbound_default_policy(), "outbound default")};
    for (const absl::Status& status : policies) {
      if (!status.ok()) return status;
    }
    for (const std::string& name : settings.icmp().items()) {
      if (!ParseIcmpOption(name).has_value()) {
        return Wrong(absl::StrCat("unknown ICMP option ", Quoted(name)));
      }
    }
    if (settings.helpers().items_size() > kMaxHelpers) {
      return absl::ResourceExhaustedError(absl::StrCat("more than ", kMaxHelpers, " helpers"));
    }
    for (const v1::Helper& helper : settings.helpers().items()) {
      RETURN_IF_ERROR(CheckHelper(helper));
    }
    RETURN_IF_ERROR(CheckFlows(settings.flows()));
    RETURN_IF_ERROR(CheckHardened(settings.hardening()));
    if (settings.forward_default() != v1::Traffic::unspecified &&
        settings.forward_default() != v1::Traffic::allow &&
        settings.forward_default() != v1::Traffic::block) {
      return Wrong(absl::StrCat("unknown default of what is routed ", settings.forward_default()));
    }
    RETURN_IF_ERROR(CheckPolicyName(settings.forward_default() != v1::Traffic::unspecified,
                                    settings.forward_default_policy(),
                                    "default of what is routed"));
    RETURN_IF_ERROR(CheckMappings(settings.inbound(), /*routed=*/false));
    RETURN_IF_ERROR(CheckMappings(settings.outbound(), /*routed=*/false));
    return CheckMappings(settings.forward(), /*routed=*/true);
  }

  // Checks that only rules about routed traffic have the fields meant for these, and lack the
  // others.
  static absl::Status CheckRouted(const v1::Mapping& mapping, bool routed) {
    if (!routed) {
      if (mapping.has_in() || mapping.has_out()) return Wrong("interfaces of what is not routed");
      if (mapping.ports().empty()) return Wrong("no ports");
      return absl::OkStatus();
    }
    if (mapping.has_in()) RETURN_IF_ERROR(CheckMatch(mapping.in()));
    if (mapping.has_out()) RETURN_IF_ERROR(CheckMatch(mapping.out()));
    if (mapping.has_forward() || mapping.proxy_handshake() || !mapping.responses().empty()) {
      return Wrong("what is routed is sent on, proxied or answered");
    }
    return absl::OkStatus();
  }

  absl::Status CheckMappings(const v1::Mappings& mappings, bool routed) {
    absl::flat_hash_set<std::pair<absl::string_view, absl::string_view>> names;
    for (const v1::Mapping& mapping : mappings.items()) {
      const std::string where =
          absl::StrCat("policy ", Quoted(mapping.policy()), ", mapping ", Quoted(mapping.name()));
      if (!names.emplace(mapping.policy(), mapping.name()).second) {
        return Wrong(absl::StrCat(where, ": there are two of that name in a list"));
      }
      if (absl::Status status = CheckMapping(mapping, routed); !status.ok()) {
        return Within(where, status);
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckMapping(const v1::Mapping& mapping, bool routed) {
    if (++mappings_ > kMaxEffectiveMappings) {
      return absl::ResourceExhaustedError(
          absl::StrCat("more than ", kMaxEffectiveMappings, " mappings for one host"));
    }
    RETURN_IF_ERROR(CheckName(mapping.name()));
    RETURN_IF_ERROR(CheckName(mapping.policy()));
    if (mapping.action() != v1::Traffic::allow && mapping.action() != v1::Traffic::block &&
        mapping.action() != v1::Traffic::reject) {
      return Wrong(absl::StrCat("unknown action ", mapping.action()));
    }
    RETURN_IF_ERROR(CheckRouted(mapping, routed));
    for (const v1::PortRange& range : mapping.ports()) {
      RETURN_IF_ERROR(CheckMappingRange(range));
    }
    for (const auto* prefixes : {&mapping.remote(), &mapping.local()}) {
      for (const v1::Prefix& prefix : *prefixes) {
        RETURN_IF_ERROR(CheckPrefix(prefix));
      }
    }
    RETURN_IF_ERROR(CheckMappingEffects(mapping));
    if (mapping.has_forward()) {
      RETURN_IF_ERROR(CheckForward(mapping));
    }
    if (mapping.responses_size() > kMaxResponses) {
      return absl::ResourceExhaustedError(absl::StrCat("more than ", kMaxResponses, " responses"));
    }
    for (const v1::PortRange& range : mapping.responses()) {
      RETURN_IF_ERROR(CheckRange(range));
    }
    pairs_ += static_cast<size_t>(mapping.ports_size()) *
              static_cast<size_t>(std::max({mapping.remote_size(), mapping.local_size(), 1}));
    if (pairs_ > kMaxPairs) {
      return absl::ResourceExhaustedError(
          absl::StrCat("more than ", kMaxPairs, " pairs of ports and prefixes for one host"));
    }
    return absl::OkStatus();
  }

  int mappings_ = 0;
  size_t pairs_ = 0;
};

}  // namespace

absl::Status CheckEffective(const v1::EffectivePolicy& policy) {
  if (const size_t bytes = policy.ByteSizeLong(); bytes > kMaxEffectiveBytes) {
    return absl::ResourceExhaustedError(absl::StrCat("check policy: ", bytes, " bytes; at most ",
                                                     kMaxEffectiveBytes, " are for one host"));
  }
  if (policy.locations_size() > kMaxLocations) {
    return absl::ResourceExhaustedError(
        absl::StrCat("check policy: more than ", kMaxLocations, " locations"));
  }
  if (policy.locations().empty() || policy.locations(0).name() != kElsewhere) {
    return Wrong("check policy: the first location is not \"elsewhere\"");
  }
  RETURN_IF_ERROR(CheckUnderstood(policy));
  EffectiveCheck check;
  std::set<std::string> names;
  for (const v1::EffectiveLocation& location : policy.locations()) {
    const std::string where = absl::StrCat("check policy: location ", Quoted(location.name()));
    if (absl::Status status = CheckName(location.name()); !status.ok()) {
      return Within(where, status);
    }
    if (!names.insert(location.name()).second) return Wrong(absl::StrCat(where, " is there twice"));
    if (!policy.managed() && !location.layers().empty()) {
      return Wrong(absl::StrCat(where, " has settings, but the host is unmanaged"));
    }
    if (absl::Status status = check.CheckLocation(location); !status.ok()) {
      return Within(where, status);
    }
  }
  return absl::OkStatus();
}

}  // namespace firebreak::policy
