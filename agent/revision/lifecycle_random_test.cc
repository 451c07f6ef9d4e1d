// SPDX-License-Identifier: Apache-2.0

// Checks random sequences of everything that can happen to revisions on a host: pushes, an agent
// that dies between any two actions, reboots, a kernel and a disk that refuse, a controller that is
// away, busy or cut off by a policy, and an agent that is frozen. After each action the promises of
// agent/revision/lifecycle.h are checked against a model of the host.

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/revision/lifecycle.h"

namespace firebreak::agent::lifecycle {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kReachTimeout = seconds(30);

// "cut" lets nothing through to the controller; "none" has no rules at all. "half" lets the host
// reach the controller through a tunnel, but does not let the tunnel begin.
constexpr const char* kPolicies[] = {"a", "b", "c", "cut", "cut2", "none", "half", "half2"};

bool CutsOff(const std::string& rules) { return absl::StartsWith(rules, "cut"); }
bool NeedsTunnel(const std::string& rules) { return absl::StartsWith(rules, "half"); }

class Host {
 public:
  explicit Host(uint32_t seed) : random_(seed), state_(MakeState({kReachTimeout}, seed)) {}

  void LiveARandomLife() {
    Restart();
    for (int i = 0; i < 400 && !testing::Test::HasFailure(); ++i) {
      AnythingHappens();
    }
    // From now on nothing fails any more, whatever happened before.
    calm_ = true;
    controller_ = Reached::Contact::kAnswered;
    for (int i = 0; i < 500 && !Settled() && !testing::Test::HasFailure(); ++i) TimePasses();
    EXPECT_TRUE(Settled()) << "a trial, or an undo, or a retry never ended" << History();
    const std::optional<Failed>& failed = state_.failed;
    EXPECT_TRUE(!failed.has_value() || failed->failure.final || !failed->revision.IsPushOf(pushed_))
        << "refused for a passing cause, and never tried again" << History();
    Push(++number_, kPolicies[Below(std::size(kPolicies))]);
    const Revision last = pushed_;
    for (int i = 0; i < 500 && !Settled() && !testing::Test::HasFailure(); ++i) TimePasses();
    EXPECT_TRUE(Settled()) << "a trial, or an undo, or a retry never ended" << History();
    const Revision* in_force = InForce(state_);
    if (CutsOff(last.policy)) {
      // A second policy that cuts the host off may have been good before if it was never enforced.
      EXPECT_TRUE(in_force == nullptr || !in_force->IsPushOf(last)) << History();
      EXPECT_TRUE(state_.failed.has_value() && state_.failed->failure.final) << History();
      EXPECT_FALSE(CutsOff(kernel_)) << "the host is cut off for ever" << History();
    } else if (NeedsTunnel(last.policy)) {
      EXPECT_EQ(NeedsTunnel(kernel_), state_.doubt.has_value()) << History();
      Note("the tunnel breaks for good");
      tunnel_ = false;
      for (int i = 0; i < 500 && NeedsTunnel(kernel_) && !testing::Test::HasFailure(); ++i) {
        TimePasses();
      }
      EXPECT_FALSE(NeedsTunnel(kernel_)) << "the host is cut off for ever" << History();
    } else {
      EXPECT_FALSE(state_.doubt.has_value()) << "in doubt for ever" << History();
      ASSERT_NE(in_force, nullptr) << History();
      EXPECT_TRUE(in_force->IsPushOf(last)) << "a good revision is lost" << History();
      EXPECT_EQ(kernel_, RulesOf(last.policy)) << History();
    }
  }

 private:
  size_t Below(size_t bound) {
    return std::uniform_int_distribution<size_t>(0, bound - 1)(random_);
  }
  bool Chance(size_t percent) { return Below(100) < percent; }
  bool Fails(size_t percent) { return !calm_ && Chance(percent); }
  std::string History() const {
    std::string text = "\n";
    const size_t shown = std::min<size_t>(history_.size(), 60);
    for (size_t i = history_.size() - shown; i < history_.size(); ++i) {
      absl::StrAppend(&text, history_[i], "\n");
    }
    return text;
  }
  template <typename... Parts>
  void Note(const Parts&... parts) {
    history_.push_back(absl::StrCat(parts...));
  }

  std::string RulesOf(const std::string& policy) const {
    return policy == "none" ? "" : absl::StrCat(policy, "@", links_);
  }
  static bool IsOf(const std::string& rules, const std::string& policy) {
    return policy == "none" ? rules.empty() : absl::StartsWith(rules, policy + "@");
  }
  bool Settled() const {
    return !std::holds_alternative<Trial>(state_.standing) &&
           !std::holds_alternative<Undoing>(state_.standing) &&
           !std::holds_alternative<Starting>(state_.standing) &&
           (!state_.doubt.has_value() || NeedsTunnel(kernel_)) &&
           (!state_.failed.has_value() || state_.failed->next == Failed::Next::kNothing);
  }

  void AnythingHappens() {
    switch (Below(14)) {
      case 0: return Push(++number_, kPolicies[Below(std::size(kPolicies))]);
      case 1: return number_ > 0 ? Push(pushed_.number, pushed_.policy) : TimePasses();
      case 2: {
        using Contact = Reached::Contact;
        constexpr Contact kAll[] = {Contact::kAnswered, Contact::kAnswered, Contact::kAnswered,
                                    Contact::kOpen,     Contact::kSilent,   Contact::kUnable};
        controller_ = kAll[Below(std::size(kAll))];
        return;
      }
      case 3:
        if (Chance(20)) {
          Note("the agent dies");
          Restart();
        }
        return;
      case 4:
        if (Chance(10)) {
          Note("the host boots");
          kernel_.clear();
          booting_ = true;
          Restart();
          booting_ = false;
        }
        return;
      case 5:
        if (Chance(30)) LinksChange();
        return;
      case 6:
        if (Chance(5) && has_good_file_) {
          Note("the agent dies, and the policy on the disk is damaged");
          disk_good_.reset();
          if (Chance(50)) kernel_.clear();
          Restart();
        }
        return;
      case 7:
        if (Chance(20)) AwayAgainAndAgain();
        return;
      case 8: {
        Note("an early tick");
        return Handle(Tick());
      }
      case 9:
        if (Chance(30)) {
          Note("the tunnel breaks");
          tunnel_ = false;
        }
        return;
      case 10: {
        const Revision* in_force = InForce(state_);
        if (in_force == nullptr) return;
        // A person who is cut off cannot confirm the revision.
        const bool keep =
            !CutsOff(in_force->policy) && !NeedsTunnel(in_force->policy) && Chance(70);
        Note("a person decides about ", in_force->number, ": ", keep);
        return Handle(Decided{in_force->number, keep, "no"});
      }
      default: return TimePasses();
    }
  }

  // The controller goes away each time that a trial has just begun, for longer than the reach
  // timeout.
  void AwayAgainAndAgain() {
    Note("the controller is away again and again");
    for (int i = 0; i < 6; ++i) {
      controller_ = Reached::Contact::kSilent;
      for (int j = 0; j < 60; ++j) TimePasses();
      controller_ = Reached::Contact::kAnswered;
      for (int j = 0; j < 4 && !std::holds_alternative<Trial>(state_.standing); ++j) TimePasses();
    }
  }

  void Push(uint64_t number, const std::string& policy) {
    if (number != pushed_.number) evidence_ = 0;
    pushed_ = {number, policy, RulesOf(policy)};
    if (!by_person_.contains(number)) by_person_[number] = !calm_ && Chance(25);
    const bool person = by_person_[number];
    Note("push ", number, " ", policy, person ? " by a person" : "");
    if (Fails(5)) {
      return Handle(
          Rejected{pushed_, {.reason = "no such interface", .final = person || Chance(50)}});
    }
    Handle(Pushed{pushed_, false, person ? Proof{Proof::By::kPerson, seconds(30)} : Proof{}});
  }

  void LinksChange() {
    ++links_;
    Note("links change");
    const auto wanted = Wanted(state_);
    const bool follows = std::holds_alternative<Good>(state_.standing) ||
                         std::holds_alternative<Trial>(state_.standing);
    if (follows && wanted.has_value()) {
      kernel_ = RulesOf(std::get<Revision>(*wanted).policy);
      Handle(Renewed{kernel_});
    }
    Handle(HostChanged());
  }

  // Gives the answer that is due, or lets the time come that the state waits for.
  void TimePasses() {
    if (!NeedsTunnel(kernel_) && !CutsOff(kernel_)) tunnel_ = true;
    const bool connected = controller_ == Reached::Contact::kAnswered && LetsReach();
    if (connected != connected_ && Chance(50)) {
      Note("the stream is ", connected ? "taken" : "lost");
      connected_ = connected;
      return Handle(StreamChanged{connected});
    }
    if (ending_flows_) {
      Advance(milliseconds(1 + Below(3000)));
      ending_flows_ = forbidden_flows_ = false;
      Note("flows have ended");
      return Handle(FlowsEnded{NeedsTunnel(kernel_) && tunnel_ ? Help{"a tunnel"} : Help{}});
    }
    if (reach_.has_value()) return Answer();
    if (const auto wake = WakeAt(state_); wake.has_value()) {
      Advance(std::max<Duration>(*wake - now_, Duration::zero()));
      return Handle(Tick());
    }
    Advance(seconds(10));
  }
  bool LetsReach() const { return !CutsOff(kernel_) && (!NeedsTunnel(kernel_) || tunnel_); }
  void Advance(Duration by) {
    now_ += by;
    ran_ += by;
  }

  void Answer() {
    const Reach reach = *std::exchange(reach_, std::nullopt);
    if (Fails(10)) {
      const Duration frozen = seconds(10 + Below(3600));
      Note("frozen for ", frozen / seconds(1), " s");
      now_ += frozen;
      return Handle(Reached{Reached::Contact::kSilent, "deadline"});
    }
    Reached::Contact contact = controller_;
    if (!LetsReach()) contact = Reached::Contact::kSilent;
    const bool waits = contact == Reached::Contact::kSilent && Chance(70);
    Advance(waits ? reach.timeout + milliseconds(Below(500)) : milliseconds(1 + Below(50)));
    Note("contact ", static_cast<int>(contact));
    if (state_.failed.has_value() && state_.failed->next == Failed::Next::kAsk &&
        !std::holds_alternative<Trial>(state_.standing)) {
      const bool there =
          contact == Reached::Contact::kAnswered || contact == Reached::Contact::kOpen;
      if (there && silent_without_ < kReachTimeout) ++evidence_;
      if (contact == Reached::Contact::kSilent) {
        silent_without_ += std::min<Duration>(waits ? reach.timeout : Duration(), reach.timeout);
      }
    }
    Handle(Reached{contact, "no answer"});
  }

  void Restart() {
    reach_.reset();
    ending_flows_ = false;
    state_ = MakeState({kReachTimeout}, static_cast<uint32_t>(random_()));
    Found found{.good = disk_good_,
                .has_good_file = has_good_file_,
                .trial = disk_trial_,
                .trial_by_person = disk_trial_.has_value() && by_person_[disk_trial_->number],
                .failed = disk_failed_};
    connected_ = false;
    if (disk_fallback_.has_value()) {
      found.fallback = disk_fallback_->base;
      found.help = disk_fallback_->help;
      if (Good* good = std::get_if<Good>(&*found.fallback)) {
        good->revision.rules = RulesOf(good->revision.policy);
      }
    }
    if (found.good.has_value()) found.good->rules = RulesOf(found.good->policy);
    if (found.trial.has_value()) found.trial->rules = RulesOf(found.trial->policy);
    if (!kernel_.empty()) {
      found.kernel = found.trial.has_value() && found.trial->rules == kernel_
                         ? Found::Kernel::kTrial
                         : Found::Kernel::kOther;
    }
    Handle(found);
  }

  void Handle(const Event& first) {
    std::optional<Event> event = first;
    while (event.has_value() && !testing::Test::HasFailure()) {
      Next next = Step(state_, *event, now_);
      state_ = std::move(next.state);
      event.reset();
      for (size_t i = 0; i < next.actions.size(); ++i) {
        if (Fails(1)) {
          Note("the agent dies before its next action");
          return Restart();
        }
        ASSERT_FALSE(event.has_value()) << "something is done behind what is awaited" << History();
        std::visit([&](const auto& action) { event = Perform(action); }, next.actions[i]);
      }
    }
    if (const auto* trial = std::get_if<Trial>(&state_.standing)) {
      // A trial of the same rules under another number gets no more time.
      const bool same = trial->revision.policy == on_trial_.policy;
      if (!trial_since_.has_value() || !same) trial_since_ = ran_;
      on_trial_ = trial->revision;
      EXPECT_TRUE(IsOf(kernel_, trial->revision.policy))
          << "on trial, but not in force" << History();
      EXPECT_EQ(trial->asked.has_value(), reach_.has_value()) << History();
      EXPECT_FALSE(reach_.has_value() && forbidden_flows_)
          << "reached through what was open before" << History();
    } else if (!std::holds_alternative<Undoing>(state_.standing)) {
      trial_since_.reset();
    }
    if (const auto* good = std::get_if<Good>(&state_.standing)) {
      EXPECT_TRUE(IsOf(kernel_, good->revision.policy)) << "good, but not in force" << History();
      EXPECT_EQ(state_.doubt.has_value(), disk_fallback_.has_value())
          << "what it falls back to is not what the disk has" << History();
      EXPECT_TRUE(!state_.doubt.has_value() || !state_.doubt->asked.has_value() ||
                  reach_.has_value())
          << "waits for an answer to a question that was not asked" << History();
    }
  }

  bool OnDisk(const Revision& revision) const {
    return (disk_good_.has_value() && disk_good_->IsPushOf(revision)) ||
           (disk_trial_.has_value() && disk_trial_->IsPushOf(revision)) ||
           (disk_fallback_.has_value() && std::holds_alternative<Good>(disk_fallback_->base) &&
            std::get<Good>(disk_fallback_->base).revision.IsPushOf(revision));
  }

  std::optional<Event> Perform(const Write& write) {
    Note("write ", write.file == File::kTrial ? "trial " : "good ", write.revision.number);
    if (Fails(5)) {
      // After an error the disk may or may not have the new revision.
      if (Chance(30)) Put(write.file, write.revision);
      return Written{Failure{.reason = "no space", .final = false}};
    }
    Put(write.file, write.revision);
    return Written{};
  }
  void Put(File file, const Revision& revision) {
    (file == File::kTrial ? disk_trial_ : disk_good_) = revision;
    if (file == File::kGood) has_good_file_ = true;
  }
  std::optional<Event> Perform(const Enforce& enforce) {
    const bool fails = Fails(7);
    std::string rules = "shut@";
    if (const auto* revision = std::get_if<Revision>(&enforce.target)) {
      Note("enforce ", revision->number, fails ? ": refused" : "");
      EXPECT_TRUE(OnDisk(*revision)) << "in the kernel before it is on the disk" << History();
      EXPECT_TRUE(!booting_ || (disk_good_.has_value() && disk_good_->IsPushOf(*revision)))
          << "in force after a reboot without having proven good" << History();
      rules = RulesOf(revision->policy);
    } else if (std::holds_alternative<Nothing>(enforce.target)) {
      Note("enforce nothing", fails ? ": refused" : "");
      EXPECT_FALSE(has_good_file_) << "open by failure" << History();
      rules.clear();
    } else {
      Note("enforce shut", fails ? ": refused" : "");
      EXPECT_TRUE(has_good_file_) << History();
    }
    // If the error comes after the transaction, the kernel keeps the new rules.
    if (!fails || Chance(30)) {
      // Flows that the older rules admitted continue.
      if (kernel_ != rules) forbidden_flows_ = true;
      kernel_ = rules;
    }
    if (fails) return Enforced{"", Failure{.reason = "no memory", .final = Chance(50)}};
    return Enforced{rules, std::nullopt};
  }
  std::optional<Event> Perform(const Rewrite& rewrite) {
    Note("rewrite ", rewrite.file == File::kTrial ? "trial " : "good ", rewrite.revision.number);
    Put(rewrite.file, rewrite.revision);
    return std::nullopt;
  }
  std::optional<Event> Perform(const PromoteTrial&) {
    Note("promote");
    EXPECT_TRUE(disk_trial_.has_value()) << History();
    disk_good_ = std::exchange(disk_trial_, std::nullopt);
    has_good_file_ = true;
    return std::nullopt;
  }
  std::optional<Event> Perform(const DeleteTrial&) {
    Note("delete trial");
    disk_trial_.reset();
    return std::nullopt;
  }
  std::optional<Event> Perform(const KeepFallback& keep) {
    Note("keep fallback");
    EXPECT_FALSE(keep.help.empty()) << History();
    disk_fallback_ = keep;
    return std::nullopt;
  }
  std::optional<Event> Perform(const TakeFallback&) {
    Note("take fallback");
    EXPECT_TRUE(disk_fallback_.has_value()) << History();
    if (!disk_fallback_.has_value()) return std::nullopt;
    const auto* good = std::get_if<Good>(&disk_fallback_->base);
    const bool replaced = disk_trial_.has_value() && IsOf(kernel_, disk_trial_->policy);
    EXPECT_TRUE(replaced || kernel_ == (good != nullptr ? RulesOf(good->revision.policy) : "shut@"))
        << History();
    disk_good_ = good != nullptr ? std::optional(good->revision) : std::nullopt;
    disk_fallback_.reset();
    silent_without_ = {};
    return std::nullopt;
  }
  std::optional<Event> Perform(const DeleteFallback&) {
    Note("delete fallback");
    disk_fallback_.reset();
    return std::nullopt;
  }
  std::optional<Event> Perform(const EndForbiddenFlows&) {
    Note("end flows");
    ending_flows_ = true;
    return std::nullopt;
  }
  std::optional<Event> Perform(const Reach& reach) {
    Note("reach ", reach.revision);
    EXPECT_GT(reach.timeout, Duration::zero());
    reach_ = reach;
    return std::nullopt;
  }
  std::optional<Event> Perform(const StopReaching&) {
    reach_.reset();
    return std::nullopt;
  }
  std::optional<Event> Perform(const TryAgain& again) {
    Note("try again ", again.revision.number);
    Revision revision = again.revision;
    EXPECT_FALSE(by_person_[revision.number]) << "tried again without the person" << History();
    revision.rules = RulesOf(revision.policy);
    if (Fails(10)) return Rejected{revision, {.reason = "no such interface", .final = false}, true};
    return Pushed{revision, true};
  }
  std::optional<Event> Perform(const TellApplied& told) {
    Note("applied ", told.revision.number);
    EXPECT_TRUE(IsOf(kernel_, told.revision.policy)) << "applied is not read back" << History();
    EXPECT_TRUE(disk_good_.has_value() && disk_good_->IsPushOf(told.revision))
        << "gone after a reboot" << History();
    EXPECT_FALSE(disk_trial_.has_value()) << History();
    return std::nullopt;
  }
  std::optional<Event> Perform(const TellRefused& told) {
    Note("refused ", told.revision.number, " ", static_cast<int>(told.failure.kind), " ",
         told.failure.final ? "for good" : "for now");
    if (told.failure.final) {
      disk_failed_ = Failed{.revision = told.revision, .failure = told.failure};
    } else {
      disk_failed_.reset();
    }
    EXPECT_FALSE(disk_trial_.has_value() && disk_trial_->IsPushOf(told.revision))
        << "refused, but on trial after a restart" << History();
    const Revision* in_force = InForce(state_);
    EXPECT_TRUE(in_force == nullptr || !in_force->IsPushOf(told.revision))
        << "refused, but in force" << History();
    const bool same_rules = in_force != nullptr && in_force->policy == told.revision.policy;
    if (!std::holds_alternative<Kept>(state_.standing) &&
        !std::holds_alternative<Starting>(state_.standing) &&
        !std::holds_alternative<Undoing>(state_.standing) && !same_rules &&
        told.revision.policy != "none") {
      EXPECT_FALSE(IsOf(kernel_, told.revision.policy))
          << "refused, but the kernel has it" << History();
    }
    if (told.failure.kind == Failure::Kind::kUndone && !told.failure.final) {
      if (trial_since_.has_value()) silent_without_ = {};
    }
    if (told.failure.kind == Failure::Kind::kUndone && !told.failure.final &&
        trial_since_.has_value() && told.revision.IsPushOf(on_trial_)) {
      // Successive attempts while the agent was frozen count, after a few, as if the agent had run.
      EXPECT_GE(ran_ - *trial_since_, kReachTimeout / 2)
          << "undone while the agent did not run" << History();
    }
    if (told.failure.kind == Failure::Kind::kUndone && told.failure.final &&
        !CutsOff(told.revision.policy) && !NeedsTunnel(told.revision.policy) &&
        !by_person_[told.revision.number]) {
      EXPECT_GE(evidence_, kEnoughEvidence) << "blamed without having been at fault" << History();
    }
    return std::nullopt;
  }
  std::optional<Event> Perform(const ForgetRefusal&) {
    disk_failed_.reset();
    return std::nullopt;
  }
  std::mt19937 random_;
  bool calm_ = false;
  Time now_ = Time() + std::chrono::hours(1);
  Duration ran_{};  // how long agents have run in total
  State state_;
  // The model of the host.
  std::string kernel_;
  int links_ = 0;
  std::optional<Revision> disk_good_, disk_trial_;
  bool has_good_file_ = false;
  std::optional<Failed> disk_failed_;
  std::optional<KeepFallback> disk_fallback_;
  // The model of the host's surroundings.
  Reached::Contact controller_ = Reached::Contact::kAnswered;
  std::optional<Reach> reach_;
  bool ending_flows_ = false;
  bool tunnel_ = true;            // whether the tunnel is up
  bool connected_ = false;        // the last reported state of the stream
  bool forbidden_flows_ = false;  // flows exist that the kernel's rules would not let begin
  uint64_t number_ = 0;
  Revision pushed_;
  std::map<uint64_t, bool> by_person_;  // whether a person decides about the revision
  // State of the checks.
  std::optional<Duration> trial_since_;
  Revision on_trial_;
  bool booting_ = false;
  Duration silent_without_{};  // while asked after the last undo
  int evidence_ = 0;  // undos of the last push right after which the controller could be reached
  std::vector<std::string> history_;
};

TEST(LifecycleRandom, KeepsItsPromisesWhateverHappens) {
  uint32_t first = 1;
  uint32_t lives = 2000;
  if (const char* seed = getenv("FIREBREAK_SEED")) first = static_cast<uint32_t>(atoi(seed));
  if (const char* count = getenv("FIREBREAK_LIVES")) lives = static_cast<uint32_t>(atoi(count));
  for (uint32_t seed = first; seed < first + lives && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(absl::StrCat("FIREBREAK_SEED=", seed));
    Host(seed).LiveARandomLife();
  }
}

}  // namespace
}  // namespace firebreak::agent::lifecycle
