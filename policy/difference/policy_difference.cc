// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/policy_difference.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/difference/confirm.h"
#include "policy/difference/difference.h"
#include "policy/difference/interface_kinds.h"
#include "policy/difference/packet_classes.h"
#include "policy/difference/place.h"
#include "policy/difference/setting_changes.h"
#include "policy/hardening/resolve.h"

namespace firebreak::policy {
namespace {

class PolicyComparer {
 public:
  PolicyComparer(const v1::EffectivePolicy& before, const v1::EffectivePolicy& after,
                 size_t& work_left)
      : before_(before), after_(after), work_left_(work_left) {}

  std::vector<v1::PlanDifference> Run() && {
    for (const v1::EffectiveLocation& location : after_.locations()) {
      const v1::EffectiveLocation* old_one = FindLocation(before_, location.name());
      CompareLocation(location.name(), {before_, old_one ? *old_one : before_.locations(0)},
                      {after_, location}, old_one ? "" : "the location is new");
    }
    for (const v1::EffectiveLocation& location : before_.locations()) {
      if (FindLocation(after_, location.name()) != nullptr) continue;
      CompareLocation(location.name(), {before_, location}, {after_, after_.locations(0)},
                      "the location is gone, its interfaces are elsewhere");
    }
    return std::move(differences_);
  }

 private:
  void CompareLocation(const std::string& name, const Place& before, const Place& after,
                       const std::string& note) {
    v1::PlanDifference of_host;
    of_host.set_complete(true);
    Put(SettingChanges(before.location.host(), after.location.host()), of_host);
    Put(SettingChanges(before.location.proof(), after.location.proof()), of_host);
    Tell(std::move(of_host), name, "", note);

    std::map<std::pair<std::string, std::string>, std::string> sharings;
    for (const std::string& host : HostLocations(before_, after_, name)) {
      sharings.try_emplace({SharingAt(before_, host).SerializeAsString(),
                            SharingAt(after_, host).SerializeAsString()},
                           host);
    }
    for (const auto& [sharing, host] : sharings) {
      const std::string at_host =
          sharings.size() == 1 ? "" : absl::StrCat(" while the host is at ", host);
      for (const InterfaceKind& kind : InterfaceKinds(before.location, SharingAt(before_, host),
                                                      after.location, SharingAt(after_, host))) {
        Tell(CompareKind(before, after, kind.example, host), name, kind.text + at_host, note);
      }
    }
  }

  v1::PlanDifference CompareKind(const Place& before, const Place& after,
                                 const Interface& interface, const std::string& host_location) {
    const Judgement old_judgement = JudgementOf(before, interface, host_location);
    const Judgement new_judgement = JudgementOf(after, interface, host_location);
    v1::PlanDifference difference;
    const JudgementDifference found = CompareJudgements(old_judgement, new_judgement, work_left_);
    difference.set_complete(found.complete);
    std::optional<TracedHost> old_host, new_host;
    const auto confirm = [&](const Witness& witness, const PacketClass& packets) {
      if (!old_host.has_value()) {
        old_host.emplace(before.policy, interface, before.location.name(), host_location);
        new_host.emplace(after.policy, interface, after.location.name(), host_location);
      }
      return old_host->Confirms(witness, packets.before.outcome) &&
             new_host->Confirms(witness, packets.after.outcome);
    };
    for (v1::PacketClass& packets : Describe(found.classes, confirm)) {
      *difference.add_packets() = std::move(packets);
    }
    Put(SettingChanges(old_judgement, new_judgement), difference);
    Put(SettingChanges(HardenedOf(before.location, interface.name, interface.type),
                       HardenedOf(after.location, interface.name, interface.type)),
        difference);
    return difference;
  }

  static void Put(std::vector<v1::SettingChange> changes, v1::PlanDifference& difference) {
    for (v1::SettingChange& change : changes) *difference.add_settings() = std::move(change);
  }

  // Adds the difference, or adds its place to an equal difference.
  void Tell(v1::PlanDifference difference, const std::string& location,
            const std::string& interfaces, const std::string& note) {
    if (difference.packets().empty() && difference.settings().empty() && difference.complete()) {
      return;
    }
    const auto [found, added] =
        by_text_.emplace(difference.SerializeAsString(), differences_.size());
    if (added) differences_.push_back(std::move(difference));
    v1::PlanPlace& place = *differences_[found->second].add_places();
    place.set_location(location);
    place.set_interfaces(interfaces);
    place.set_note(note);
  }

  const v1::EffectivePolicy& before_;
  const v1::EffectivePolicy& after_;
  size_t& work_left_;
  std::vector<v1::PlanDifference> differences_;
  std::map<std::string, size_t> by_text_;  // index in `differences_`
};

}  // namespace

std::vector<v1::PlanDifference> ComparePolicies(const v1::EffectivePolicy& before,
                                                const v1::EffectivePolicy& after,
                                                size_t& work_left) {
  return PolicyComparer(before, after, work_left).Run();
}

}  // namespace firebreak::policy
