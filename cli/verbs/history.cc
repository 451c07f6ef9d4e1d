// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/finish_change.h"
#include "cli/verbs/print.h"
#include "cli/verbs/rollout.h"
#include "cli/verbs/standalone.h"
#include "cli/view/revisions.h"

namespace firebreak::cli {
namespace {

constexpr uint32_t kMostListed = 1000;  // the most that the controller lists at once

absl::Status List(Invocation& invocation, uint32_t limit) {
  v1::ListRevisionsRequest request;
  request.set_limit(limit);
  ASSIGN_OR_RETURN(auto response, invocation.local()
                                      ? RevisionsLocally(invocation)
                                      : invocation.Call(&v1::Admin::Stub::ListRevisions, request));
  if (invocation.local() && static_cast<uint32_t>(response.revisions_size()) > limit) {
    response.mutable_revisions()->DeleteSubrange(
        static_cast<int>(limit), response.revisions_size() - static_cast<int>(limit));
  }
  if (invocation.format() != Format::kTable) {
    PrintDataList(invocation, response.revisions());
    return absl::OkStatus();
  }
  if (response.revisions().empty()) {
    invocation.err() << "there are no revisions yet; see `firebreak apply --help`\n";
    return absl::OkStatus();
  }
  invocation.out() << RevisionList(response, invocation.colours());
  return absl::OkStatus();
}

absl::Status Show(Invocation& invocation, uint64_t number) {
  // The revision before is listed too, because the changes are shown by comparing the two.
  v1::ListRevisionsRequest request;
  request.set_before(number + 1);
  request.set_limit(2);
  ASSIGN_OR_RETURN(const auto found, invocation.Call(&v1::Admin::Stub::ListRevisions, request));
  if (found.revisions().empty() || found.revisions(0).number() != number) {
    return absl::NotFoundError(
        absl::StrCat("there is no revision ", number, "; see `firebreak revisions`"));
  }
  const v1::Revision& revision = found.revisions(0);
  if (invocation.format() != Format::kTable) {
    PrintData(invocation, revision);
    return absl::OkStatus();
  }
  const bool first = found.revisions_size() == 1;
  const bool compared = revision.kept() && (first || found.revisions(1).kept());
  v1::DiffResponse changes;
  if (compared) {
    v1::DiffRevisionsRequest diff;
    diff.set_from(first ? 0 : found.revisions(1).number());
    diff.set_to(number);
    ASSIGN_OR_RETURN(changes, invocation.Call(&v1::Admin::Stub::DiffRevisions, diff));
  }
  invocation.out() << RevisionPage(revision, compared ? &changes : nullptr, invocation.colours());
  return absl::OkStatus();
}

struct UndoOptions {
  uint64_t to = 0;
  uint64_t if_revision = 0;
  MannerOptions manner;
  WaitOptions wait;
  TrialOptions trial;
};

absl::Status Undo(Invocation& invocation, const UndoOptions& options) {
  if (invocation.local()) return UndoLocally(invocation, options.to, options.trial);
  v1::UndoRequest request;
  request.set_to(options.to);
  if (options.if_revision != 0) request.set_if_revision(options.if_revision);
  SetManner(options.manner, request);
  return FinishChange(invocation, invocation.Call(&v1::Admin::Stub::Undo, request), options.wait);
}

void AddRevisions(Verb root, Command& command) {
  const Verb verb = AddVerb(
      root, "revisions",
      "List the revisions of the fleet's configuration.\n\n"
      "Prints for each revision who made it, when and from where, and what it changed; the newest "
      "first. The controller keeps the resources of the newest revisions only "
      "(firebreak-controller --keep-revisions); of older revisions it keeps only this line. With "
      "--local, on a host without a controller, lists the revisions of this host's policy.",
      "firebreak revisions -n 10");
  const auto limit = std::make_shared<uint32_t>(20);
  verb.AddNumber("-n", *limit, 1, kMostListed, "list the newest COUNT revisions, 1 to 1000")
      .Type("COUNT")
      .Default(absl::StrCat(*limit));
  verb.WhenGiven([&command, limit] {
    command.run = [limit](Invocation& invocation) { return List(invocation, *limit); };
  });
}

void AddRevision(Verb root, Command& command) {
  const Verb noun = AddNoun(root, "revision", "Show one revision.");
  const Verb verb = AddVerb(noun, "show",
                            "Show a revision and what it changed.\n\n"
                            "Prints who made the revision, when and from where, its digest, and "
                            "the change of each resource as a unified diff. `firebreak get all "
                            "--revision N` prints the resources of the revision.",
                            "firebreak revision show 12");
  const auto number = std::make_shared<uint64_t>(0);
  AddRevisionNumber(verb, "N", *number, "the number of the revision").Required();
  verb.WhenGiven([&command, number] {
    command.run = [number](Invocation& invocation) { return Show(invocation, *number); };
  });
}

void AddUndo(Verb root, Command& command) {
  const Verb verb =
      AddVerb(root, "undo",
              "Go back to an earlier revision.\n\n"
              "Makes a new revision with all resources of an earlier revision; resources that were "
              "added since are deleted. No revision is removed, so an undo can itself be undone. "
              "`firebreak diff --from NEWEST --to N` shows in advance what would change.\n\n"
              "With --local, on a host without a controller, the host goes back to an earlier "
              "revision of its own policy, on trial as with `firebreak --local apply`.",
              "firebreak undo --wait\n"
              "firebreak --local undo\n"
              "firebreak undo --to 12 --if-revision 15");
  const auto options = std::make_shared<UndoOptions>();
  AddRevisionNumber(verb, "--to", options->to, "the revision to go back to")
      .Default("the one before the newest");
  AddIfRevision(verb, options->if_revision);
  AddManner(verb, options->manner);
  AddWait(verb, options->wait);
  AddTrial(verb, options->trial);
  verb.WhenGiven([verb, &command, options] {
    RequireLocalOptions(verb, command, {"--to"});
    command.run = [options](Invocation& invocation) { return Undo(invocation, *options); };
  });
}

}  // namespace

void AddHistoryVerbs(Verb root, Command& command) {
  AddRevisions(root, command);
  AddRevision(root, command);
  AddUndo(root, command);
  AddConfirmVerb(root, command);
}

}  // namespace firebreak::cli
