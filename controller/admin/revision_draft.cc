// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/revision_draft.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"
#include "controller/store/audit.h"
#include "controller/store/rollouts.h"

namespace firebreak::controller {
namespace {

// Summaries are read by people, so they are kept short.
constexpr size_t kMaxSummaryBytes = 500;

absl::string_view Verb(policy::Change::Kind kind) {
  switch (kind) {
    case policy::Change::Kind::kCreated: return "created";
    case policy::Change::Kind::kUpdated: return "updated";
    case policy::Change::Kind::kDeleted: return "deleted";
    case policy::Change::Kind::kUnchanged: break;
  }
  return "unchanged";
}

std::string Summary(const policy::Plan& plan, absl::string_view what) {
  std::vector<std::string> parts;
  for (const policy::Change& change : plan.changes) {
    if (change.kind == policy::Change::Kind::kUnchanged) continue;
    parts.push_back(absl::StrCat(Verb(change.kind), " ", change.resource));
  }
  std::string summary = absl::StrCat(what, absl::StrJoin(parts, ", "));
  if (summary.size() > kMaxSummaryBytes) {
    // Names are ASCII, so the cut splits no character.
    summary.resize(kMaxSummaryBytes);
    absl::StrAppend(&summary, "… (", parts.size(), " changes)");
  }
  return summary;
}

}  // namespace

absl::StatusOr<RevisionDraft> DraftRevision(Connection& connection, const policy::Plan& plan,
                                            absl::string_view what, uint64_t number,
                                            const Actor& actor, absl::Time now) {
  RevisionDraft draft;
  // The time is rounded to microseconds, because SQLite keeps no more, and a stored row must read
  // back equal.
  draft.revision = {.number = number,
                    .at = absl::FromUnixMicros(Stored(now)),
                    .author = actor.name,
                    .address = actor.peer,
                    .summary = Summary(plan, what)};
  ASSIGN_OR_RETURN(const uint64_t newest, LatestRevision(connection));
  ASSIGN_OR_RETURN(auto before, ListContents(connection, newest));
  std::map<std::pair<std::string, std::string>, ResourceContent> contents;
  for (ResourceContent& content : before) {
    contents[{content.kind, content.name}] = std::move(content);
  }
  for (const policy::Change& change : plan.changes) {
    if (change.kind == policy::Change::Kind::kUnchanged) continue;
    const size_t slash = change.resource.find('/');
    RevisionDraft::Resource resource{.kind = change.resource.substr(0, slash),
                                     .name = change.resource.substr(slash + 1)};
    const std::pair<std::string, std::string> key = {resource.kind, resource.name};
    if (const v1::Resource* next = plan.next.Find(change.resource); next != nullptr) {
      resource.bytes = policy::Serialize(*next);
      contents[key] = {resource.kind, resource.name, Sha256(resource.bytes), number};
    } else {
      contents.erase(key);
    }
    draft.changes.push_back(std::move(resource));
  }
  std::vector<ResourceContent> after;
  after.reserve(contents.size());
  for (auto& [key, content] : contents) after.push_back(std::move(content));
  draft.revision.digest = RevisionDigest(draft.revision, after);
  return draft;
}

absl::Status StoreDraft(Connection& connection, const RevisionDraft& draft,
                        absl::string_view action, int64_t keep) {
  const Revision& revision = draft.revision;
  for (const RevisionDraft::Resource& change : draft.changes) {
    RETURN_IF_ERROR(
        change.bytes.empty()
            ? DeleteResource(connection, revision.number, change.kind, change.name)
            : PutResource(connection, revision.number, change.kind, change.name, change.bytes));
  }
  RETURN_IF_ERROR(AppendRevision(connection, revision));
  RETURN_IF_ERROR(
      AppendAudit(connection, revision.at,
                  {.actor = revision.author,
                   .peer = revision.address,
                   .action = std::string(action),
                   .object = absl::StrCat("revision ", revision.number),
                   .result = "done",
                   .detail = absl::StrCat(revision.summary, DigestNote(revision.digest))}));
  ASSIGN_OR_RETURN(const std::optional<uint64_t> needed, OldestRevisionOfRollout(connection));
  return ForgetOldResources(connection, keep, needed);
}

}  // namespace firebreak::controller
