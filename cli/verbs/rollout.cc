// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/rollout.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/status/status.h"
#include "cli/output/progress.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/print.h"
#include "cli/view/staged_rollout.h"

namespace firebreak::cli {
namespace {

// The controller takes a step once a second.
constexpr absl::Duration kLookEvery = absl::Seconds(1);
constexpr uint32_t kMostListed = 200;  // the most that the controller keeps

absl::StatusOr<v1::StagedRollout> Look(Invocation& invocation) {
  return invocation.Call(&v1::Admin::Stub::GetRollout, v1::GetRolloutRequest());
}

void Print(Invocation& invocation, const v1::StagedRollout& rollout) {
  if (invocation.format() == Format::kTable) {
    invocation.out() << StagedRolloutPage(rollout, invocation.colours());
  } else {
    PrintData(invocation, rollout);
  }
}

absl::Status Status(Invocation& invocation) {
  ASSIGN_OR_RETURN(const v1::StagedRollout rollout, Look(invocation));
  Print(invocation, rollout);
  return absl::OkStatus();
}

absl::Status List(Invocation& invocation, uint32_t limit) {
  v1::ListRolloutsRequest request;
  request.set_limit(limit);
  ASSIGN_OR_RETURN(const auto response, invocation.Call(&v1::Admin::Stub::ListRollouts, request));
  if (invocation.format() != Format::kTable) {
    PrintDataList(invocation, response.rollouts());
  } else if (response.rollouts().empty()) {
    invocation.err() << "no change has gone out in waves yet\n";
  } else {
    invocation.out() << StagedRolloutList(response.rollouts(), invocation.colours());
  }
  return absl::OkStatus();
}

absl::Status Watch(Invocation& invocation) {
  ASSIGN_OR_RETURN(const v1::StagedRollout rollout, FollowRollout(invocation));
  Print(invocation, rollout);
  return StagedRolloutOutcome(rollout);
}

absl::Status Control(Invocation& invocation, v1::ControlRolloutRequest::Command wanted) {
  v1::ControlRolloutRequest request;
  request.set_command(wanted);
  ASSIGN_OR_RETURN(const v1::StagedRollout rollout,
                   invocation.Call(&v1::Admin::Stub::ControlRollout, request));
  Print(invocation, rollout);
  return absl::OkStatus();
}

void AddControl(Verb noun, Command& command, const std::string& name,
                const std::string& description, v1::ControlRolloutRequest::Command wanted) {
  const Verb verb = AddVerb(noun, name, description, "firebreak rollout " + name);
  verb.WhenGiven([&command, wanted] {
    command.run = [wanted](Invocation& invocation) { return Control(invocation, wanted); };
  });
}

}  // namespace

void AddWaves(Verb verb, MannerOptions& options) {
  const Argument all = verb.AddFlag(
      "--all-at-once", options.all_at_once,
      "let every connected host have it now: nothing stops a mistake before it is everywhere");
  verb.Add("--strategy", options.strategy,
           "the RolloutStrategy by whose waves it goes out; unless given, the one named `default`, "
           "or, for more than 50 hosts, one host, a tenth, half, all")
      .Type("NAME")
      .Excludes(all);
  verb.AddFlag("--supersede", options.supersede,
               "take the place of a rollout that is under way: hosts that it has reached get this "
               "change first, all others have what they had before it until then");
}

void AddManner(Verb verb, MannerOptions& options) {
  AddWaves(verb, options);
  AddOverride(verb, options.override);
}

absl::StatusOr<v1::StagedRollout> FollowRollout(Invocation& invocation) {
  Progress progress(invocation.err(), invocation.err_terminal(), [] { return absl::Now(); });
  for (;;) {
    ASSIGN_OR_RETURN(v1::StagedRollout rollout, Look(invocation));
    if (IsSettled(rollout)) return rollout;
    progress.Show(StagedRolloutLine(rollout));
    absl::SleepFor(kLookEvery);
  }
}

void AddRolloutVerbs(Verb root, Command& command) {
  const Verb noun = AddNoun(root, "rollout", "The newest change that goes out in waves.");
  const Verb status = AddVerb(
      noun, "status",
      "Show how the newest rollout stands.\n\n"
      "Prints its state and, wave by wave, how many hosts are in it and what they have said. Hosts "
      "that the rollout has not reached keep the revision before.",
      "firebreak rollout status\nfirebreak rollout status -o json");
  status.WhenGiven([&command] { command.run = Status; });
  const Verb watch = AddVerb(
      noun, "watch",
      "Follow the newest rollout until it is complete.\n\n"
      "Ends when all waves have passed (exit status 0), or when the rollout is undone, halted or "
      "paused, and so waits for a person (exit status 1).",
      "firebreak rollout watch");
  watch.WhenGiven([&command] { command.run = Watch; });
  const Verb list = AddVerb(
      noun, "list",
      "List the changes that went out in waves.\n\n"
      "Prints who made which change when, how far it came and why it ended, the newest first. The "
      "controller keeps the last 200; the audit trail tells of each step.",
      "firebreak rollout list -n 5");
  const auto limit = std::make_shared<uint32_t>(20);
  list.AddNumber("-n", *limit, 1, kMostListed, "only the newest so many")
      .Type("COUNT")
      .Default(absl::StrCat(*limit));
  list.WhenGiven([&command, limit] {
    command.run = [limit](Invocation& invocation) { return List(invocation, *limit); };
  });
  AddControl(noun, command, "pause",
             "Begin no further wave for now.\n\n"
             "Hosts that have been reached keep the new revision.",
             v1::ControlRolloutRequest::pause);
  AddControl(noun, command, "resume",
             "Go on with a rollout that was paused.\n\n"
             "The wave that is under way must hold for the whole soak time again.",
             v1::ControlRolloutRequest::resume);
  AddControl(noun, command, "promote",
             "Begin the next wave now.\n\n"
             "Does not wait for the hosts of this wave or for the soak time, and passes over the "
             "hosts that have failed: a rollout that was halted goes on.",
             v1::ControlRolloutRequest::promote);
  AddControl(noun, command, "undo",
             "Give every host back what it had before the rollout.\n\n"
             "Makes a new revision with the resources of the one before the rollout, for all hosts "
             "at once.",
             v1::ControlRolloutRequest::undo);
}

}  // namespace firebreak::cli
