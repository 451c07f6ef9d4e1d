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
    invocation.err() << "no change has been rolled out in waves yet";
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
  const Argument all = verb.AddFlag("--all-at-once", options.all_at_once,
                                    "send the change to all connected hosts at once, without "
                                    "waves; a mistake then reaches every host");
  verb.Add(
          "--strategy", options.strategy,
          "the RolloutStrategy that defines the waves; default: the strategy named `default`, or "
          "without one, for a change to more than 50 hosts, the waves one host, a tenth, half, all")
      .Type("NAME")
      .Excludes(all);
  verb.AddFlag("--supersede", options.supersede,
               "replace the rollout that is under way: hosts that have its revision get this "
               "change first; until then, all other hosts keep what they had before that rollout");
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
  const Verb noun =
      AddNoun(root, "rollout", "Follow and control the rollout of a change in waves.");
  const Verb status =
      AddVerb(noun, "status",
              "Show the state of the newest rollout.\n\n"
              "Prints the state of the rollout and, for each wave, the number of hosts in the wave "
              "and the results that they reported. Hosts that the rollout has not reached keep the "
              "previous revision. Changes nothing.",
              "firebreak rollout status\nfirebreak rollout status -o json");
  status.WhenGiven([&command] { command.run = Status; });
  const Verb watch = AddVerb(noun, "watch",
                             "Follow the newest rollout until it ends.\n\n"
                             "The exit status is 0 when all waves have passed. It is 1 when the "
                             "rollout is undone or superseded, or is halted or paused and needs a "
                             "decision by an administrator. Changes nothing.",
                             "firebreak rollout watch");
  watch.WhenGiven([&command] { command.run = Watch; });
  const Verb list = AddVerb(noun, "list",
                            "List the rollouts of changes in waves.\n\n"
                            "Prints for each rollout who made the change and when, how far the "
                            "rollout has come, and why it ended; the newest first. The controller "
                            "keeps the last 200 rollouts. The audit trail records each step.",
                            "firebreak rollout list -n 5");
  const auto limit = std::make_shared<uint32_t>(20);
  list.AddNumber("-n", *limit, 1, kMostListed, "list the newest COUNT rollouts, 1 to 200")
      .Type("COUNT")
      .Default(absl::StrCat(*limit));
  list.WhenGiven([&command, limit] {
    command.run = [limit](Invocation& invocation) { return List(invocation, *limit); };
  });
  AddControl(noun, command, "pause",
             "Pause the rollout: start no further wave.\n\n"
             "Hosts that the rollout has reached keep the new revision.",
             v1::ControlRolloutRequest::pause);
  AddControl(noun, command, "resume",
             "Continue a rollout that was paused.\n\n"
             "The current wave must pass its whole soak time again.",
             v1::ControlRolloutRequest::resume);
  AddControl(noun, command, "promote",
             "Start the next wave now.\n\n"
             "Does not wait for the hosts or the soak time of the current wave, and ignores hosts "
             "that have failed. A rollout that was halted continues.",
             v1::ControlRolloutRequest::promote);
  AddControl(noun, command, "undo",
             "Restore the configuration from before the rollout on every host.\n\n"
             "Makes a new revision with the resources of the revision before the rollout, and "
             "sends it to all hosts at once.",
             v1::ControlRolloutRequest::undo);
}

}  // namespace firebreak::cli
