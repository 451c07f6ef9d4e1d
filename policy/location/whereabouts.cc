// SPDX-License-Identifier: Apache-2.0
#include "policy/location/whereabouts.h"

#include <algorithm>
#include <utility>

namespace firebreak::policy {
namespace {

const std::string& ElsewhereName() {
  static const auto* const name = new std::string(kElsewhere);
  return *name;
}

// Whether both locations are proven in the same way; the precedence does not matter for that.
bool SameProof(v1::Location a, v1::Location b) {
  a.clear_precedence();
  b.clear_precedence();
  a.clear_description();
  b.clear_description();
  return a.SerializeAsString() == b.SerializeAsString();
}

}  // namespace

std::vector<std::string> Whereabouts::SetLocations(const v1::EffectivePolicy& policy,
                                                   MonotonicTime now) {
  std::vector<Entry> before = std::move(entries_);
  entries_.clear();
  for (const v1::EffectiveLocation& location : policy.locations()) {
    if (!location.has_proof() || location.proof().beacons().empty()) continue;
    const auto same = std::find_if(before.begin(), before.end(), [&](const Entry& entry) {
      return entry.location.name() == location.name() &&
             SameProof(entry.location, location.proof());
    });
    if (same != before.end()) {
      entries_.push_back({location.proof(), same->claim});
      before.erase(same);
      continue;
    }
    entries_.push_back({location.proof(), Claim(LeaseOf(location.proof()))});
    entries_.back().claim.Reset(now);
  }
  std::vector<std::string> dropped;
  for (const Entry& entry : before) {
    if (entry.claim.Holds(now)) dropped.push_back(entry.location.name());
  }
  return dropped;
}

std::vector<std::string> Whereabouts::Disturb(MonotonicTime now) {
  std::vector<std::string> lost;
  for (Entry& entry : entries_) {
    if (entry.claim.Holds(now)) lost.push_back(entry.location.name());
    entry.claim.Reset(now);
  }
  return lost;
}

const std::string& Whereabouts::At(MonotonicTime now) const {
  for (const Entry& entry : entries_) {
    if (entry.claim.Holds(now)) return entry.location.name();
  }
  return ElsewhereName();
}

Claim* Whereabouts::Find(absl::string_view location) {
  return const_cast<Claim*>(std::as_const(*this).Find(location));
}

const Claim* Whereabouts::Find(absl::string_view location) const {
  for (const Entry& entry : entries_) {
    if (entry.location.name() == location) return &entry.claim;
  }
  return nullptr;
}

std::optional<MonotonicTime> Whereabouts::NextEnd(MonotonicTime now) const {
  std::optional<MonotonicTime> next;
  for (const Entry& entry : entries_) {
    if (!entry.claim.Holds(now)) continue;
    if (!next.has_value() || *entry.claim.lease_end() < *next) next = entry.claim.lease_end();
  }
  return next;
}

}  // namespace firebreak::policy
