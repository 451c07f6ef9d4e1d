// SPDX-License-Identifier: Apache-2.0
#include "agent/standalone/standalone.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "agent/revision/history.h"
#include "agent/standalone/policy_files.h"
#include "base/log/log.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"
#include "base/time/timestamp.h"
#include "policy/merge/merge.h"

namespace firebreak::agent {
namespace {

using v1::StandaloneRevision;

std::string NamesOf(const std::vector<policy::SourceFile>& files) {
  constexpr size_t kNamed = 3;
  std::vector<std::string> names;
  for (const policy::SourceFile& file : files) {
    if (names.size() == kNamed) break;
    names.push_back(file.name);
  }
  return absl::StrCat(
      absl::StrJoin(names, ", "),
      files.size() > kNamed ? absl::StrCat(" and ", files.size() - kNamed, " more") : "");
}

}  // namespace

Standalone::Standalone(Options options, const std::string& history_path, EventLoop& loop,
                       RevisionKeeper& keeper)
    : options_(std::move(options)), loop_(loop), keeper_(keeper), history_(history_path) {}

uint64_t Standalone::NumberInForce() const {
  return keeper_.IsStandaloneInForce() ? keeper_.RevisionInForce() : 0;
}

policy::Configuration Standalone::InForce() const {
  const StandaloneRevision* revision = history_.Find(NumberInForce());
  return revision != nullptr ? ConfigurationOf(*revision) : policy::Configuration();
}

std::string Standalone::DigestFor(const std::vector<policy::SourceFile>& files) const {
  std::string all = DigestOf(files);
  absl::StrAppend(&all, options_.host.name);
  for (const auto& [key, value] : options_.host.labels) {
    absl::StrAppend(&all, "\n", key.size(), ":", key, value);
  }
  return Sha256(all);
}

bool Standalone::IsInForce(const Draft& draft) const {
  const auto receipt = keeper_.receipt();
  return receipt.has_value() && receipt->revision() == NumberInForce() &&
         history_.Find(NumberInForce()) != nullptr &&
         receipt->policy_digest() == Sha256(policy::Serialize(draft.policy)) &&
         draft.changes.empty();
}

absl::Status Standalone::Start() {
  // An agent that ends during a trial takes the trial with it.
  std::vector<uint64_t> trials;
  for (const StandaloneRevision& one : history_.all().items()) {
    if (one.standing() == StandaloneRevision::trial) trials.push_back(one.about().number());
  }
  for (const uint64_t number : trials) {
    const bool good = number == NumberInForce();
    history_.Settle(number, good ? StandaloneRevision::good : StandaloneRevision::undone,
                    good ? "" : "the agent ended before it was confirmed");
  }
  watch_ = std::make_unique<PolicyWatch>(options_.paths, loop_, [this] { LookAtFiles(); });

  const auto files = ReadPolicyFiles(options_.paths);
  absl::Status status = files.status();
  const bool taken = files.ok() && DigestFor(*files) == history_.all().files_digest();
  if (files.ok() && (!taken || !keeper_.IsStandaloneInForce())) {
    status = TakeFiles();
  }
  LookAtFiles();
  if (status.ok() || keeper_.RevisionInForce() != 0) return absl::OkStatus();
  return absl::Status(status.code(),
                      absl::StrCat("no policy is in force on this host: ", status.message()));
}

void Standalone::Reload() {
  absl::Status status = CheckIdle();
  if (status.ok()) status = TakeFiles();
  if (!status.ok()) {
    LogError(absl::StrCat("the policy's files are not put in force: ", status.message()));
  }
  LookAtFiles();
}

absl::Status Standalone::TakeFiles() {
  ASSIGN_OR_RETURN(const auto files, ReadPolicyFiles(options_.paths));
  if (files.empty()) {
    LogWarning(absl::StrCat(absl::StrJoin(options_.paths, ", "),
                            " holds no policy: see `firebreak --local apply --help`"));
    return absl::OkStatus();
  }
  const policy::Configuration before = InForce();
  // What has expired since the files were written keeps no host from starting.
  const Draft draft = DraftOf(before, files, options_.host, /*now=*/0);
  for (const policy::Problem& warning : draft.warnings) LogWarning(FirstProblem({warning}));
  if (!draft.problems.empty()) {
    return absl::InvalidArgumentError(FirstProblem(draft.problems));
  }
  return PutInForce(
             draft,
             {.name = "the agent's files", .from = NamesOf(files), .digest = DigestFor(files)},
             absl::ZeroDuration())
      .status();
}

// Says whether the files are what is in force, each time that this changes.
void Standalone::LookAtFiles() {
  std::string problem;
  const auto files = ReadPolicyFiles(options_.paths);
  if (!files.ok()) {
    problem = std::string(files.status().message());
  } else {
    const StandaloneRevision* revision = history_.Find(NumberInForce());
    const std::string digest = DigestFor(*files);
    if (digest != history_.all().files_digest()) {
      const Draft draft = DraftOf({}, *files, options_.host, absl::ToUnixSeconds(absl::Now()));
      problem = draft.problems.empty()
                    ? "they have changed and are not in force yet; `firebreak --local apply` puts "
                      "them in force"
                    : FirstProblem(draft.problems);
    } else if (revision != nullptr && revision->about().digest() != digest) {
      problem =
          absl::StrCat("revision ", NumberInForce(), ", which is in force, was not made from them");
    }
  }
  if (problem == std::exchange(files_problem_, problem)) return;
  if (problem.empty()) return LogInfo("the policy's files are in force");
  LogWarning(absl::StrCat(
      "the policy's files: ", problem,
      NumberInForce() == 0 ? "" : absl::StrCat("; revision ", NumberInForce(), " stays in force")));
}

absl::StatusOr<uint64_t> Standalone::PutInForce(const Draft& draft, const Author& author,
                                                absl::Duration confirm) {
  if (IsInForce(draft)) {
    if (!author.digest.empty()) history_.SetFiles(author.digest, NumberInForce());
    return NumberInForce();
  }
  v1::Revision about;
  *about.mutable_at() = ToTimestamp(absl::Now());
  about.set_author(author.name);
  about.set_address(author.from);
  about.set_summary(SummaryOf(draft.changes));
  about.set_digest(author.digest);
  ASSIGN_OR_RETURN(const uint64_t number,
                   history_.Add(std::move(about), draft.configuration, keeper_.RevisionInForce()));
  v1::Push push;
  push.set_revision(number);
  push.set_policy(policy::Serialize(draft.policy));
  push.set_policy_digest(Sha256(push.policy()));
  push.mutable_history()->set_fleet(kStandalone);
  using lifecycle::Proof;
  const bool asks = confirm > absl::ZeroDuration();
  keeper_.TakeOwn(std::move(push), {.by = asks ? Proof::By::kPerson : Proof::By::kNobody,
                                    .time = absl::ToChronoNanoseconds(confirm)});
  if (NumberInForce() != number) {
    const auto& refusal = keeper_.refusal();
    const std::string reason =
        refusal.has_value() && refusal->revision() == number
            ? absl::StrCat(refusal->reason(), refusal->resource().empty() ? "" : ": ",
                           refusal->resource())
            : "it could not be put in force";
    history_.Settle(number, StandaloneRevision::undone, reason);
    return absl::AbortedError(reason);
  }
  if (!author.digest.empty()) history_.SetFiles(author.digest, number);
  if (!keeper_.UntilConfirmed().has_value()) {
    history_.Settle(number, StandaloneRevision::good, "");
  }
  LogInfo(absl::StrCat("revision ", number, " by ", author.name, " from ", author.from, ": ",
                       SummaryOf(draft.changes)));
  return number;
}

void Standalone::Applied(const v1::Receipt& receipt) {
  if (receipt.history().fleet() != kStandalone) return;
  history_.Settle(receipt.revision(), StandaloneRevision::good, "");
}

void Standalone::Refused(const v1::Refusal& refusal) {
  history_.Settle(refusal.revision(), StandaloneRevision::undone, refusal.reason());
  LookAtFiles();
}

v1::StandaloneState Standalone::State() const {
  v1::StandaloneState state;
  for (const std::string& path : options_.paths) state.add_paths(path);
  state.set_files_problem(files_problem_);
  if (const auto left = keeper_.UntilConfirmed(); left.has_value()) {
    state.set_on_trial(keeper_.RevisionInForce());
    *state.mutable_confirm_until() = ToTimestamp(absl::Now() + *left);
  }
  return state;
}

}  // namespace firebreak::agent
