// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/standalone.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status/status.h"
#include "cli/ask/ask.h"
#include "cli/connection/failure.h"
#include "cli/input/offline_plan.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/confirm_trial.h"
#include "cli/verbs/print.h"
#include "cli/view/changes.h"
#include "policy/resources/configuration.h"
#include "policy/resources/write.h"

namespace firebreak::cli {
namespace {

// Long enough to read a large policy and to put its rules into the kernel.
constexpr absl::Duration kTimeout = absl::Minutes(5);
// The agent accepts no larger question, and no larger files of its own.
constexpr size_t kMaxLocalBytes = 8 << 20;

absl::StatusOr<v1::StandaloneAnswer> AskStandalone(Invocation& invocation,
                                                   const v1::StandaloneQuestion& asked) {
  v1::Question question;
  *question.mutable_standalone() = asked;
  if (question.ByteSizeLong() > kMaxLocalBytes) {
    return absl::InvalidArgumentError(absl::StrCat("the files of a host's policy may have at most ",
                                                   kMaxLocalBytes >> 20, " MiB together"));
  }
  v1::StandaloneAnswer answer;
  RETURN_IF_ERROR(Ask(invocation, "", question, kTimeout, [&](const v1::Answer& part) {
    answer.MergeFrom(part.standalone());
    return absl::OkStatus();
  }));
  if (answer.problems().empty()) return answer;
  v1::Problems problems;
  *problems.mutable_items() = answer.problems();
  return FailureWith(problems);
}

uint32_t SecondsOf(const TrialOptions& trial) {
  return trial.none ? 0 : static_cast<uint32_t>(absl::ToInt64Seconds(trial.time));
}

// Prints what was done, and has the revision confirmed if it waits for that.
absl::Status Finish(Invocation& invocation, const absl::StatusOr<v1::StandaloneAnswer>& answer) {
  RETURN_IF_ERROR(answer.status());
  if (invocation.format() == Format::kTable) {
    v1::ApplyResponse response;
    response.set_revision(answer->revision());
    response.set_changed(answer->changed());
    *response.mutable_changes() = answer->changes();
    invocation.out() << ChangeSummary(response, invocation.colours());
    invocation.err() << WarningLines(answer->warnings());
  } else {
    PrintData(invocation, *answer);
  }
  invocation.out().flush();
  if (answer->confirm_seconds() == 0) return absl::OkStatus();
  return ConfirmTrial(invocation, answer->revision(), absl::Seconds(answer->confirm_seconds()));
}

absl::StatusOr<v1::StandaloneAnswer> Current(Invocation& invocation, uint64_t revision) {
  v1::StandaloneQuestion question;
  question.mutable_get()->set_revision(revision);
  return AskStandalone(invocation, question);
}

// Returns the resources as a file that can be applied.
v1::ApplyRequest FileOf(const v1::StandaloneAnswer& answer) {
  std::vector<const google::protobuf::Message*> resources;
  for (const v1::Resource& resource : answer.resources()) resources.push_back(&resource);
  v1::ApplyRequest request;
  if (resources.empty()) return request;
  v1::SourceFile& file = *request.add_files();
  file.set_name(absl::StrCat("revision ", answer.revision()));
  file.set_text(policy::ToYaml(resources));
  return request;
}

// Returns the host in the form in which `host list -o json` prints it.
std::string HostListOf(const v1::StandaloneAnswer& answer) {
  v1::Host host;
  host.set_name(answer.host());
  *host.mutable_labels() = answer.labels();
  return policy::ToJson(std::vector<const google::protobuf::Message*>{&host});
}

}  // namespace

void AddTrial(Verb verb, TrialOptions& options) {
  AddDuration(verb, "--trial", options.time, absl::Seconds(1), absl::Hours(1),
              "with --local: the time in which the change must be confirmed; after it the change "
              "is undone");
  verb.AddFlag("--no-trial", options.none, "with --local: keep the change without a confirmation");
}

void RequireLocalOptions(Verb verb, const Command& command,
                         const std::vector<std::string>& allowed) {
  for (const std::string& given : verb.GivenOptions()) {
    const bool trial = given == "--trial" || given == "--no-trial";
    if (!command.options.local && trial) {
      RefuseUsage(given, "is for a host without a controller: add --local");
    }
    if (command.options.local && !trial &&
        std::find(allowed.begin(), allowed.end(), given) == allowed.end()) {
      RefuseUsage(given, "is for a fleet; leave it out with --local");
    }
  }
}

absl::Status ApplyLocally(Invocation& invocation, const v1::ApplyRequest& files,
                          const TrialOptions& trial) {
  v1::StandaloneQuestion question;
  *question.mutable_apply()->mutable_files() = files.files();
  question.mutable_apply()->set_confirm_seconds(SecondsOf(trial));
  return Finish(invocation, AskStandalone(invocation, question));
}

absl::Status UndoLocally(Invocation& invocation, uint64_t to, const TrialOptions& trial) {
  v1::StandaloneQuestion question;
  question.mutable_undo()->set_to(to);
  question.mutable_undo()->set_confirm_seconds(SecondsOf(trial));
  return Finish(invocation, AskStandalone(invocation, question));
}

absl::StatusOr<v1::DiffResponse> DiffLocally(Invocation& invocation,
                                             const v1::ApplyRequest& files) {
  v1::StandaloneQuestion question;
  *question.mutable_apply()->mutable_files() = files.files();
  question.mutable_apply()->set_check_only(true);
  ASSIGN_OR_RETURN(const v1::StandaloneAnswer answer, AskStandalone(invocation, question));
  v1::DiffResponse response;
  *response.mutable_changes() = answer.changes();
  *response.mutable_warnings() = answer.warnings();
  return response;
}

absl::StatusOr<v1::Plan> PlanLocally(Invocation& invocation, const v1::ApplyRequest& files) {
  ASSIGN_OR_RETURN(const v1::StandaloneAnswer before, Current(invocation, 0));
  return OfflinePlan(FileOf(before), files, HostListOf(before));
}

absl::StatusOr<v1::GetResourcesResponse> GetLocally(Invocation& invocation,
                                                    const v1::GetResourcesRequest& request) {
  ASSIGN_OR_RETURN(const v1::StandaloneAnswer answer, Current(invocation, request.revision()));
  v1::GetResourcesResponse response;
  response.set_revision(answer.revision());
  for (const v1::Resource& resource : answer.resources()) {
    const bool kind =
        request.kind().empty() || absl::AsciiStrToLower(policy::KindOf(resource)) == request.kind();
    if (kind && (request.name().empty() || policy::NameOf(resource) == request.name())) {
      *response.add_resources() = resource;
    }
  }
  return response;
}

absl::StatusOr<v1::ListRevisionsResponse> RevisionsLocally(Invocation& invocation) {
  v1::StandaloneQuestion question;
  question.mutable_revisions();
  ASSIGN_OR_RETURN(const v1::StandaloneAnswer answer, AskStandalone(invocation, question));
  v1::ListRevisionsResponse response;
  *response.mutable_revisions() = answer.revisions();
  return response;
}

void AddConfirmVerb(Verb root, Command& command) {
  const Verb verb =
      AddVerb(root, "confirm",
              "Confirm a change that is on trial on a host without a controller.\n\n"
              "`firebreak --local apply` and `firebreak --local undo` put a change in force and "
              "undo it unless it is confirmed in time. At a terminal they ask for the "
              "confirmation. Elsewhere, confirm the change with this verb. Do so over a new "
              "connection to the host, to prove that the new rules let you in.",
              "firebreak --local confirm\n"
              "firebreak --local confirm 12\n"
              "firebreak --local confirm --take-back");
  const auto number = std::make_shared<uint64_t>(0);
  AddRevisionNumber(verb, "N", *number, "the revision to confirm").Default("the one on trial");
  const auto take_back = std::make_shared<bool>(false);
  verb.AddFlag("--take-back", *take_back, "undo the change now instead of confirming it");
  verb.WhenGiven([&command, number, take_back] {
    if (!command.options.local) {
      RefuseUsage("--local",
                  "is missing; only a change on a host without a controller is confirmed by hand");
    }
    command.run = [number, take_back](Invocation& invocation) {
      return Decide(invocation, *number, !*take_back);
    };
  });
}

}  // namespace firebreak::cli
