// SPDX-License-Identifier: Apache-2.0
#include "agent/revision/lifecycle.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace firebreak::agent::lifecycle {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Contact = Reached::Contact;

const Time kStart = Time() + hours(1);

std::string Name(const Action& action) {
  struct Namer {
    static const char* Of(File file) { return file == File::kTrial ? "trial" : "good"; }
    std::string operator()(const Write& a) const {
      return absl::StrCat("write ", Of(a.file), " ", a.revision.number);
    }
    std::string operator()(const Enforce& a) const {
      if (const auto* revision = std::get_if<Revision>(&a.target)) {
        return absl::StrCat("enforce ", revision->number);
      }
      return std::holds_alternative<Shut>(a.target) ? "enforce shut" : "enforce nothing";
    }
    std::string operator()(const Rewrite& a) const {
      return absl::StrCat("rewrite ", Of(a.file), " ", a.revision.number);
    }
    std::string operator()(const PromoteTrial&) const { return "promote"; }
    std::string operator()(const DeleteTrial&) const { return "delete trial"; }
    std::string operator()(const KeepFallback& a) const {
      const auto* good = std::get_if<Good>(&a.base);
      return absl::StrCat("keep ", good != nullptr ? absl::StrCat(good->revision.number) : "shut",
                          " as fallback");
    }
    std::string operator()(const TakeFallback&) const { return "take fallback"; }
    std::string operator()(const DeleteFallback&) const { return "delete fallback"; }
    std::string operator()(const EndForbiddenFlows&) const { return "end flows"; }
    std::string operator()(const Reach& a) const { return absl::StrCat("reach ", a.revision); }
    std::string operator()(const StopReaching&) const { return "stop reaching"; }
    std::string operator()(const TryAgain& a) const {
      return absl::StrCat("again ", a.revision.number);
    }
    std::string operator()(const TellApplied& a) const {
      return absl::StrCat("applied ", a.revision.number);
    }
    std::string operator()(const TellRefused& a) const {
      return absl::StrCat(a.failure.kind == Failure::Kind::kUndone ? "undone " : "refused ",
                          a.revision.number, a.failure.final ? " for good" : "");
    }
    std::string operator()(const ForgetRefusal&) const { return "forget refusal"; }
  };
  return std::visit(Namer(), action);
}

std::string Name(const Standing& standing) {
  static constexpr const char* kNames[] = {"nothing",  "shut",  "kept",   "good",
                                           "starting", "trial", "undoing"};
  return kNames[standing.index()];
}

// A host on which the events of a test happen one after the other.
class Life {
 public:
  // Handles the event and returns the actions as a text.
  std::string operator()(const Event& event, Duration later = Duration::zero()) {
    now_ += later;
    Next next = Step(std::move(state_), event, now_);
    state_ = std::move(next.state);
    return absl::StrJoin(next.actions, ", ", [](std::string* out, const Action& action) {
      absl::StrAppend(out, Name(action));
    });
  }
  std::string standing() const { return Name(state_.standing); }
  const State& state() const { return state_; }

  // Brings revision 1, with the rules "a", into force for good.
  Life& WithGood() {
    (*this)(Found{});
    (*this)(Pushed{{1, "a", "a"}});
    (*this)(Written{});
    (*this)(Enforced{"a", {}});
    (*this)(FlowsEnded());
    EXPECT_EQ((*this)(Reached{Contact::kAnswered, ""}), "promote, applied 1");
    return *this;
  }
  // Then puts revision 2, with the rules "b", on trial.
  Life& WithTrial() {
    WithGood();
    EXPECT_EQ((*this)(Pushed{{2, "b", "b"}}), "write trial 2");
    EXPECT_EQ((*this)(Written{}), "enforce 2");
    EXPECT_EQ((*this)(Enforced{"b", {}}), "stop reaching, end flows");
    EXPECT_EQ((*this)(FlowsEnded()), "reach 2");
    return *this;
  }
  // Then keeps the controller silent until revision 2 is undone.
  Life& WithUndone() {
    WithTrial();
    Silence();
    EXPECT_EQ((*this)(Enforced{"a", {}}), "delete trial, undone 2, reach 2");
    return *this;
  }
  void Silence() {
    while (standing() == "trial") {
      (*this)(Reached{Contact::kSilent, "no way"}, seconds(5));
      if (standing() == "trial") (*this)(Tick(), milliseconds(250));
    }
  }
  // Moves on to the time that the state waits for, and returns the actions as a text.
  std::string Wait() {
    const std::optional<Time> at = WakeAt(state_);
    if (!at.has_value()) return "waits for nothing";
    return (*this)(Tick(), std::max<Duration>(*at - now_, Duration::zero()));
  }

 private:
  Time now_ = kStart;
  State state_ = MakeState({.reach_timeout = seconds(30)}, 1);
};

const Failure kPassing = {.reason = "no space", .resource = "", .final = false};
const Failure kForGood = {.reason = "nonsense", .resource = "Policy/p", .final = true};

// Checks what each event causes in each standing.
TEST(Lifecycle, EachEventInEachStanding) {
  struct Row {
    const char* situation;
    std::vector<Event> before;
    Event event;
    const char* actions;
    const char* standing;
  };
  const Revision one = {1, "a", "a"};
  const Revision two = {2, "b", "b"};
  const std::vector<Event> good = {Found{},      Pushed{one},
                                   Written{},    Enforced{"a", {}},
                                   FlowsEnded(), Reached{Contact::kAnswered, ""}};
  const auto with = [](std::vector<Event> events, std::vector<Event> more) {
    events.insert(events.end(), more.begin(), more.end());
    return events;
  };
  const std::vector<Event> trial =
      with(good, {Pushed{two}, Written{}, Enforced{"b", {}}, FlowsEnded()});
  using Kernel = Found::Kernel;
  const std::vector<Row> rows = {
      {"a host that never had a policy", {}, Found{}, "", "nothing"},
      {"a start after a reboot",
       {},
       Found{.good = one, .has_good_file = true},
       "enforce 1",
       "starting"},
      {"a start whose policy the kernel takes",
       {Found{.good = one, .has_good_file = true}},
       Enforced{"a", {}},
       "",
       "good"},
      {"a start whose policy the kernel does not take",
       {Found{.good = one, .has_good_file = true}},
       Enforced{"", kPassing},
       "",
       "starting"},
      {"a policy that cannot be read, after a reboot",
       {},
       Found{.has_good_file = true},
       "enforce shut",
       "starting"},
      {"a policy that cannot be read, the kernel still has rules",
       {},
       Found{.has_good_file = true, .kernel = Kernel::kOther},
       "",
       "kept"},
      {"a trial that the kernel has too",
       {},
       Found{.good = one, .has_good_file = true, .trial = two, .kernel = Kernel::kTrial},
       "enforce 2",
       "starting"},
      {"a trial after a reboot",
       {},
       Found{.good = one, .has_good_file = true, .trial = two},
       "delete trial, enforce 1",
       "starting"},
      {"a first trial after a reboot",
       {},
       Found{.trial = two},
       "delete trial, enforce nothing",
       "starting"},
      {"a trial that the kernel does not take again",
       {Found{.good = one, .has_good_file = true, .trial = two, .kernel = Kernel::kTrial}},
       Enforced{"", kPassing},
       "enforce 1",
       "starting"},
      {"and whose place the good one has taken",
       {Found{.good = one, .has_good_file = true, .trial = two, .kernel = Kernel::kTrial},
        Enforced{"", kPassing}},
       Enforced{"a", {}},
       "delete trial, refused 2",
       "good"},
      {"other rules", good, Pushed{two}, "write trial 2", "good"},
      {"the same rules under a new number", good, Pushed{{2, "a2", "a"}}, "write good 2", "good"},
      {"the same rules, and something else of the stack", good, Pushed{{2, "a2", "a", "rp_filter"}},
       "write trial 2", "good"},
      {"the same rules, in the kernel", with(good, {Pushed{{2, "a2", "a"}}, Written{}}),
       Enforced{"a", {}}, "delete trial, applied 2", "good"},
      {"no rules at all, on a host that has none",
       {Found{}},
       Pushed{{1, "none", ""}},
       "write trial 1",
       "nothing"},
      {"a disk that does not take a trial", with(good, {Pushed{two}}), Written{kPassing},
       "delete trial, refused 2", "good"},
      {"a kernel that does not take it", with(good, {Pushed{two}, Written{}}),
       Enforced{"", kForGood}, "enforce 1", "undoing"},
      {"and takes back what it had", with(good, {Pushed{two}, Written{}, Enforced{"", kForGood}}),
       Enforced{"a", {}}, "delete trial, refused 2 for good", "good"},
      {"a first policy that the kernel does not take",
       {Found{}, Pushed{one}, Written{}},
       Enforced{"", kForGood},
       "enforce nothing",
       "undoing"},
      {"one that cannot be read", good, Rejected{two, kForGood}, "refused 2 for good", "good"},
      {"the trial once more", trial, Pushed{two}, "", "trial"},
      {"the good one once more", good, Pushed{one}, "applied 1", "good"},
      {"a newer one while one is on trial", trial, Pushed{{3, "c", "c"}}, "write trial 3", "trial"},
      {"the good rules again while others are on trial", trial, Pushed{{3, "a", "a"}},
       "write good 3", "trial"},
      {"which ends the trial", with(trial, {Pushed{{3, "a", "a"}}, Written{}}), Enforced{"a", {}},
       "stop reaching, delete trial, applied 3", "good"},
      {"a kernel that does not take the newer one", with(trial, {Pushed{{3, "c", "c"}}, Written{}}),
       Enforced{"", kForGood}, "stop reaching, rewrite trial 2, enforce 2", "undoing"},
      {"and goes on with the trial",
       with(trial, {Pushed{{3, "c", "c"}}, Written{}, Enforced{"", kForGood}}), Enforced{"b", {}},
       "stop reaching, end flows, refused 3 for good", "trial"},
      {"a trial that reaches the controller", trial, Reached{Contact::kAnswered, ""},
       "promote, applied 2", "good"},
      {"a controller that is busy", trial, Reached{Contact::kOpen, ""}, "", "trial"},
      {"one silence is no end", trial, Reached{Contact::kSilent, ""}, "", "trial"},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.situation);
    Life life;
    for (const Event& event : row.before) life(event);
    EXPECT_EQ(life(row.event), row.actions);
    EXPECT_EQ(life.standing(), row.standing);
  }
}

TEST(Lifecycle, SilenceForTheReachTimeoutUndoesATrial) {
  Life life;
  life.WithTrial();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(life(Reached{Contact::kSilent, "no way"}, seconds(5)), "");
    EXPECT_EQ(life(Tick(), milliseconds(250)), "reach 2");
  }
  EXPECT_EQ(life(Reached{Contact::kSilent, "no way"}, seconds(5)), "stop reaching, enforce 1");
  EXPECT_EQ(life(Enforced{"a", {}}), "delete trial, undone 2, reach 2");
}

TEST(Lifecycle, WhatFailsAtOnceGetsTheSameTime) {
  Life life;
  life.WithTrial();
  int attempts = 0;
  while (life.standing() == "trial" && attempts < 1000) {
    ++attempts;
    life(Reached{Contact::kSilent, "not permitted"}, milliseconds(1));
    if (life.standing() == "trial") life.Wait();
  }
  EXPECT_NEAR(attempts, 120, 1) << "a quarter of a second each";
}

TEST(Lifecycle, ATrialsClockStandsStillWhileTheAgentIsFrozen) {
  Life life;
  life.WithTrial();
  EXPECT_EQ(life(Reached{Contact::kSilent, "deadline"}, hours(5)), "");
  EXPECT_EQ(life(Tick(), hours(5)), "reach 2");
  EXPECT_EQ(life(Reached{Contact::kAnswered, ""}, seconds(1)), "promote, applied 2");
}

TEST(Lifecycle, AnAgentThatIsAlwaysLateStillEndsATrial) {
  Life life;
  life.WithTrial();
  for (int i = 0; i < 100 && life.standing() == "trial"; ++i) {
    life(Reached{Contact::kSilent, "deadline"}, hours(1));
    if (life.standing() == "trial") life.Wait();
  }
  EXPECT_EQ(life.standing(), "undoing");
}

TEST(Lifecycle, ABusyControllerNeverEndsATrial) {
  Life life;
  life.WithTrial();
  Duration longest{};
  for (int i = 0; i < 1000; ++i) {
    EXPECT_EQ(life(Reached{Contact::kOpen, "busy"}, seconds(5)), "");
    const Time before = *WakeAt(life.state());
    EXPECT_EQ(life.Wait(), "reach 2");
    longest = std::max<Duration>(longest, before - kStart);
  }
  EXPECT_EQ(life(Reached{Contact::kAnswered, ""}), "promote, applied 2");
}

TEST(Lifecycle, RulesOnTrialGetNoMoreTimeUnderANewNumber) {
  Life life;
  life.WithTrial();
  for (int i = 0; i < 4; ++i) {
    life(Reached{Contact::kSilent, "no way"}, seconds(5));
    life.Wait();
  }
  life(Pushed{{3, "b3", "b"}});
  life(Written{});
  EXPECT_EQ(life(Enforced{"b", {}}), "reach 3");
  life(Reached{Contact::kSilent, "no way"}, seconds(5));
  life.Wait();
  EXPECT_EQ(life(Reached{Contact::kSilent, "no way"}, seconds(5)), "stop reaching, enforce 1");
}

TEST(Lifecycle, NothingIsReachedBeforeTheFlowsThatTheRulesForbidHaveEnded) {
  Life life;
  life.WithGood();
  life(Pushed{{2, "b", "b"}});
  life(Written{});
  EXPECT_EQ(life(Enforced{"b", {}}), "stop reaching, end flows");
  EXPECT_EQ(life(Tick(), seconds(1)), "");
  EXPECT_EQ(life(FlowsEnded()), "reach 2");
  EXPECT_EQ(life(FlowsEnded()), "");
}

TEST(Lifecycle, ATrialGoesOnEvenIfNobodyTellsThatTheFlowsHaveEnded) {
  Life life;
  life.WithGood();
  life(Pushed{{2, "b", "b"}});
  life(Written{});
  EXPECT_EQ(life(Enforced{"b", {}}), "stop reaching, end flows");
  EXPECT_EQ(life.Wait(), "reach 2");
}

TEST(Lifecycle, AnUndoThatFailsIsTriedAgain) {
  Life life;
  life.WithTrial().Silence();
  EXPECT_EQ(life(Enforced{"", kPassing}), "");
  EXPECT_EQ(life.standing(), "undoing");
  EXPECT_EQ(life.Wait(), "enforce 1");
  EXPECT_EQ(life(Enforced{"a", {}}), "delete trial, undone 2, reach 2");
}

TEST(Lifecycle, WhatWasUndoneWhileTheControllerWasAwayIsTriedAgainAndNeverBlamed) {
  Life life;
  life.WithUndone();
  for (int i = 0; i < 20; ++i) {
    // The controller is away without the revision too.
    for (int j = 0; j < 10; ++j) {
      life(Reached{Contact::kSilent, "no way"}, seconds(5));
      ASSERT_EQ(life.Wait(), "reach 2");
    }
    EXPECT_EQ(life(Reached{Contact::kAnswered, ""}), "");
    ASSERT_EQ(life.Wait(), "again 2");
    life(Pushed{{2, "b", "b"}, true});
    life(Written{});
    life(Enforced{"b", {}});
    life(FlowsEnded());
    life.Silence();
    EXPECT_EQ(life(Enforced{"a", {}}), "delete trial, undone 2, reach 2");
  }
  life(Reached{Contact::kAnswered, ""});
  ASSERT_EQ(life.Wait(), "again 2");
  life(Pushed{{2, "b", "b"}, true});
  life(Written{});
  life(Enforced{"b", {}});
  life(FlowsEnded());
  EXPECT_EQ(life(Reached{Contact::kAnswered, ""}), "promote, forget refusal, applied 2");
}

TEST(Lifecycle, ARevisionIsBlamedOnceItHasCutTheHostOffOftenEnough) {
  Life life;
  life.WithUndone();
  std::vector<Duration> pauses;
  for (int i = 1; i < kEnoughEvidence; ++i) {
    EXPECT_EQ(life(Reached{Contact::kAnswered, ""}), "");
    ASSERT_EQ(life.Wait(), "again 2");
    life(Pushed{{2, "b", "b"}, true});
    life(Written{});
    life(Enforced{"b", {}});
    life(FlowsEnded());
    life.Silence();
    EXPECT_EQ(life(Enforced{"a", {}}), "delete trial, undone 2, reach 2");
  }
  EXPECT_EQ(life(Reached{Contact::kAnswered, ""}), "undone 2 for good");
  EXPECT_EQ(life.Wait(), "waits for nothing");
  EXPECT_EQ(life(Pushed{{2, "b", "b"}}), "undone 2 for good") << "pushed before it was known";
  EXPECT_EQ(life(Pushed{{3, "b", "b"}}), "write trial 3") << "a new revision is a new attempt";
}

TEST(Lifecycle, WhatIsPushedAgainWaitsForItsPause) {
  Life life;
  life.WithUndone();
  EXPECT_EQ(life(Pushed{{2, "b", "b"}}), "undone 2");
  life(Reached{Contact::kAnswered, ""});
  EXPECT_EQ(life(Pushed{{2, "b", "b"}}), "undone 2");
  EXPECT_EQ(life.Wait(), "again 2");
}

TEST(Lifecycle, ANewerRevisionEndsTheRetriesOfAnOlder) {
  Life life;
  life.WithUndone();
  life(Reached{Contact::kAnswered, ""});
  life(Pushed{{3, "a", "a"}});
  life(Written{});
  EXPECT_EQ(life(Enforced{"a", {}}), "delete trial, forget refusal, applied 3");
  EXPECT_EQ(life.Wait(), "waits for nothing");
}

TEST(Lifecycle, WhatWasRefusedForAPassingCauseIsTriedAgain) {
  Life life;
  life.WithGood();
  life(Pushed{{2, "b", "b"}});
  EXPECT_EQ(life(Written{kPassing}), "delete trial, refused 2");
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(life.Wait(), "again 2");
    EXPECT_EQ(life(Pushed{{2, "b", "b"}, true}), "write trial 2");
    EXPECT_EQ(life(Written{kPassing}), "delete trial, refused 2");
  }
  ASSERT_EQ(life.Wait(), "again 2");
  life(Pushed{{2, "b", "b"}, true});
  life(Written{});
  life(Enforced{"b", {}});
  life(FlowsEnded());
  EXPECT_EQ(life(Reached{Contact::kAnswered, ""}), "promote, forget refusal, applied 2");
}

TEST(Lifecycle, AnInterfaceThatComesBringsTheRetryForward) {
  Life life;
  life.WithGood();
  EXPECT_EQ(life(Rejected{{2, "b", ""}, kPassing}), "refused 2");
  EXPECT_EQ(life(Tick()), "");
  EXPECT_EQ(life(HostChanged()), "");
  EXPECT_EQ(life(Tick()), "again 2");
}

TEST(Lifecycle, WhatIsRefusedForGoodIsNotTriedAgain) {
  Life life;
  life.WithGood();
  EXPECT_EQ(life(Rejected{{2, "b", ""}, kForGood}), "refused 2 for good");
  EXPECT_EQ(life.Wait(), "waits for nothing");
  life(HostChanged());
  EXPECT_EQ(life.Wait(), "waits for nothing");
}

TEST(Lifecycle, AStartThatFailsIsTriedAgainAndThenTold) {
  Life life;
  life(Found{.good = Revision{1, "a", "a"}, .has_good_file = true});
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(life(Enforced{"", kPassing}), "");
    EXPECT_EQ(life.Wait(), "enforce 1");
  }
  EXPECT_EQ(life(Enforced{"a", {}}), "applied 1");
  EXPECT_EQ(life.standing(), "good");
}

TEST(Lifecycle, APolicyThatCannotBeReadIsKeptWhateverIsRefusedAfterIt) {
  Life life;
  life(Found{.has_good_file = true, .kernel = Found::Kernel::kOther});
  life(Pushed{{2, "b", "b"}});
  life(Written{});
  EXPECT_EQ(life(Enforced{"", kForGood}), "delete trial, refused 2 for good");
  EXPECT_EQ(life.standing(), "kept");
}

TEST(Lifecycle, AHostWhosePolicyCannotBeReadIsUndoneToShut) {
  Life life;
  life(Found{.has_good_file = true, .kernel = Found::Kernel::kOther});
  life(Pushed{{2, "b", "b"}});
  life(Written{});
  EXPECT_EQ(life(Enforced{"b", {}}), "stop reaching, end flows");
  EXPECT_EQ(life(FlowsEnded()), "reach 2");
  life.Silence();
  EXPECT_EQ(life(Enforced{"shut", {}}), "delete trial, undone 2, reach 2");
  EXPECT_EQ(life.standing(), "shut");
}

// Brings revision 2 on a trial that a person decides about.
void TryByPerson(Life& life) {
  life.WithGood();
  EXPECT_EQ(life(Pushed{{2, "b", "b"}, false, {Proof::By::kPerson, seconds(30)}}), "write trial 2");
  EXPECT_EQ(life(Written{}), "enforce 2");
  EXPECT_EQ(life(Enforced{"b", {}}), "stop reaching");
  EXPECT_EQ(life.standing(), "trial");
}

TEST(Lifecycle, WhatAPersonConfirmsStays) {
  Life life;
  TryByPerson(life);
  EXPECT_EQ(life(Decided{1}), "");  // about another revision
  EXPECT_EQ(life(Decided{2}, seconds(29)), "promote, applied 2");
  EXPECT_EQ(life.standing(), "good");
  EXPECT_EQ(life.Wait(), "waits for nothing");
}

TEST(Lifecycle, WhatNobodyConfirmsIsUndoneForGood) {
  Life life;
  TryByPerson(life);
  EXPECT_EQ(life(Tick(), seconds(29)), "");
  EXPECT_EQ(life.Wait(), "stop reaching, enforce 1");
  EXPECT_EQ(life(Decided{2}), "") << "too late";
  EXPECT_EQ(life(Enforced{"a", {}}), "delete trial, undone 2 for good");
  EXPECT_EQ(life.standing(), "good");
  EXPECT_EQ(life.Wait(), "waits for nothing");
}

TEST(Lifecycle, WhatAPersonDoesNotWantIsUndoneAtOnce) {
  Life life;
  TryByPerson(life);
  EXPECT_EQ(life(Decided{2, false, "taken back"}), "stop reaching, enforce 1");
  EXPECT_EQ(life(Enforced{"", kPassing}), "");
  EXPECT_EQ(life.Wait(), "enforce 1");
  EXPECT_EQ(life(Enforced{"a", {}}), "delete trial, undone 2 for good");
}

TEST(Lifecycle, ATrialWithoutItsPersonEndsWithTheAgent) {
  for (const auto kernel :
       {Found::Kernel::kTrial, Found::Kernel::kOther, Found::Kernel::kNoRules}) {
    Life life;
    EXPECT_EQ(life(Found{.good = Revision{1, "a", "a"},
                         .has_good_file = true,
                         .trial = Revision{2, "b", "b"},
                         .trial_by_person = true,
                         .kernel = kernel}),
              "enforce 1");
    EXPECT_EQ(life(Enforced{"", kPassing}), "");
    EXPECT_EQ(life.Wait(), "enforce 1");
    EXPECT_EQ(life(Enforced{"a", {}}), "delete trial, applied 1, undone 2 for good");
    EXPECT_EQ(life.standing(), "good");
  }
}

TEST(Lifecycle, TheFirstPolicyOfAPersonIsUndoneToNoRules) {
  Life life;
  life(Found{});
  life(Pushed{{1, "a", "a"}, false, {Proof::By::kPerson, seconds(30)}});
  life(Written{});
  life(Enforced{"a", {}});
  EXPECT_EQ(life.Wait(), "stop reaching, enforce nothing");
  EXPECT_EQ(life(Enforced{"", {}}), "delete trial, undone 1 for good");
  EXPECT_EQ(life.standing(), "nothing");
}

TEST(Lifecycle, WhatNeedsNoProofIsGoodAtOnce) {
  Life life;
  life.WithGood();
  EXPECT_EQ(life(Pushed{{2, "b", "b"}, false, {Proof::By::kNobody, {}}}), "write good 2");
  EXPECT_EQ(life(Written{}), "enforce 2");
  EXPECT_EQ(life(Enforced{"b", {}}), "delete trial, applied 2");
}

TEST(Lifecycle, WhatAPersonAskedForIsNotTriedAgainWithoutHim) {
  Life life;
  life.WithGood();
  life(Pushed{{2, "b", "b"}, false, {Proof::By::kPerson, seconds(30)}});
  life(Written{});
  EXPECT_EQ(life(Enforced{"", kPassing}), "enforce 1");
  EXPECT_EQ(life(Enforced{"a", {}}), "delete trial, refused 2 for good");
}

TEST(Lifecycle, RulesMadeAnewForOtherInterfacesAreWhatANewPushIsComparedWith) {
  Life life;
  life.WithGood();
  life(Renewed{"a'"});
  EXPECT_EQ(life(Pushed{{2, "a", "a'"}}), "write good 2");
}

// Brings revision 2 into force through a tunnel that its rules would not let begin.
Life InDoubt() {
  Life life;
  life.WithGood();
  life(StreamChanged{true});
  life(Pushed{{2, "b", "b"}});
  life(Written{});
  life(Enforced{"b", {}});
  EXPECT_EQ(life(FlowsEnded{{"a tunnel"}}), "reach 2");
  EXPECT_EQ(life(Reached{Contact::kAnswered, ""}), "keep 1 as fallback, promote, applied 2");
  return life;
}

void LoseTheController(Life& life) {
  life(StreamChanged{false});
  EXPECT_EQ(life.Wait(), "reach 2");
  while (life.standing() == "good") {
    life(Reached{Contact::kSilent, "no way"}, seconds(5));
    if (life.standing() == "good") life(Tick(), milliseconds(250));
  }
}

TEST(Lifecycle, ARevisionThatATunnelHasHelpedIsUndoneWhenTheControllerIsLostDaysLater) {
  Life life = InDoubt();
  life(Tick(), hours(24 * 9));
  life(FlowsEnded{{"a tunnel"}});
  EXPECT_EQ(life.standing(), "good");
  LoseTheController(life);
  EXPECT_EQ(life.standing(), "undoing");
  EXPECT_EQ(life(Enforced{"a", {}}), "take fallback, applied 1, undone 2, reach 2");
  // If the controller is there again, the revision gets another trial, up to four of them.
  EXPECT_EQ(life(Reached{Contact::kAnswered, ""}), "");
  EXPECT_EQ(life.Wait(), "again 2");
}

TEST(Lifecycle, DoubtSurvivesTheAgentAndTheHost) {
  for (const auto kernel : {Found::Kernel::kOther, Found::Kernel::kNoRules}) {
    Life life;
    life(Found{.good = Revision{2, "b", "b"},
               .has_good_file = true,
               .fallback = Base(Good{{1, "a", "a"}}),
               .help = {"a tunnel"},
               .kernel = kernel});
    life(Enforced{"b", {}});
    EXPECT_EQ(life.standing(), "good");
    LoseTheController(life);
    EXPECT_EQ(life(Enforced{"a", {}}), "take fallback, applied 1, undone 2, reach 2");
  }
}

TEST(Lifecycle, ADoubtEndsWithAConnectionThatNothingOlderHasHelped) {
  Life life = InDoubt();
  EXPECT_EQ(life.Wait(), "end flows");
  EXPECT_EQ(life(FlowsEnded{{"a tunnel"}}), "");
  EXPECT_EQ(life.Wait(), "end flows");
  EXPECT_EQ(life(FlowsEnded{}), "");
  EXPECT_EQ(life.Wait(), "reach 2");
  EXPECT_EQ(life(Reached{Contact::kAnswered, ""}), "delete fallback, applied 2");
  life(StreamChanged{false});
  EXPECT_EQ(life.Wait(), "waits for nothing");
}

TEST(Lifecycle, AControllerThatIsOnlyBusyOrBackInTimeUndoesNoDoubtedRevision) {
  Life life = InDoubt();
  life(StreamChanged{false});
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(life.Wait(), "reach 2");
    life(Reached{i % 2 == 0 ? Contact::kSilent : Contact::kOpen, "busy"}, seconds(5));
  }
  life(StreamChanged{true});
  EXPECT_EQ(life.standing(), "good");
}

TEST(Lifecycle, TheFirstPolicyOfAHostFallsBackToShutAndNeverToOpen) {
  Life life;
  life(Found{});
  life(Pushed{{1, "a", "a"}});
  life(Written{});
  life(Enforced{"a", {}});
  life(FlowsEnded{{"a tunnel"}});
  EXPECT_EQ(life(Reached{Contact::kAnswered, ""}), "keep shut as fallback, promote, applied 1");
}

TEST(Lifecycle, ARevisionOnTopOfADoubtedOneKeepsTheLastThatWasProven) {
  Life life = InDoubt();
  EXPECT_EQ(life(Pushed{{3, "c", "c"}}), "write trial 3");
  life(Written{});
  life(Enforced{"c", {}});
  life(FlowsEnded{{"a tunnel"}});
  EXPECT_EQ(life(Reached{Contact::kAnswered, ""}), "keep 1 as fallback, promote, applied 3");
  life(Pushed{{4, "a", "a"}});
  life(Written{});
  life(Enforced{"a", {}});
  life(FlowsEnded{{"a tunnel"}});
  // The proven revision has the same rules, so it needs no other proof.
  EXPECT_EQ(life(Reached{Contact::kAnswered, ""}), "promote, delete fallback, applied 4");
}

}  // namespace
}  // namespace firebreak::agent::lifecycle
