// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_ENFORCE_ENFORCER_H_
#define FIREBREAK_AGENT_ENFORCE_ENFORCER_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "agent/kernel/nftables/nftables.h"
#include "agent/kernel/nftables/ruleset_events.h"
#include "agent/kernel/settings/settings.h"
#include "policy/hardening/sysctls.h"
#include "policy/ruleset/difference.h"
#include "policy/ruleset/ruleset.h"

namespace firebreak::agent {

// Makes the kernel's ruleset equal to a wanted one and proves that it is.
//
// Keeps what it last read back, and trusts it for as long as the kernel's generation number says
// that nobody changed anything.
//
// Threading: one thread at a time.
class Enforcer {
 public:
  struct Outcome {
    std::string digest;    // of the ruleset read back; empty: there is none
    uint32_t changes = 0;  // objects sent; 0: the kernel had it all
    // When the kernel had acknowledged the last of them.
    std::chrono::steady_clock::time_point committed_at;
  };

  // Connection tracking begins with the first rules. It knows nothing about older connections
  // but what it is told (agent/adopt), and would take what comes on them for invalid if it were
  // strict at once: for this long it may pick them up when the host sends on them. What comes from
  // outside opens nothing meanwhile, as only a lone SYN does.
  static constexpr std::chrono::hours kGrace{1};

  // `events`, if any, must outlive the enforcer: it is deaf while a large transaction is made.
  explicit Enforcer(Nftables nftables, RulesetEvents* events = nullptr,
                    KernelSettings settings = KernelSettings(""),
                    std::chrono::milliseconds grace = kGrace)
      : nftables_(std::move(nftables)),
        events_(events),
        settings_(std::move(settings)),
        grace_(grace) {}

  // One transaction with what differs, then the proof, then the settings of the kernel that the
  // ruleset needs. On an error the kernel has the ruleset that it had before, unless it is one of
  // those settings that could not be made. Internal: what was read back is not what was sent.
  // `stack` is what is asked of the TCP/IP stack besides; what of it cannot be is no error.
  absl::StatusOr<Outcome> Enforce(const ruleset::Ruleset& wanted, policy::WantedSysctls stack = {});
  // The same of the TCP/IP stack alone.
  absl::Status EnforceStack(policy::WantedSysctls stack);

  // Every value of the kernel that is set from here.
  KernelSettings& settings() { return settings_; }
  const KernelSettings& settings() const { return settings_; }

  // Puts an element into the sets of state of this name that the kernel's ruleset has, until that
  // long after the call, however late the kernel gets it, or takes it out of them. NotFound: there
  // is none of this name.
  absl::Status PutElement(absl::string_view set, const ruleset::Bytes& key,
                          std::chrono::milliseconds timeout);
  absl::Status DeleteElement(absl::string_view set, const ruleset::Bytes& key);
  // Empties all sets of state that the kernel has, whoever filled them.
  absl::Status EmptyStateSets();
  // Makes the sets of state hold again what was put there, for as long as it has left, whatever
  // others added, prolonged or took away. Returns how many of them did not.
  absl::StatusOr<uint32_t> RestoreElements();

  uint32_t port() const { return nftables_.port(); }

  // What the kernel has now.
  absl::StatusOr<ruleset::Ruleset> Read();

  // Gives back the memory of what was read back, at the price of reading it again.
  void Forget() { known_.reset(); }

  // Enforces again what was enforced last, settings of the kernel included, which it knows without
  // being told: compiling takes longer than all the rest. FailedPrecondition: it does not know any
  // more, and has done nothing.
  absl::StatusOr<Outcome> Restore();

 private:
  using Clock = std::chrono::steady_clock;

  bool Holds(const StateSet& set, const std::vector<TimedElement>& found,
             Clock::time_point now) const;
  absl::Status PutUntil(const StateSet& set, const ruleset::Bytes& key, Clock::time_point end);
  policy::WantedSysctls AllSettings() const;
  absl::Status ApplySettings();
  absl::StatusOr<Outcome> Install(const ruleset::Ruleset& wanted);
  absl::StatusOr<const Nftables::State*> Known();
  absl::Status Commit(const std::vector<ruleset::Operation>& operations, uint32_t generation);

  Nftables nftables_;
  RulesetEvents* events_;
  KernelSettings settings_;
  Settings of_rules_;            // that the rules enforced last need
  policy::WantedSysctls stack_;  // what is asked for besides
  const std::chrono::milliseconds grace_;
  // When connection tracking need no longer take up flows from their middle.
  Clock::time_point strict_from_;
  bool enforced_ = false;  // by this object, at least once
  std::optional<Nftables::State> known_;
  bool proven_ = false;               // known_ is what was enforced last
  std::vector<StateSet> state_sets_;  // of what was last enforced
  // What was put into them: set and key, and until when.
  std::map<std::pair<std::string, ruleset::Bytes>, Clock::time_point> elements_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_ENFORCE_ENFORCER_H_
