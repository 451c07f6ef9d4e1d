// SPDX-License-Identifier: Apache-2.0

// firebreak setup: asks how a host is connected, makes its first policy, and tries it: on a host
// without a controller on the host itself, in a fleet on the controller.

#include "cli/verbs/setup.h"

#include <unistd.h>

#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/files/files.h"
#include "base/status/status.h"
#include "base/text/escape.h"
#include "cli/ask/ask.h"
#include "cli/import/gather.h"
#include "cli/setup/setup.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/finish_change.h"
#include "cli/verbs/interview.h"
#include "cli/verbs/standalone.h"
#include "cli/view/plan.h"
#include "cli/view/violations.h"

namespace firebreak::cli {
namespace {

constexpr size_t kMaxAnswersBytes = 64 << 10;
// How long hosts have to tell of live flows that the policy would not admit.
constexpr uint32_t kLiveMillis = 3000;
constexpr char kWholeFleet[] = "all";

struct SetupOptions {
  std::string answers;
  bool dry_run = false;
  bool shut_me_out = false;
  std::string host;  // of a fleet, which is looked at; empty: this host, which has no controller
  std::string group;
  std::string name;
  TrialOptions trial;

  bool fleet() const { return !host.empty(); }
};

absl::StatusOr<v1::Answer> AskAll(Invocation& invocation, const std::string& host,
                                  const v1::Question& question) {
  v1::Answer whole;
  RETURN_IF_ERROR(Ask(invocation, host, question, kAnswerTimeout, [&](const v1::Answer& part) {
    whole.MergeFrom(part);
    return absl::OkStatus();
  }));
  return whole;
}

absl::StatusOr<SetupFacts> Look(Invocation& invocation, const SetupOptions& options) {
  v1::Question status, interfaces, sockets;
  status.mutable_status();
  interfaces.mutable_interfaces();
  sockets.mutable_sockets();
  ASSIGN_OR_RETURN(const v1::Answer state, AskAll(invocation, options.host, status));
  if (!options.fleet() && !state.status().has_standalone()) {
    return absl::FailedPreconditionError(
        absl::StrCat("this host's policy comes from its controller: `firebreak setup --host ",
                     state.status().name(), "` makes its first one there"));
  }
  ASSIGN_OR_RETURN(const v1::Answer links, AskAll(invocation, options.host, interfaces));
  ASSIGN_OR_RETURN(const v1::Answer listening, AskAll(invocation, options.host, sockets));
  SetupFacts facts =
      FactsOf(links.interfaces(), listening.sockets(), state.status(),
              options.fleet() ? OwnConnectionTo(links.interfaces(), FindOwnConnection())
                              : FindOwnConnection());
  // What another firewall says can only be read where it is.
  facts.reads_others = !options.fleet();
  return facts;
}

void SayConflicts(Invocation& invocation, const SetupFacts& facts) {
  for (const v1::Conflict& conflict : facts.conflicts) {
    invocation.err() << "CONFLICT: " << Escape(conflict.what()) << ": "
                     << Escape(conflict.explanation()) << "\n";
    const std::string importer = ImporterOf(conflict.what());
    if (importer.empty()) continue;
    invocation.err() << "  `firebreak import " << importer
                     << "` prints its rules as a policy, which can be applied in its place\n";
  }
}

// The policy of the answers, and those of the firewalls that are taken over.
absl::StatusOr<v1::ApplyRequest> FilesOf(const SetupAnswers& answers, const SetupPlace& place) {
  v1::ApplyRequest request;
  v1::SourceFile& file = *request.add_files();
  file.set_name("setup");
  file.set_text(PolicyOf(answers, place));
  for (const std::string& firewall : answers.imports) {
    ASSIGN_OR_RETURN(const importer::Imported imported,
                     GatherAndImport(firewall, {},
                                     {.name = absl::StrCat("imported-", firewall),
                                      .group = place.group,
                                      .description = absl::StrCat("imported from ", firewall)}));
    v1::SourceFile& other = *request.add_files();
    other.set_name(firewall);
    other.set_text(importer::Render(imported));
  }
  return request;
}

absl::StatusOr<v1::Plan> PlanOf(Invocation& invocation, const SetupOptions& options,
                                const v1::ApplyRequest& files) {
  if (!options.fleet()) return PlanLocally(invocation, files);
  v1::PlanRequest request;
  *request.mutable_change() = files;
  request.set_live_millis(kLiveMillis);
  return invocation.Call(&v1::Admin::Stub::Plan, request);
}

// In a fleet the change is the one whose plan was shown, goes out as the fleet's strategy says, and
// each host undoes what cuts it off from its controller.
absl::Status Apply(Invocation& invocation, const SetupOptions& options, v1::ApplyRequest request,
                   const std::string& plan) {
  if (!options.fleet()) return ApplyLocally(invocation, request, options.trial);
  request.set_plan_id(plan);
  return FinishChange(invocation, invocation.Call(&v1::Admin::Stub::Apply, request),
                      {.wait = true});
}

void SayWhatNext(Invocation& invocation, const SetupOptions& options, const SetupAnswers& answers,
                 const SetupPlace& place) {
  for (const std::string& firewall : answers.imports) {
    invocation.err() << "the rules of " << firewall << " are a policy now; switch " << firewall
                     << " itself off, or both decide about each packet\n";
  }
  if (options.fleet()) {
    invocation.err() << "`firebreak undo` goes back; `firebreak get policy " << place.name
                     << " -o yaml` prints the policy as a file to change and apply\n";
    return;
  }
  invocation.err()
      << "`firebreak --local undo` goes back; `firebreak --local get all -o yaml` prints "
         "the policy as a file to change and apply\n";
}

// Has the person agree, or takes the options for it.
absl::Status Agree(Invocation& invocation, const SetupOptions& options, const SetupFacts& facts,
                   const SetupAnswers& answers, bool asks) {
  Person person(invocation);
  const std::string why = WhyShutOut(facts, answers);
  if (!why.empty() && !options.shut_me_out) {
    if (!asks) {
      return absl::FailedPreconditionError(
          absl::StrCat(why, ": say --shut-me-out if that is meant; nothing is changed"));
    }
    RETURN_IF_ERROR(AskTwice(person, why));
  }
  if (!asks) return absl::OkStatus();
  ASSIGN_OR_RETURN(const bool on, person.YesOrNo("Switch it on?", false));
  return on ? absl::OkStatus() : absl::AbortedError("nothing is changed");
}

absl::Status Setup(Invocation& invocation, const SetupOptions& options) {
  ASSIGN_OR_RETURN(const SetupFacts facts, Look(invocation, options));
  if (options.fleet()) invocation.err() << "About host " << Escape(options.host) << ".\n";
  SayConflicts(invocation, facts);
  SetupAnswers answers = Propose(facts);
  const bool asks = options.answers.empty() && !options.dry_run;
  if (!options.answers.empty()) {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(options.answers, kMaxAnswersBytes));
    ASSIGN_OR_RETURN(answers, ReadAnswers(text, facts));
  } else if (asks) {
    Person person(invocation);
    RETURN_IF_ERROR(Interview(person, facts, answers));
  }
  const SetupPlace place =
      options.fleet() ? PlaceInFleet(options.host, options.group, options.name) : SetupPlace();
  ASSIGN_OR_RETURN(const v1::ApplyRequest request, FilesOf(answers, place));
  for (const v1::SourceFile& file : request.files()) invocation.out() << "\n" << file.text();
  invocation.out().flush();
  ASSIGN_OR_RETURN(const v1::Plan plan, PlanOf(invocation, options, request));
  invocation.err() << "\n" << PlanPage(plan, invocation.colours());
  if (AnyRefused(plan.violations())) {
    invocation.EndWith(ExitStatus::kInvalid);
    return absl::OkStatus();
  }
  if (options.dry_run) return absl::OkStatus();
  RETURN_IF_ERROR(Agree(invocation, options, facts, answers, asks));
  RETURN_IF_ERROR(Apply(invocation, options, request, plan.id()));
  SayWhatNext(invocation, options, answers, place);
  return absl::OkStatus();
}

// Which host it is about, and which options mean something there.
void CheckOptions(Verb verb, const SetupOptions& options, Command& command) {
  if (options.fleet()) {
    if (command.options.local) RefuseUsage("--local", "is for this host: leave out --host");
    for (const std::string& given : verb.GivenOptions()) {
      if (given != "--trial" && given != "--no-trial") continue;
      RefuseUsage(given,
                  "is for a host without a controller: hosts of a fleet undo what cuts them "
                  "off by themselves");
    }
  } else if (!options.group.empty() || !options.name.empty()) {
    RefuseUsage("--host", "is missing: in a fleet, say which host is looked at");
  }
  command.options.local = !options.fleet();
  if (options.answers.empty() && !options.dry_run && isatty(STDIN_FILENO) == 0) {
    RefuseUsage("--answers", "is missing: without a terminal nobody can be asked");
  }
}

}  // namespace

void AddSetupVerb(Verb root, Command& command) {
  const Verb verb = AddVerb(
      root, "setup",
      "Protect a host: a few questions, and its first policy.\n\n"
      "Looks at what the host has, proposes answers, and shows the policy and what it opens and "
      "shuts before anything changes; Ctrl-C leaves all as it is.\n\n"
      "Without --host it is about this host, which has no controller and whose agent runs "
      "(firebreak-agent --policy). The policy is on trial as with `firebreak --local apply`: "
      "without "
      "a confirmation within 30 s it is undone.\n\n"
      "With --host it is about a host of a fleet, from wherever the controller can be reached. The "
      "policy is made on the controller, for that host or for --group, goes out as the fleet's "
      "strategy for rollouts says, and is undone by each host that it cuts off from the "
      "controller.\n\n"
      "With --answers nothing is asked. The file says what is not as proposed: connection "
      "(internet, router, shares, laptop, server), public, private, open, ping, import.",
      "firebreak setup\n"
      "firebreak setup --dry-run\n"
      "echo '{connection: server, open: {tcp/22: 10.0.0.0/8, tcp/443: anybody}}' > answers\n"
      "firebreak setup --answers answers --no-trial\n"
      "firebreak setup --host web-1 --group web");
  const auto options = std::make_shared<SetupOptions>();
  verb.Add("--answers", options->answers, "a file with the answers").Type("FILE");
  verb.AddFlag("--dry-run", options->dry_run,
               "ask nothing, change nothing: show the policy of the answers or of the proposals");
  verb.AddFlag("--shut-me-out", options->shut_me_out,
               "also a policy that shuts the way by which you came");
  verb.Add("--host", options->host, "the host of a fleet that is looked at").Type("HOST");
  verb.Add("--group", options->group,
           absl::StrCat("with --host: the group that the policy is for, or ", kWholeFleet))
      .Type("GROUP")
      .Default("the host alone");
  verb.Add("--name", options->name, "with --host: the name of the policy")
      .Type("NAME")
      .Default("setup and whose it is");
  AddTrial(verb, options->trial);
  verb.WhenGiven([verb, &command, options] {
    CheckOptions(verb, *options, command);
    command.run = [options](Invocation& invocation) { return Setup(invocation, *options); };
  });
}

}  // namespace firebreak::cli
