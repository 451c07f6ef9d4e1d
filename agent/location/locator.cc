// SPDX-License-Identifier: Apache-2.0
#include "agent/location/locator.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "base/log/log.h"
#include "base/time/timestamp.h"

namespace firebreak::agent {
namespace {

using policy::kElsewhere;

// Converts to the wall clock as it is set now.
absl::Time WallTime(EventLoop::Clock::time_point time) {
  return absl::Now() - absl::FromChrono(EventLoop::Clock::now() - time);
}

bool SameLink(const Link& a, const Link& b) {
  return a.name == b.name && a.type == b.type && a.up == b.up &&
         a.carrier_changes == b.carrier_changes && a.addresses == b.addresses;
}

const char* WhatChanged(const Link& before, const Link& now) {
  if (before.addresses != now.addresses) return "its addresses changed";
  return before.up && !now.up ? "its link went down" : "its link changed";
}

std::vector<std::string> AddressesOf(const std::vector<Gateway>& gateways) {
  std::vector<std::string> addresses;
  for (const Gateway& gateway : gateways) addresses.push_back(gateway.address);
  return addresses;
}

}  // namespace

Locator::Locator(EventLoop& loop, Leases& leases, Listener& listener)
    : loop_(loop), leases_(leases), listener_(listener), timer_(loop, [this] { Tick(); }) {}

Locator::~Locator() {
  if (gateways_.has_value()) loop_.Unwatch(gateways_->descriptor());
}

void Locator::SetPolicy(const v1::EffectivePolicy& policy) {
  policy_.Clear();
  bool provable = false;
  for (const v1::EffectiveLocation& location : policy.locations()) {
    if (!policy.managed() || !location.has_proof()) continue;
    v1::EffectiveLocation& kept = *policy_.add_locations();
    kept.set_name(location.name());
    *kept.mutable_proof() = location.proof();
    provable = true;
  }
  if (provable && !gateways_.has_value()) {
    if (absl::StatusOr<Gateways> opened = Gateways::Open(); opened.ok()) {
      gateways_ = *std::move(opened);
      loop_.Watch(gateways_->descriptor(), [this] { OnGateways(); });
      dns_ = std::make_unique<DnsWatch>(loop_, [this] { OnDns(); });
      if (auto wireless = Wireless::Open(); wireless.ok()) {
        wireless_ = *std::move(wireless);
      } else if (!absl::IsNotFound(wireless.status())) {
        LogError(wireless.status().message());
      }
      ReadGateways();
    } else {
      LogError(opened.status().message());
    }
  } else if (!provable && gateways_.has_value()) {
    loop_.Unwatch(gateways_->descriptor());
    gateways_.reset();
    wireless_.reset();
    dns_.reset();
  }

  const Clock::time_point now = Clock::now();
  for (auto& [index, place] : places_) {
    for (const std::string& location : place.where.SetLocations(policy_, now)) {
      Drop(place, location);
    }
    for (auto attempt = place.attempts.begin(); attempt != place.attempts.end();) {
      const policy::Claim* claim = place.where.Find(attempt->first);
      // If the claim was reset, the attempt may be asking a beacon that the policy no longer names.
      if (claim != nullptr && claim->next_attempt() != now) {
        ++attempt;
        continue;
      }
      StopAsking(attempt->second);
      attempt = place.attempts.erase(attempt);
    }
    for (const policy::Whereabouts::Entry& entry : place.where.entries()) {
      policy::Claim& claim = *place.where.Find(entry.location.name());
      if (claim.Holds(now)) PutLease(place, entry.location.name(), claim, now);
    }
    Tell(place, "the fleet's policy changed");
  }
  Tick();
}

void Locator::Lose(const Links::Losses& losses) {
  std::vector<uint32_t> lost;
  for (const auto& [index, place] : places_) {
    if (losses.all || losses.interfaces.contains(index)) lost.push_back(index);
  }
  Disturb(lost, losses.all ? "the kernel could not tell what changed" : "its link changed");
}

void Locator::SetLinks(const std::vector<Link>& links) {
  NoticeSleep();
  std::map<uint32_t, const Link*> present;
  for (const Link& link : links) {
    if (link.type != "loopback") present[link.index] = &link;
  }
  std::map<std::string, std::vector<uint32_t>> disturbed;  // the interfaces by reason
  for (auto& [index, place] : places_) {
    const auto found = present.find(index);
    if (found == present.end()) {
      disturbed["it is gone"].push_back(index);
    } else if (!SameLink(place.link, *found->second)) {
      disturbed[WhatChanged(place.link, *found->second)].push_back(index);
    }
  }
  for (const auto& [reason, indices] : disturbed) Disturb(indices, reason);
  std::erase_if(places_, [&](const auto& entry) { return !present.contains(entry.first); });
  const size_t known = places_.size();
  for (const auto& [index, link] : present) {
    Place& place = places_[index];
    place.link = *link;
    if (place.where.entries().empty()) place.where.SetLocations(policy_, Clock::now());
  }
  if (places_.size() != known) ReadGateways();
  Tick();
}

void Locator::Disturb(const std::vector<uint32_t>& interfaces, const std::string& reason) {
  const Clock::time_point now = Clock::now();
  for (uint32_t index : interfaces) {
    Place& place = places_.at(index);
    for (const std::string& location : place.where.Disturb(now)) Drop(place, location);
  }
  for (uint32_t index : interfaces) {
    Place& place = places_.at(index);
    for (auto& [location, attempt] : place.attempts) StopAsking(attempt);
    place.attempts.clear();
    Tell(place, reason);
  }
  Schedule();
}

void Locator::StopAsking(Attempt& attempt) {
  if (attempt.probe != nullptr && attempt.probe->asking()) --probing_;
  attempt.probe.reset();
}

void Locator::NoticeSleep() {
  if (!timer_.HasSlept()) return;
  std::vector<uint32_t> all;
  for (const auto& [index, place] : places_) all.push_back(index);
  Disturb(all, "the host has slept");
}

void Locator::OnGateways() {
  const Gateways::Changes changes = gateways_->Drain();
  if (!changes.any) return;
  std::vector<uint32_t> lost;
  for (const auto& [index, place] : places_) {
    if (changes.all || changes.interfaces.contains(index)) lost.push_back(index);
  }
  Disturb(lost, "its gateway changed");
  ReadGateways();
  Tick();
}

void Locator::ReadGateways() {
  if (!gateways_.has_value()) return;
  const absl::StatusOr<std::vector<Gateway>> gateways = gateways_->Read();
  if (!gateways.ok()) return LogError(gateways.status().message());
  std::vector<uint32_t> changed;
  std::map<uint32_t, std::vector<Gateway>> by_interface;
  for (const Gateway& gateway : *gateways) by_interface[gateway.interface_index].push_back(gateway);
  for (auto& [index, place] : places_) {
    std::vector<Gateway>& now = by_interface[index];
    if (AddressesOf(now) != AddressesOf(place.gateways)) changed.push_back(index);
    place.gateways = std::move(now);
  }
  Disturb(changed, "its gateway changed");
}

void Locator::OnDns() {
  // Only the hints depend on DNS settings, so only they are evaluated again.
  const Clock::time_point now = Clock::now();
  for (auto& [index, place] : places_) {
    const policy::NetworkFacts facts = FactsOf(place);
    for (const policy::Whereabouts::Entry& entry : place.where.entries()) {
      const std::string& name = entry.location.name();
      const std::optional<std::string> reason = policy::RuledOut(entry.location.hints(), facts);
      const auto attempt = place.attempts.find(name);
      const bool was = attempt != place.attempts.end() && attempt->second.ruled_out.has_value();
      if (reason.has_value() == was) continue;
      if (reason.has_value() && entry.claim.Holds(now)) Drop(place, name);
      if (attempt != place.attempts.end()) attempt->second.ruled_out.reset();
      place.where.Find(name)->Reset(now);
    }
    Tell(place, "its DNS settings changed");
  }
  Tick();
}

policy::NetworkFacts Locator::FactsOf(const Place& place) {
  policy::NetworkFacts facts;
  facts.addresses = place.link.addresses;
  facts.dns_suffixes = ReadDnsSettings("", place.link.index).suffixes;
  for (const Gateway& gateway : place.gateways) {
    if (!gateway.mac.empty()) facts.gateway_macs.push_back(gateway.mac);
  }
  if (place.link.type == "wireless" && wireless_.has_value()) {
    const auto association = wireless_->Read(place.link.index);
    if (!association.ok()) LogError(association.status().message());
    if (association.ok() && association->has_value()) facts.ssid = (*association)->ssid;
  }
  return facts;
}

bool Locator::Probable(const Place& place) const {
  return place.link.up && !place.link.addresses.empty();
}

bool Locator::Waits(const Place& place, const policy::Whereabouts::Entry& entry) const {
  const auto attempt = place.attempts.find(entry.location.name());
  if (attempt == place.attempts.end()) return true;
  if (attempt->second.probe != nullptr && attempt->second.probe->asking()) return false;
  // Any change of the facts that ruled the location out is noticed by an event, except a new MAC
  // address of the gateway.
  return !attempt->second.ruled_out.has_value() || !entry.location.hints().gateway_macs().empty();
}

void Locator::Tick() {
  NoticeSleep();
  const Clock::time_point now = Clock::now();
  for (auto& [index, place] : places_) {
    Tell(place, "its proof was not renewed in time");
    if (!Probable(place)) continue;
    for (const policy::Whereabouts::Entry& entry : place.where.entries()) {
      if (Waits(place, entry) && probing_ < kMaxProbes && entry.claim.next_attempt() <= now) {
        Begin(place, entry);
      }
    }
  }
  Schedule();
}

void Locator::Begin(Place& place, const policy::Whereabouts::Entry& entry) {
  const v1::Location& location = entry.location;
  Attempt& attempt = place.attempts[location.name()];
  if (!location.hints().gateway_macs().empty()) {
    // Events about neighbours are too frequent to listen to, so the gateways are read now.
    if (const auto gateways = gateways_.has_value() ? gateways_->Read() : std::vector<Gateway>();
        gateways.ok()) {
      std::vector<Gateway> own;
      for (const Gateway& gateway : *gateways) {
        if (gateway.interface_index == place.link.index) own.push_back(gateway);
      }
      place.gateways = std::move(own);
    }
  }
  attempt.ruled_out = policy::RuledOut(location.hints(), FactsOf(place));
  if (attempt.ruled_out.has_value()) {
    const Clock::time_point now = Clock::now();
    if (entry.claim.Holds(now)) Drop(place, location.name());
    place.where.Find(location.name())->RuledOut(now);
    attempt.probe.reset();
    Refuse(place, location.name(), attempt, "", *attempt.ruled_out, /*suspicious=*/false);
    return Tell(place, *attempt.ruled_out);
  }
  const v1::Beacon& beacon = location.beacons(attempt.beacon % location.beacons_size());
  if (attempt.probe == nullptr ||
      attempt.probe->target().beacon.SerializeAsString() != beacon.SerializeAsString()) {
    attempt.probe = std::make_unique<Probe>(
        loop_, Probe::Target{.interface_name = place.link.name,
                             .interface_index = place.link.index,
                             .location = location.name(),
                             .beacon = beacon,
                             .max_hops = location.max_hops(),
                             .max_round_trip = policy::MaxRoundTripOf(location)});
  }
  ++probing_;
  attempt.probe->Ask([this, index = place.link.index, name = location.name()](ProbeResult result) {
    Ended(index, name, std::move(result));
  });
}

void Locator::Ended(uint32_t interface_index, const std::string& location, ProbeResult result) {
  --probing_;
  Place& place = places_.at(interface_index);
  Attempt& attempt = place.attempts.at(location);
  policy::Claim& claim = *place.where.Find(location);
  const Clock::time_point now = Clock::now();
  if (result.status.ok()) {
    attempt.beacons_failed = 0;
    attempt.evidence = std::move(result.evidence);
    attempt.refusal.Clear();
    attempt.told.clear();
    if (claim.Proven(result.asked, now)) PutLease(place, location, claim, now);
    Tell(place, attempt.evidence);
    return Tick();
  }
  const std::string beacon = attempt.probe->target().beacon.address();
  Refuse(place, location, attempt, beacon, std::string(result.status.message()), result.suspicious);
  const auto entry = std::find_if(
      place.where.entries().begin(), place.where.entries().end(),
      [&](const policy::Whereabouts::Entry& one) { return one.location.name() == location; });
  ++attempt.beacon;
  // The location's other beacons are asked at once.
  if (++attempt.beacons_failed < entry->location.beacons_size()) {
    Begin(place, *entry);
  } else {
    attempt.beacons_failed = 0;
    claim.Failed(now);
  }
  Tick();
}

void Locator::Refuse(Place& place, const std::string& location, Attempt& attempt,
                     std::string beacon, const std::string& reason, bool suspicious) {
  attempt.refusal.set_location(location);
  attempt.refusal.set_beacon(std::move(beacon));
  attempt.refusal.set_reason(reason);
  *attempt.refusal.mutable_at() = ToTimestamp(absl::Now());
  attempt.refusal.set_attempts(attempt.refusal.attempts() + 1);
  // Numbers in the reason vary, so reasons that differ only in numbers are reported once.
  std::string kind = reason;
  std::erase_if(kind, [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
  if (!suspicious || kind == attempt.told) return;
  attempt.told = kind;
  LogWarning(absl::StrCat(place.link.name, " is not proven to be at ", location, ": ",
                          attempt.refusal.beacon(), ": ", reason));
  v1::LocationEvent event;
  event.set_kind(v1::LocationEvent::refused);
  event.set_interface(place.link.name);
  event.set_location(location);
  event.set_reason(absl::StrCat(attempt.refusal.beacon(), ": ", reason));
  listener_.LocationRefused(event);
}

void Locator::Drop(Place& place, const std::string& location) {
  place.leases.erase(location);
  if (absl::Status status = leases_.End(location, place.link.index); !status.ok()) {
    // The lease will expire by itself.
    LogError(status.message());
  }
}

void Locator::DropEnded(Place& place, Clock::time_point now) {
  const std::set<std::string> leases = place.leases;
  for (const std::string& location : leases) {
    const policy::Claim* const claim = place.where.Find(location);
    if (claim == nullptr || !claim->Holds(now)) Drop(place, location);
  }
}

void Locator::PutLease(Place& place, const std::string& location, policy::Claim& claim,
                       Clock::time_point now) {
  const auto left = claim.Left(Clock::now());
  if (left > left.zero()) {
    place.leases.insert(location);
    const absl::Status status = leases_.Put(location, place.link.index, left);
    if (status.ok()) return;
    LogError(status.message());
  }
  // The kernel may still have an older lease, or this one, although the location is no longer
  // believed.
  Drop(place, location);
  claim.Reset(now);
}

void Locator::Tell(Place& place, const std::string& reason) {
  const Clock::time_point time = Clock::now();
  const std::string& now = place.where.At(time);
  if (now == place.at) return;
  // The listener judges flows by the kernel's rules, so ended leases must be gone from the kernel
  // first.
  DropEnded(place, time);
  Move move = {.interface_name = place.link.name,
               .interface_index = place.link.index,
               .addresses = place.link.addresses,
               .before = std::exchange(place.at, now),
               .now = now,
               .reason = reason};
  LogInfo(absl::StrCat(move.interface_name, " is at ", move.now, ", was at ", move.before, ": ",
                       reason));
  listener_.Moved(move);
}

void Locator::Schedule() {
  std::optional<Clock::time_point> next;
  const Clock::time_point now = Clock::now();
  const auto take = [&](Clock::time_point time) {
    if (!next.has_value() || time < *next) next = time;
  };
  for (const auto& [index, place] : places_) {
    if (const auto end = place.where.NextEnd(now)) take(*end);
    if (!Probable(place) || probing_ >= kMaxProbes) continue;
    for (const policy::Whereabouts::Entry& entry : place.where.entries()) {
      if (Waits(place, entry)) take(entry.claim.next_attempt());
    }
  }
  if (next.has_value()) {
    timer_.RunAfter(*next - now);
  } else {
    timer_.Stop();
  }
}

void Locator::Describe(v1::InterfaceState& state) const {
  state.set_location(kElsewhere);
  for (const auto& [index, place] : places_) {
    if (place.link.name != state.name()) continue;
    state.set_location(place.at);
    for (const policy::Whereabouts::Entry& entry : place.where.entries()) {
      const std::string& name = entry.location.name();
      const auto attempt = place.attempts.find(name);
      if (attempt == place.attempts.end()) continue;
      if (name == place.at) {
        state.set_evidence(attempt->second.evidence);
        *state.mutable_proven_since() = ToTimestamp(WallTime(entry.claim.since()));
        *state.mutable_proven_at() = ToTimestamp(WallTime(entry.claim.last_proof()));
      } else if (!attempt->second.refusal.reason().empty()) {
        *state.add_refusals() = attempt->second.refusal;
      }
    }
  }
}

std::string Locator::At(const std::string& interface_name) const {
  for (const auto& [index, place] : places_) {
    if (place.link.name == interface_name) return place.at;
  }
  return kElsewhere;
}

std::vector<Locator::Surroundings> Locator::Look() {
  std::vector<Surroundings> result;
  for (const auto& [index, place] : places_) {
    Surroundings& one = result.emplace_back();
    one.link = place.link;
    one.facts = FactsOf(place);
    for (const v1::EffectiveLocation& location : policy_.locations()) {
      one.locations.push_back(location.proof());
    }
  }
  return result;
}

}  // namespace firebreak::agent
