// SPDX-License-Identifier: Apache-2.0

// What Standalone answers to the host's own administrator.

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "agent/standalone/policy_files.h"
#include "agent/standalone/standalone.h"
#include "agent/switch/process.h"
#include "base/log/log.h"

namespace firebreak::agent {
namespace {

using v1::StandaloneQuestion;
using v1::StandaloneRevision;

constexpr uint32_t kMaxConfirmSeconds = 3600;
constexpr size_t kMaxNameBytes = 256;

void Last(Reply& reply, v1::StandaloneAnswer answer) {
  v1::Answer last;
  *last.mutable_standalone() = std::move(answer);
  reply.Last(std::move(last));
}

absl::Duration ConfirmWithin(uint32_t seconds) {
  return absl::Seconds(std::min(seconds, kMaxConfirmSeconds));
}

// What a revision is called in a list: what it changed, and what became of it.
std::string SummaryOf(const StandaloneRevision& revision) {
  const std::string& summary = revision.about().summary();
  switch (revision.standing()) {
    case StandaloneRevision::undone:
      return absl::StrCat("UNDONE: ", revision.reason(), " (", summary, ")");
    case StandaloneRevision::trial: return absl::StrCat("ON TRIAL: ", summary);
    default: return summary;
  }
}

}  // namespace

void Standalone::Answer(std::shared_ptr<Reply> reply) {
  if (!reply->caller().local) {
    return reply->Fail(absl::PermissionDeniedError("this is for the host's own administrator"));
  }
  const StandaloneQuestion& question = reply->question().standalone();
  switch (question.what_case()) {
    case StandaloneQuestion::kGet: return Get(question.get(), *reply);
    case StandaloneQuestion::kRevisions: return Revisions(*reply);
    default: break;
  }
  if (!reply->caller().may_act) {
    return reply->Fail(absl::PermissionDeniedError("only root may change this host's policy"));
  }
  switch (question.what_case()) {
    case StandaloneQuestion::kApply: return Apply(question.apply(), *reply);
    case StandaloneQuestion::kConfirm: return Confirm(question.confirm(), *reply);
    case StandaloneQuestion::kUndo: return Undo(question.undo(), *reply);
    default: return reply->Fail(absl::UnimplementedError("this agent does not know the question"));
  }
}

absl::Status Standalone::CheckIdle() const {
  if (!keeper_.UntilConfirmed().has_value()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("revision ", keeper_.RevisionInForce(),
                   " waits to be confirmed: `firebreak --local confirm`, or `confirm --take-back`, "
                   "comes first"));
}

void Standalone::Apply(const v1::StandaloneApply& question, Reply& reply) {
  if (absl::Status status = CheckIdle(); !status.ok() && !question.check_only()) {
    return reply.Fail(status);
  }
  Author author = {.name = DescribeUser(reply.caller().user, reply.caller().process)};
  std::vector<policy::SourceFile> files;
  for (const v1::SourceFile& file : question.files()) {
    files.push_back({Readable(file.name(), kMaxNameBytes), file.text()});
  }
  if (files.empty()) {
    auto read = ReadPolicyFiles(options_.paths);
    if (!read.ok()) return reply.Fail(read.status());
    files = *std::move(read);
    author.digest = DigestFor(files);
  }
  if (files.empty()) {
    return reply.Fail(
        absl::NotFoundError(absl::StrCat(absl::StrJoin(options_.paths, ", "), " holds no policy")));
  }
  author.from = files[0].name;
  if (files.size() > 1) absl::StrAppend(&author.from, " and ", files.size() - 1, " more");
  const policy::Configuration before = InForce();
  const Draft draft = DraftOf(before, files, options_.host, absl::ToUnixSeconds(absl::Now()));
  if (question.check_only()) {
    v1::StandaloneAnswer answer;
    Describe(draft, before, answer);
    return Last(reply, std::move(answer));
  }
  End(draft, before, author, ConfirmWithin(question.confirm_seconds()), reply);
}

void Standalone::Undo(const v1::StandaloneUndo& question, Reply& reply) {
  if (absl::Status status = CheckIdle(); !status.ok()) return reply.Fail(status);
  const StandaloneRevision* to =
      question.to() == 0 ? history_.GoodBefore(NumberInForce()) : history_.Find(question.to());
  if (to == nullptr) {
    return reply.Fail(absl::NotFoundError(
        question.to() == 0
            ? "there is no revision before the one in force; see `firebreak --local revisions`"
            : absl::StrCat("revision ", question.to(),
                           " is not kept; see `firebreak --local revisions`")));
  }
  const Author author = {.name = DescribeUser(reply.caller().user, reply.caller().process),
                         .from = absl::StrCat("revision ", to->about().number()),
                         .digest = ""};
  const policy::Configuration before = InForce();
  End(DraftOf(before, ConfigurationOf(*to), options_.host), before, author,
      ConfirmWithin(question.confirm_seconds()), reply);
}

void Standalone::End(const Draft& draft, const policy::Configuration& before, const Author& author,
                     absl::Duration confirm, Reply& reply) {
  v1::StandaloneAnswer answer;
  Describe(draft, before, answer);
  if (!draft.problems.empty()) return Last(reply, std::move(answer));
  const absl::StatusOr<uint64_t> number = PutInForce(draft, author, confirm);
  LookAtFiles();
  if (!number.ok()) return reply.Fail(number.status());
  answer.set_revision(*number);
  answer.set_changed(
      std::any_of(answer.changes().begin(), answer.changes().end(),
                  [](const v1::Change& change) { return change.kind() != v1::Change::unchanged; }));
  if (const auto left = keeper_.UntilConfirmed(); left.has_value()) {
    answer.set_confirm_seconds(
        static_cast<uint32_t>(absl::ToInt64Seconds(*left + absl::Milliseconds(500))));
  }
  Last(reply, std::move(answer));
}

void Standalone::Confirm(const v1::StandaloneConfirm& question, Reply& reply) {
  const uint64_t on_trial =
      keeper_.UntilConfirmed().has_value() ? keeper_.RevisionInForce() : uint64_t{0};
  const uint64_t number = question.revision() == 0 ? on_trial : question.revision();
  if (number == 0 || number != on_trial) {
    const StandaloneRevision* known = history_.Find(number);
    return reply.Fail(absl::FailedPreconditionError(
        number == 0 ? "no revision waits to be confirmed"
        : known != nullptr && known->standing() == StandaloneRevision::undone
            ? absl::StrCat("revision ", number, " is undone: ", known->reason())
            : absl::StrCat("revision ", number, " does not wait to be confirmed")));
  }
  const std::string who = DescribeUser(reply.caller().user, reply.caller().process);
  LogInfo(absl::StrCat("revision ", number,
                       question.take_back() ? " is taken back" : " is confirmed", " by ", who));
  keeper_.Decide({.revision = number,
                  .keep = !question.take_back(),
                  .reason = absl::StrCat("taken back by ", who)});
  if (!question.take_back()) history_.Settle(number, StandaloneRevision::good, "");
  LookAtFiles();
  v1::StandaloneAnswer answer;
  answer.set_revision(NumberInForce());
  Last(reply, std::move(answer));
}

void Standalone::Get(const v1::StandaloneGet& question, Reply& reply) {
  const uint64_t number = question.revision() == 0 ? NumberInForce() : question.revision();
  v1::StandaloneAnswer answer;
  answer.set_revision(number);
  answer.set_host(options_.host.name);
  for (const auto& [key, value] : options_.host.labels) (*answer.mutable_labels())[key] = value;
  const StandaloneRevision* revision = history_.Find(number);
  if (revision == nullptr && question.revision() != 0) {
    return reply.Fail(absl::NotFoundError(
        absl::StrCat("revision ", number, " is not kept; see `firebreak --local revisions`")));
  }
  if (revision != nullptr) *answer.mutable_resources() = revision->resources();
  Last(reply, std::move(answer));
}

void Standalone::Revisions(Reply& reply) {
  v1::StandaloneAnswer answer;
  answer.set_revision(NumberInForce());
  const auto& items = history_.all().items();
  for (int i = items.size() - 1; i >= 0; --i) {
    v1::Revision& revision = *answer.add_revisions();
    revision = items[i].about();
    revision.set_summary(SummaryOf(items[i]));
  }
  Last(reply, std::move(answer));
}

}  // namespace firebreak::agent
