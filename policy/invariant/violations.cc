// SPDX-License-Identifier: Apache-2.0
#include "policy/invariant/violations.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/difference/confirm.h"
#include "policy/difference/interface_kinds.h"
#include "policy/difference/packet_classes.h"
#include "policy/difference/place.h"
#include "policy/invariant/breaches.h"
#include "policy/invariant/traffic.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {
namespace {

// Returns the location with only the matches of its sections about interfaces.
v1::EffectiveLocation SectionsOf(const v1::EffectiveLocation& location) {
  v1::EffectiveLocation sections;
  for (const v1::Layer& layer : location.layers()) {
    v1::Layer& bare = *sections.add_layers();
    for (const v1::InterfaceLayer& section : layer.interfaces()) {
      *bare.add_interfaces()->mutable_match() = section.match();
    }
  }
  return sections;
}

class Checker {
 public:
  Checker(const Configuration& configuration, const v1::Invariant& invariant,
          const v1::EffectivePolicy& after, const v1::EffectivePolicy* before, size_t& work_left,
          bool& complete)
      : invariant_(invariant),
        after_(after),
        before_(before),
        work_left_(work_left),
        complete_(complete) {
    for (const size_t address_bytes : {size_t{4}, size_t{16}}) {
      Demand& demand = demands_.emplace_back();
      demand.plane = {WayOf(invariant), address_bytes};
      demand.traffic = TrafficOf(configuration, invariant, address_bytes);
      demand.admitted = invariant.must() == v1::Invariant::allow;
    }
  }

  std::vector<v1::Violation> Run() && {
    for (const v1::EffectiveLocation& location : after_.locations()) {
      const auto& meant = invariant_.locations();
      if (meant.empty() || std::find(meant.begin(), meant.end(), location.name()) != meant.end()) {
        CheckLocation(location);
      }
    }
    std::stable_partition(violations_.begin(), violations_.end(),
                          [](const v1::Violation& one) { return !one.before(); });
    return std::move(violations_);
  }

 private:
  void CheckLocation(const v1::EffectiveLocation& location) {
    const v1::EffectivePolicy& old_policy = before_ == nullptr ? after_ : *before_;
    const Place place = {after_, location};
    const Place old_place = PlaceAt(old_policy, location.name());
    // Groups interfaces that neither policy nor the invariant tells apart.
    const v1::EffectiveLocation sections = SectionsOf(location);
    v1::EffectiveLocation others = SectionsOf(old_place.location);
    *others.add_layers()->add_interfaces()->mutable_match() = invariant_.interfaces();

    std::map<std::pair<std::string, std::string>, std::string> sharings;
    for (const std::string& host : HostLocations(old_policy, after_, location.name())) {
      sharings.try_emplace({SharingAt(old_policy, host).SerializeAsString(),
                            SharingAt(after_, host).SerializeAsString()},
                           host);
    }
    for (const auto& [sharing, host] : sharings) {
      const std::string at_host =
          sharings.size() == 1 ? "" : absl::StrCat(" while the host is at ", host);
      for (const InterfaceKind& kind :
           InterfaceKinds(others, SharingAt(old_policy, host), sections, SharingAt(after_, host))) {
        if (!Matches(invariant_.interfaces(), kind.example.name, kind.example.type)) continue;
        CheckInterface(place, old_place, kind.example, host, kind.text + at_host);
      }
    }
  }

  void CheckInterface(const Place& place, const Place& old_place, const Interface& interface,
                      const std::string& host, const std::string& text) {
    const Judgement judgement = JudgementOf(place, interface, host);
    std::vector<PacketClass> all, fresh;
    for (const Demand& demand : demands_) {
      Add(BreachesOf(judgement, demand, work_left_), all);
      if (before_ == nullptr) continue;
      Add(FreshBreachesOf(JudgementOf(old_place, interface, host), judgement, demand, work_left_),
          fresh);
    }
    if (all.empty()) return;
    const bool had_it = before_ != nullptr && fresh.empty();
    std::optional<TracedHost> traced;
    const auto confirm = [&](const Witness& witness, const PacketClass& packets) {
      if (!traced.has_value()) traced.emplace(after_, interface, place.location.name(), host);
      return traced->Confirms(witness, packets.after.outcome);
    };
    std::vector<v1::PacketClass> told =
        Describe(before_ == nullptr || had_it ? all : fresh, confirm);
    v1::Violation& violation = violations_.emplace_back();
    violation.set_invariant(invariant_.name());
    violation.set_reason(invariant_.reason());
    violation.set_warns_only(invariant_.enforce() == v1::Enforcement::warn);
    violation.set_must(v1::Invariant::Demand_Name(invariant_.must()));
    violation.set_location(place.location.name());
    violation.set_interfaces(text);
    *violation.mutable_packets() = std::move(told.front());
    violation.mutable_packets()->clear_before();
    violation.set_classes(static_cast<uint32_t>(told.size()));
    violation.set_before(had_it);
  }

  void Add(Breaches breaches, std::vector<PacketClass>& classes) {
    complete_ = complete_ && breaches.complete;
    for (PacketClass& one : breaches.classes) classes.push_back(std::move(one));
  }

  const v1::Invariant& invariant_;
  const v1::EffectivePolicy& after_;
  const v1::EffectivePolicy* const before_;
  size_t& work_left_;
  bool& complete_;
  std::vector<Demand> demands_;  // one of each family
  std::vector<v1::Violation> violations_;
};

}  // namespace

std::vector<v1::Violation> ViolationsOf(const Configuration& configuration,
                                        const v1::Invariant& invariant,
                                        const v1::EffectivePolicy& after,
                                        const v1::EffectivePolicy* before, size_t& work_left,
                                        bool& complete) {
  return Checker(configuration, invariant, after, before, work_left, complete).Run();
}

}  // namespace firebreak::policy
