// SPDX-License-Identifier: Apache-2.0
#include "policy/invariant/fleet_check.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/difference/difference.h"
#include "policy/difference/touch.h"
#include "policy/invariant/violations.h"
#include "policy/merge/merge.h"

namespace firebreak::policy {
namespace {

using Selection = std::vector<const v1::Policy*>;

// At most this many hosts are named in one violation.
constexpr int kMaxHosts = 1000;

std::vector<const v1::Invariant*> InvariantsOf(const Configuration& configuration) {
  std::vector<const v1::Invariant*> invariants;
  for (const auto& [key, resource] : configuration.resources()) {
    if (resource->has_invariant()) invariants.push_back(&resource->invariant());
  }
  return invariants;
}

bool IsFor(const v1::Invariant& invariant, const std::string& host,
           const std::vector<std::string>& groups) {
  if (invariant.groups().empty()) return true;
  return std::any_of(invariant.groups().begin(), invariant.groups().end(),
                     [&](const std::string& group) {
                       return group == absl::StrCat("host:", host) ||
                              std::find(groups.begin(), groups.end(), group) != groups.end();
                     });
}

// Caches effective policies by the selection of policies they are merged from.
class Merged {
 public:
  explicit Merged(const Configuration& configuration) : configuration_(configuration) {}

  const v1::EffectivePolicy& Of(const std::string& key, const Selection& selection) {
    auto found = policies_.find(key);
    if (found == policies_.end()) {
      found = policies_.emplace(key, Merge(configuration_, selection)).first;
    }
    return found->second;
  }

 private:
  const Configuration& configuration_;
  std::map<std::string, v1::EffectivePolicy> policies_;
};

class FleetCheck {
 public:
  // Checks everything if `before` is null.
  FleetCheck(const Selector* before, const Selector& after)
      : before_(before), after_(after), invariants_(InvariantsOf(after.configuration())) {
    if (before != nullptr) touch_.emplace(before->configuration(), after.configuration());
  }

  InvariantReport Run(const std::vector<PlannedHost>& hosts) && {
    report_.invariants = static_cast<uint32_t>(invariants_.size());
    if (invariants_.empty()) return std::move(report_);
    for (const PlannedHost& host : hosts) Sort(host);
    Merged before(before_ == nullptr ? after_.configuration() : before_->configuration());
    Merged after(after_.configuration());
    for (const auto& [key, alike] : alike_) {
      const v1::EffectivePolicy& now = after.Of(alike.after_key, alike.after);
      for (size_t i = 0; i < invariants_.size(); ++i) {
        if (key.looks[i] == Look::kNot) continue;
        const v1::EffectivePolicy* was =
            key.looks[i] == Look::kCompare ? &before.Of(alike.before_key, alike.before) : nullptr;
        for (v1::Violation& violation : ViolationsOf(after_.configuration(), *invariants_[i], now,
                                                     was, work_left_, report_.complete)) {
          Tell(std::move(violation), alike.hosts);
        }
      }
    }
    std::stable_sort(report_.violations.begin(), report_.violations.end(),
                     [](const v1::Violation& a, const v1::Violation& b) {
                       return std::pair(!IsRefused(a), a.before()) <
                              std::pair(!IsRefused(b), b.before());
                     });
    return std::move(report_);
  }

 private:
  enum class Look : uint8_t {
    kNot,      // no change concerns the invariant, or it is not for the host
    kAll,      // the invariant was not demanded of the host before
    kCompare,  // it was demanded, and the host's policies may have changed
  };

  struct Key {
    std::string policies;
    std::vector<Look> looks;  // by invariant
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  // Hosts for which the check gives the same result.
  struct Alike {
    std::string before_key, after_key;
    Selection before, after;
    std::vector<std::string> hosts;
  };

  void Sort(const PlannedHost& host) {
    Selection now = after_.Select(host.name, host.after);
    Selection was = before_ == nullptr ? Selection() : before_->Select(host.name, host.before);
    std::string now_key = Selector::KeyOf(now), was_key = Selector::KeyOf(was);
    const bool same = before_ != nullptr && now_key == was_key && !touch_->MayChange(now);
    const std::vector<std::string> groups = after_.GroupsOf(host.after);
    const std::vector<std::string> old_groups =
        before_ == nullptr ? std::vector<std::string>() : before_->GroupsOf(host.before);
    Key key;
    bool any = false;
    for (const v1::Invariant* invariant : invariants_) {
      Look look = Look::kNot;
      if (IsFor(*invariant, host.name, groups)) {
        const bool demanded = before_ != nullptr &&
                              !touch_->IsChanged(KeyOf("Invariant", invariant->name())) &&
                              IsFor(*invariant, host.name, old_groups);
        look = !demanded                                 ? Look::kAll
               : same && !MeansSomethingElse(*invariant) ? Look::kNot
                                                         : Look::kCompare;
      }
      any = any || look != Look::kNot;
      key.looks.push_back(look);
    }
    if (!any) return;
    // No key of a selection contains a line break, so the joined key is unambiguous.
    key.policies = absl::StrCat(was_key, "\n", now_key);
    Alike& alike = alike_[std::move(key)];
    if (alike.hosts.empty()) {
      alike.before_key = std::move(was_key);
      alike.after_key = std::move(now_key);
      alike.before = std::move(was);
      alike.after = std::move(now);
    }
    alike.hosts.push_back(host.name);
  }

  // Whether the invariant is unchanged but refers to a service that has changed.
  bool MeansSomethingElse(const v1::Invariant& invariant) const {
    return std::any_of(invariant.traffic().begin(), invariant.traffic().end(),
                       [&](const v1::PortMapping& traffic) {
                         return !traffic.service().empty() &&
                                touch_->IsChanged(KeyOf("Service", traffic.service()));
                       });
  }

  void Tell(v1::Violation violation, const std::vector<std::string>& hosts) {
    const auto [found, added] =
        by_text_.emplace(violation.SerializeAsString(), report_.violations.size());
    if (added) report_.violations.push_back(std::move(violation));
    v1::Violation& told = report_.violations[found->second];
    for (const std::string& host : hosts) {
      if (told.hosts_size() < kMaxHosts) told.add_hosts(host);
    }
  }

  const Selector* const before_;
  const Selector& after_;
  const std::vector<const v1::Invariant*> invariants_;
  std::optional<Touch> touch_;
  std::map<Key, Alike> alike_;
  size_t work_left_ = kMaxComparisonWork;
  InvariantReport report_;
  std::map<std::string, size_t> by_text_;  // index in report_.violations
};

}  // namespace

InvariantReport CheckInvariants(const Selector& before, const Selector& after,
                                const std::vector<PlannedHost>& hosts) {
  return FleetCheck(&before, after).Run(hosts);
}

InvariantReport AllViolations(const Selector& now, const std::vector<PlannedHost>& hosts) {
  return FleetCheck(nullptr, now).Run(hosts);
}

bool IsRefused(const v1::Violation& violation) {
  return !violation.warns_only() && !violation.before();
}

}  // namespace firebreak::policy
