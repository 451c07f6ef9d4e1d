// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/drops_gate.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/resources/time_span.h"

namespace firebreak::controller {
namespace {

using policy::HostGates;

constexpr absl::Duration kLeastBefore = absl::Seconds(30);
constexpr absl::Duration kTimeout = absl::Seconds(10);
constexpr absl::Duration kEvery = absl::Seconds(3);
// At most this many hosts of the wave, and as many hosts not yet reached, are asked in a second.
constexpr int kAskedAtOnce = 200;
// A host has about a dozen reasons; an answer with more must not fill the memory.
constexpr size_t kMaxReasons = 256;
constexpr size_t kMaxReasonBytes = 64;

}  // namespace

void DropsGate::Begin(const v1::StagedRollout& record) {
  End();
  gates_ = record.strategy().gates();
  least_ = gates_.has_drops_before() ? policy::ToDuration(gates_.drops_before()) : kLeastBefore;
  for (const v1::HostDrops& drops : record.drops_before()) {
    policy::DropRates& before = hosts_[drops.host()].before.emplace();
    for (const v1::DropRate& rate : drops.rates()) before[rate.reason()] = rate.per_minute();
  }
}

void DropsGate::End() {
  for (auto& [name, host] : hosts_) {
    if (host.asked != nullptr) host.asked->question->Stop();
  }
  hosts_.clear();
  gates_.Clear();
}

void DropsGate::Retry() {
  for (auto& [name, host] : hosts_) host.error.clear();
}

void DropsGate::Ask(const std::string& name, Host& host) {
  host.asked_at = now_;
  auto session = fleet_.Find(name);
  if (session == nullptr) {
    host.error = "it is not connected";
    return;
  }
  auto counts = std::make_shared<Counts>();
  v1::Question question;
  question.mutable_drops();
  const auto take = [weak = std::weak_ptr<Counts>(counts)](const v1::Answer& answer) {
    const std::shared_ptr<Counts> into = weak.lock();
    if (into == nullptr) return;
    absl::MutexLock lock(&into->mutex);
    for (const v1::DropCount& count : answer.drops().counts()) {
      if (into->counts.size() == kMaxReasons || count.reason().size() > kMaxReasonBytes) continue;
      into->counts[count.reason()] = count.packets();
    }
  };
  counts->question = HostQuestion::Ask(std::move(session), std::move(question), kTimeout, take);
  host.asked = std::move(counts);
}

std::optional<policy::DropCounts> DropsGate::Take(Host& host) {
  if (host.asked == nullptr) return std::nullopt;
  const std::optional<absl::Status> result = host.asked->question->Result();
  if (!result.has_value()) return std::nullopt;
  const std::shared_ptr<Counts> asked = std::move(host.asked);
  host.asked = nullptr;
  if (!result->ok()) {
    host.error = std::string(result->message());
    return std::nullopt;
  }
  host.error.clear();
  absl::MutexLock lock(&asked->mutex);
  return asked->counts;
}

void DropsGate::TakeBefore(Host& host) {
  std::optional<policy::DropCounts> counts = Take(host);
  if (!counts.has_value()) return;
  if (!host.first.has_value()) {
    host.first = *std::move(counts);
    host.first_at = host.asked_at;
    return;
  }
  host.before = policy::RatesBetween(*host.first, *counts, host.asked_at - host.first_at);
  // Drops while the host takes the revision count as drops after the change.
  host.now.Add(host.asked_at, *std::move(counts));
}

void DropsGate::Tick(absl::Duration now, const policy::Rollout& rollout) {
  now_ = now;
  if (!IsNeeded()) return;
  const size_t wave = policy::WaveOf(rollout);
  const size_t begin = wave == 0 ? 0 : rollout.wave_ends[wave - 1];
  every_ =
      std::max(kEvery, absl::Seconds(static_cast<int64_t>(rollout.reached - begin) / kAskedAtOnce));
  int left = kAskedAtOnce;
  for (size_t i = rollout.reached; i < rollout.line.size(); ++i) {
    Host& host = hosts_[rollout.line[i]];
    if (host.before.has_value()) continue;
    TakeBefore(host);
    const bool due = !host.first.has_value() && now_ - host.asked_at >= kEvery;
    if (left == 0 || host.asked != nullptr || !due) continue;
    if (fleet_.Find(rollout.line[i]) == nullptr) continue;
    Ask(rollout.line[i], host);
    --left;
  }
}

std::optional<DropsGate::Lack> DropsGate::Before(const std::string& name) {
  Host& host = hosts_[name];
  TakeBefore(host);
  if (host.before.has_value()) return std::nullopt;
  if (!host.error.empty()) {
    if (host.first.has_value() && host.asked == nullptr && now_ - host.asked_at >= kEvery) {
      Ask(name, host);
    }
    return Lack{absl::StrCat("its dropped packets: ", host.error)};
  }
  if (!host.first.has_value()) return Lack{"its dropped packets are being asked for"};
  const absl::Duration left = host.first_at + least_ - now_;
  if (left <= absl::ZeroDuration()) {
    if (host.asked == nullptr) Ask(name, host);
    return Lack{"its dropped packets are being asked for"};
  }
  return Lack{absl::StrCat("its dropped packets are being counted for another ",
                           absl::FormatDuration(absl::Ceil(left, absl::Seconds(1)))),
              true};
}

HostGates DropsGate::Look(const std::string& name, std::string& detail, std::string& risen) {
  Host& host = hosts_[name];
  if (!host.before.has_value()) {
    // The host was off when it should have been measured.
    detail = "the number of drops before the change is not known";
    return HostGates::kNoData;
  }
  if (std::optional<policy::DropCounts> counts = Take(host); counts.has_value()) {
    host.now.Add(host.asked_at, *std::move(counts));
    host.applied = true;
  }
  if (host.asked == nullptr && now_ - host.asked_at >= every_) Ask(name, host);
  const auto beyond = policy::RisenBeyond(gates_, *host.before, host.now.Packets());
  if (beyond.has_value()) {
    detail = policy::RisenText(*beyond, host.now.Span());
    risen = beyond->reason;
    return HostGates::kFailed;
  }
  if (!host.error.empty()) {
    detail = absl::StrCat("its dropped packets: ", host.error);
    return HostGates::kNoData;
  }
  if (!host.applied) {
    detail = "its dropped packets have not been counted yet";
    return HostGates::kNoData;
  }
  return HostGates::kHold;
}

void DropsGate::Write(const policy::Rollout& rollout, v1::StagedRollout& record) const {
  record.clear_drops_before();
  if (!IsNeeded() || policy::HasEnded(rollout)) return;
  const size_t wave = policy::WaveOf(rollout);
  for (size_t i = wave == 0 ? 0 : rollout.wave_ends[wave - 1]; i < rollout.reached; ++i) {
    const auto found = hosts_.find(rollout.line[i]);
    if (found == hosts_.end() || !found->second.before.has_value()) continue;
    v1::HostDrops& drops = *record.add_drops_before();
    drops.set_host(rollout.line[i]);
    for (const auto& [reason, per_minute] : *found->second.before) {
      v1::DropRate& rate = *drops.add_rates();
      rate.set_reason(reason);
      rate.set_per_minute(per_minute);
    }
  }
}

}  // namespace firebreak::controller
