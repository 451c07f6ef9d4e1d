// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/profile.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace firebreak::policy {
namespace {

struct Interface {
  absl::string_view name;
  absl::string_view type;
};

bool NameMatches(absl::string_view pattern, absl::string_view name) {
  if (absl::ConsumeSuffix(&pattern, "*")) return absl::StartsWith(name, pattern);
  return pattern == name;
}

int SectionOf(const v1::Layer& layer, const Interface& interface) {
  for (int i = 0; i < layer.interfaces_size(); ++i) {
    if (Matches(layer.interfaces(i).match(), interface.name, interface.type)) return i;
  }
  return -1;
}

void AppendItems(const v1::Mappings& from, std::vector<const v1::Mapping*>& to) {
  for (const v1::Mapping& mapping : from.items()) to.push_back(&mapping);
}

// A layer's values for one interface: the section's value if it has one, else the layer's.
class LayerView {
 public:
  LayerView(const v1::Settings& base, const v1::Settings* section)
      : base_(base), section_(section) {}

  bool SectionHasInbound() const { return section_ != nullptr && section_->has_inbound(); }
  bool SectionHasOutbound() const { return section_ != nullptr && section_->has_outbound(); }

  const v1::Mappings& inbound() const {
    return SectionHasInbound() ? section_->inbound() : base_.inbound();
  }
  const v1::Mappings& outbound() const {
    return SectionHasOutbound() ? section_->outbound() : base_.outbound();
  }
  const v1::Settings& of_firewall() const {
    return section_ != nullptr && section_->firewall() != v1::Firewall::unspecified ? *section_
                                                                                    : base_;
  }
  const v1::Settings& of_icmp() const {
    return section_ != nullptr && section_->has_icmp() ? *section_ : base_;
  }
  const v1::Settings& of_unsolicited() const {
    return section_ != nullptr && section_->unsolicited() != v1::Unsolicited::unspecified
               ? *section_
               : base_;
  }
  const v1::Settings& of_outbound_default() const {
    return section_ != nullptr && section_->outbound_default() != v1::Traffic::unspecified
               ? *section_
               : base_;
  }

 private:
  const v1::Settings& base_;
  const v1::Settings* const section_;  // may be null
};

Profile Combine(const v1::EffectiveLocation& location, const std::optional<Interface>& interface) {
  Profile profile;
  bool firewall_set = false, icmp_set = false, outbound_default_set = false, helpers_set = false,
       unsolicited_set = false;
  for (const v1::Layer& layer : location.layers()) {
    const int section = interface.has_value() ? SectionOf(layer, *interface) : -1;
    profile.sections.push_back(section);
    const LayerView view(layer.settings(),
                         section < 0 ? nullptr : &layer.interfaces(section).settings());

    AppendItems(view.inbound(), profile.inbound);
    AppendItems(view.outbound(), profile.outbound);
    AppendItems(layer.settings().forward(), profile.forward);
    if (profile.forward_default == v1::Traffic::unspecified) {
      profile.forward_default = layer.settings().forward_default();
      profile.forward_default_policy = layer.settings().forward_default_policy();
    }
    profile.own_inbound = profile.own_inbound || view.SectionHasInbound();
    profile.own_outbound = profile.own_outbound || view.SectionHasOutbound();

    if (!helpers_set && layer.settings().has_helpers()) {
      helpers_set = true;
      for (const v1::Helper& helper : layer.settings().helpers().items()) {
        profile.helpers.push_back(&helper);
      }
      profile.helpers_policy = layer.settings().helpers_policy();
    }
    // Values that are set already overwrite the lower layer's.
    v1::Flows flows = layer.settings().flows();
    flows.MergeFrom(profile.flows);
    profile.flows = std::move(flows);

    const v1::Settings& of_firewall = view.of_firewall();
    if (!firewall_set && of_firewall.firewall() != v1::Firewall::unspecified) {
      firewall_set = true;
      profile.firewall = of_firewall.firewall();
      profile.firewall_policy = of_firewall.firewall_policy();
    }
    const v1::Settings& of_icmp = view.of_icmp();
    if (!icmp_set && of_icmp.has_icmp()) {
      icmp_set = true;
      for (const std::string& name : of_icmp.icmp().items()) {
        if (const auto option = ParseIcmpOption(name)) profile.icmp.insert(*option);
      }
      profile.icmp_policy = of_icmp.icmp_policy();
    }
    const v1::Settings& of_unsolicited = view.of_unsolicited();
    if (!unsolicited_set && of_unsolicited.unsolicited() != v1::Unsolicited::unspecified) {
      unsolicited_set = true;
      profile.unsolicited = of_unsolicited.unsolicited();
      profile.unsolicited_policy = of_unsolicited.unsolicited_policy();
    }
    const v1::Settings& of_default = view.of_outbound_default();
    if (!outbound_default_set && of_default.outbound_default() != v1::Traffic::unspecified) {
      outbound_default_set = true;
      profile.outbound_default = of_default.outbound_default();
      profile.outbound_default_policy = of_default.outbound_default_policy();
    }
  }
  return profile;
}

}  // namespace

bool IsBase(const std::vector<int>& sections) {
  return std::all_of(sections.begin(), sections.end(), [](int section) { return section < 0; });
}

Profile ProfileOf(const v1::EffectiveLocation& location, absl::string_view interface_name,
                  absl::string_view interface_type) {
  return Combine(location, Interface{interface_name, interface_type});
}

std::vector<int> SectionsOf(const v1::EffectiveLocation& location, absl::string_view interface_name,
                            absl::string_view interface_type) {
  std::vector<int> sections;
  for (const v1::Layer& layer : location.layers()) {
    sections.push_back(SectionOf(layer, {interface_name, interface_type}));
  }
  return sections;
}

v1::Firewall::Mode FirewallOf(const v1::EffectiveLocation& location,
                              absl::string_view interface_name, absl::string_view interface_type) {
  for (const v1::Layer& layer : location.layers()) {
    const int section = SectionOf(layer, {interface_name, interface_type});
    const LayerView view(layer.settings(),
                         section < 0 ? nullptr : &layer.interfaces(section).settings());
    const v1::Firewall::Mode mode = view.of_firewall().firewall();
    if (mode != v1::Firewall::unspecified) return mode;
  }
  return Profile().firewall;
}

Profile BaseProfileOf(const v1::EffectiveLocation& location) {
  return Combine(location, std::nullopt);
}

bool Matches(const v1::InterfaceMatch& match, absl::string_view interface_name,
             absl::string_view interface_type) {
  const bool name =
      std::any_of(match.names().begin(), match.names().end(),
                  [&](const std::string& pattern) { return NameMatches(pattern, interface_name); });
  const bool type =
      std::any_of(match.types().begin(), match.types().end(),
                  [&](const std::string& listed) { return interface_type == listed; });
  return (match.names().empty() || name) && (match.types().empty() || type);
}

}  // namespace firebreak::policy
