// SPDX-License-Identifier: Apache-2.0
#include "policy/invariant/contradictions.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/difference/packet_classes.h"
#include "policy/difference/universe.h"
#include "policy/invariant/breaches.h"
#include "policy/invariant/traffic.h"

namespace firebreak::policy {
namespace {

using Names = google::protobuf::RepeatedPtrField<std::string>;

struct Demanded {
  const v1::Invariant* invariant;
  std::vector<Box> traffic[2];  // IPv4, IPv6
};

bool HaveOneInCommon(const Names& a, const Names& b, absl::string_view all) {
  const auto is_all = [&](const Names& names) {
    return names.empty() || std::find(names.begin(), names.end(), all) != names.end();
  };
  return is_all(a) || is_all(b) || std::any_of(a.begin(), a.end(), [&](const std::string& name) {
           return std::find(b.begin(), b.end(), name) != b.end();
         });
}

bool IsEmpty(const v1::InterfaceMatch& match) {
  return match.names().empty() && match.types().empty();
}

// Whether both invariants certainly apply to a common host, location and interface. Interfaces that
// may match both are left to the check of the hosts' policies.
bool SpeakOfOnePlace(const v1::Invariant& a, const v1::Invariant& b) {
  return WayOf(a) == WayOf(b) && HaveOneInCommon(a.groups(), b.groups(), "all") &&
         HaveOneInCommon(a.locations(), b.locations(), "") &&
         (IsEmpty(a.interfaces()) || IsEmpty(b.interfaces()) ||
          a.interfaces().SerializeAsString() == b.interfaces().SerializeAsString());
}

// Returns a text for packets that both invariants cover; none if there are no such packets.
std::optional<std::string> CommonTraffic(const Demanded& a, const Demanded& b) {
  for (const size_t family : {0, 1}) {
    const Plane plane = {WayOf(*a.invariant), family == 0 ? size_t{4} : size_t{16}};
    for (const Box& one : a.traffic[family]) {
      for (const Box& other : b.traffic[family]) {
        if (!Intersects(one, other) || !IsPossible(Intersection(one, other), plane)) continue;
        const PacketClass common = {plane, Intersection(one, other), {}, {}};
        const v1::PacketClass told =
            Describe({common}, [](const Witness&, const PacketClass&) { return true; }).front();
        std::string text = told.traffic().empty() ? "anything" : told.traffic(0);
        if (!told.remote().empty()) {
          absl::StrAppend(&text, plane.way == Way::kInbound ? " from " : " to ", told.remote(0));
        }
        return text;
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::vector<std::string> ContradictionsOf(const Configuration& configuration) {
  std::vector<Demanded> allowed, blocked;
  for (const auto& [key, resource] : configuration.resources()) {
    if (!resource->has_invariant()) continue;
    const v1::Invariant& invariant = resource->invariant();
    if (invariant.enforce() == v1::Enforcement::warn) continue;
    (invariant.must() == v1::Invariant::allow ? allowed : blocked).push_back({&invariant, {}});
  }
  if (allowed.empty() || blocked.empty()) return {};
  for (std::vector<Demanded>* list : {&allowed, &blocked}) {
    for (Demanded& one : *list) {
      one.traffic[0] = TrafficOf(configuration, *one.invariant, 4);
      one.traffic[1] = TrafficOf(configuration, *one.invariant, 16);
    }
  }
  std::vector<std::string> contradictions;
  for (const Demanded& allow : allowed) {
    for (const Demanded& block : blocked) {
      if (!SpeakOfOnePlace(*allow.invariant, *block.invariant)) continue;
      const std::optional<std::string> common = CommonTraffic(allow, block);
      if (!common.has_value()) continue;
      contradictions.push_back(absl::StrCat(
          "Invariant/", allow.invariant->name(), " and Invariant/", block.invariant->name(),
          " contradict each other: one demands that ", *common,
          " be allowed, the other that it be blocked, and no policy can do both"));
    }
  }
  return contradictions;
}

}  // namespace firebreak::policy
