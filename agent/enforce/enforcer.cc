// SPDX-License-Identifier: Apache-2.0
#include "agent/enforce/enforcer.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "policy/compile/kernel_settings.h"
#include "policy/ruleset/digest.h"

namespace firebreak::agent {
namespace {

// Against programs that change other tables all the time.
constexpr int kTries = 20;
// The kernel counts what is left of an element in ticks, of 10 ms at the most.
constexpr std::chrono::milliseconds kKernelTick(20);
// An element that takes longer to the kernel is put again.
constexpr std::chrono::milliseconds kPrompt(10);
// Events of fewer objects are not worth the deafness.
constexpr size_t kManyObjects = 256;

}  // namespace

absl::StatusOr<const Nftables::State*> Enforcer::Known() {
  if (known_.has_value()) {
    ASSIGN_OR_RETURN(const uint32_t generation, nftables_.ReadGeneration());
    if (generation == known_->generation) return &*known_;
  }
  ASSIGN_OR_RETURN(Nftables::State state, nftables_.Read());
  known_ = std::move(state);
  proven_ = false;
  return &*known_;
}

absl::StatusOr<ruleset::Ruleset> Enforcer::Read() {
  ASSIGN_OR_RETURN(const Nftables::State* known, Known());
  return known->ruleset;
}

absl::Status Enforcer::Commit(const std::vector<ruleset::Operation>& operations,
                              uint32_t generation) {
  if (events_ == nullptr || ruleset::CountObjects(operations) < kManyObjects) {
    return nftables_.Commit(operations, generation);
  }
  events_->StopListening();
  absl::Status committed = nftables_.Commit(operations, generation);
  RETURN_IF_ERROR(events_->Listen());
  // What others changed meanwhile shows when the ruleset is read back. A refused transaction is not
  // followed by that, and does not raise the generation itself.
  if (!committed.ok() && !absl::IsAborted(committed)) {
    ASSIGN_OR_RETURN(const uint32_t now, nftables_.ReadGeneration());
    if (now != generation) return absl::AbortedError("changed while a transaction was refused");
  }
  return committed;
}

// What the rules need stands above what is asked for besides, but for the routes that are
// advertised: whoever says that they are not to be taken knows it.
policy::WantedSysctls Enforcer::AllSettings() const {
  policy::WantedSysctls all = stack_;
  for (const auto& [name, value] : of_rules_) all[name] = {.value = value};
  for (const auto& [name, value] : settings_.ForAdvertisedRoutes(all)) {
    all.try_emplace(name, policy::WantedSysctl{.value = value});
  }
  return all;
}

absl::StatusOr<Enforcer::Outcome> Enforcer::Enforce(const ruleset::Ruleset& wanted,
                                                    policy::WantedSysctls stack) {
  of_rules_ = policy::KernelSettingsFor(wanted);
  stack_ = std::move(stack);
  // Forwarding begins behind the rules that judge it, and ends before they go.
  RETURN_IF_ERROR(settings_.Restore(AllSettings()));
  ASSIGN_OR_RETURN(const Nftables::State* before, Known());
  // An agent that is started anew within the grace goes on with it: the grace is over when its
  // setting is made, and nobody knows how much of it was left.
  const bool first = !std::exchange(enforced_, true);
  if (!before->ruleset.inet.has_value() || (first && settings_.HasAnyway(policy::kTcpLoose, "1"))) {
    strict_from_ = Clock::now() + grace_;
  }
  // The SYN proxy must find a client's first acknowledgement invalid from the moment at which there
  // is a proxy: the client's later ones have sequence numbers for which its cookie does not hold.
  if (before->ruleset.inet.has_value() && of_rules_.contains(policy::kSynCookies)) {
    RETURN_IF_ERROR(settings_.Apply({{policy::kTcpLoose, {.value = "0"}}}));
  }
  absl::StatusOr<Outcome> outcome = Install(wanted);
  if (!outcome.ok()) return outcome;
  RETURN_IF_ERROR(ApplySettings());
  return outcome;
}

absl::Status Enforcer::EnforceStack(policy::WantedSysctls stack) {
  stack_ = std::move(stack);
  RETURN_IF_ERROR(settings_.Restore(AllSettings()));
  return ApplySettings();
}

absl::Status Enforcer::ApplySettings() {
  policy::WantedSysctls settings = AllSettings();
  if (Clock::now() < strict_from_ && !of_rules_.contains(policy::kSynCookies))
    settings.erase(policy::kTcpLoose);
  return settings_.Apply(settings);
}

absl::StatusOr<Enforcer::Outcome> Enforcer::Restore() {
  if (!known_.has_value() || !proven_) {
    return absl::FailedPreconditionError("the last enforced ruleset is unknown");
  }
  ASSIGN_OR_RETURN(const uint32_t generation, nftables_.ReadGeneration());
  if (generation == known_->generation) {
    RETURN_IF_ERROR(ApplySettings());
    return Outcome{.digest = ruleset::Digest(known_->ruleset)};
  }
  const ruleset::Ruleset wanted = std::move(known_->ruleset);
  known_.reset();
  return Enforce(wanted, stack_);
}

absl::StatusOr<Enforcer::Outcome> Enforcer::Install(const ruleset::Ruleset& wanted) {
  Outcome outcome;
  bool remembered = known_.has_value();
  for (int i = 0; i < kTries; ++i) {
    ASSIGN_OR_RETURN(const Nftables::State* known, Known());
    const std::vector<ruleset::Operation> operations = ruleset::Difference(known->ruleset, wanted);
    if (operations.empty()) {
      outcome.digest = ruleset::Digest(known->ruleset);
      if (outcome.digest == ruleset::Digest(wanted)) {
        state_sets_ = StateSetsOf(wanted);
        proven_ = true;
        return outcome;
      }
      return absl::InternalError(
          "the ruleset read back from the kernel is not the one that was sent");
    }
    const absl::Status committed = Commit(operations, known->generation);
    if (committed.ok()) {
      outcome.changes += static_cast<uint32_t>(ruleset::CountObjects(operations));
      outcome.committed_at = Clock::now();
    }
    known_.reset();
    // The kernel takes away the table of a process that has died without a new generation: what was
    // remembered may be wrong, what was just read is not.
    if (!committed.ok() && !absl::IsAborted(committed) && !std::exchange(remembered, false)) {
      return committed;
    }
  }
  return absl::UnavailableError(absl::StrCat("the kernel's ruleset changed during each of ", kTries,
                                             " attempts to read it: another program keeps changing "
                                             "Firebreak's table (see `nft monitor`)"));
}

absl::Status Enforcer::PutElement(absl::string_view set, const ruleset::Bytes& key,
                                  std::chrono::milliseconds timeout) {
  const Clock::time_point end = Clock::now() + timeout;
  bool found = false;
  for (const StateSet& one : state_sets_) {
    if (one.name != set) continue;
    RETURN_IF_ERROR(PutUntil(one, key, end));
    found = true;
  }
  if (!found) return absl::NotFoundError(absl::StrCat("the rules in force have no set ", set));
  elements_[{std::string(set), key}] = end;
  return absl::OkStatus();
}

// The kernel counts from when the element comes to it. If that may have been late, as this process
// had no CPU for a while, the element would outlive its end: it is put again with what is left.
absl::Status Enforcer::PutUntil(const StateSet& set, const ruleset::Bytes& key,
                                Clock::time_point end) {
  for (int i = 0; i < kTries; ++i) {
    const Clock::time_point begun = Clock::now();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - begun);
    if (left <= left.zero()) break;
    RETURN_IF_ERROR(nftables_.PutElement(set, key, left));
    if (Clock::now() - begun <= kPrompt) return absl::OkStatus();
  }
  RETURN_IF_ERROR(nftables_.DeleteElement(set, key));
  if (end <= Clock::now()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("the kernel took an element of set ", set.name,
                                             " too late for its end, ", kTries, " times"));
}

absl::Status Enforcer::DeleteElement(absl::string_view set, const ruleset::Bytes& key) {
  elements_.erase({std::string(set), key});
  // One that fails is no reason to leave it in the others.
  absl::Status result;
  for (const StateSet& one : state_sets_) {
    if (one.name != set) continue;
    result.Update(nftables_.DeleteElement(one, key));
  }
  return result;
}

absl::Status Enforcer::EmptyStateSets() {
  elements_.clear();
  ASSIGN_OR_RETURN(const Nftables::State* known, Known());
  absl::Status result;
  for (const StateSet& set : StateSetsOf(known->ruleset)) {
    result.Update(nftables_.Flush(set));
  }
  known_.reset();
  return result;
}

bool Enforcer::Holds(const StateSet& set, const std::vector<TimedElement>& found,
                     Clock::time_point now) const {
  size_t sure = 0;  // of what was put there, so long ahead of its end that it is there
  for (const auto& [name_and_key, end] : elements_) {
    if (name_and_key.first == set.name && end > now + kKernelTick) ++sure;
  }
  for (const TimedElement& element : found) {
    const auto put = elements_.find({set.name, element.key});
    if (put == elements_.end() || !element.left.has_value()) return false;
    if (now + *element.left > put->second + kPrompt + kKernelTick) return false;
    if (put->second > now + kKernelTick) --sure;
  }
  return sure == 0;
}

absl::StatusOr<uint32_t> Enforcer::RestoreElements() {
  std::erase_if(elements_,
                [now = Clock::now()](const auto& one) { return one.second + kKernelTick <= now; });
  uint32_t restored = 0;
  for (const StateSet& set : state_sets_) {
    const Clock::time_point now = Clock::now();
    const auto found = nftables_.ReadElements(set);
    if (!found.ok() && !absl::IsDataLoss(found.status())) return found.status();
    if (found.ok() && Holds(set, *found, now)) continue;
    ++restored;
    // For a moment nothing is trusted; the other way round something foreign would be.
    RETURN_IF_ERROR(nftables_.Flush(set));
    for (const auto& [name_and_key, end] : elements_) {
      if (name_and_key.first != set.name) continue;
      RETURN_IF_ERROR(PutUntil(set, name_and_key.second, end));
    }
  }
  return restored;
}

}  // namespace firebreak::agent
