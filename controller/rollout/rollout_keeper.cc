// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/rollout_keeper.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "base/time/timestamp.h"
#include "controller/rollout/rollout_record.h"
#include "controller/rollout/rollout_report.h"
#include "controller/store/audit.h"
#include "controller/store/rollouts.h"
#include "policy/rollout/windows.h"

namespace firebreak::controller {
namespace {

using policy::HostProgress;
using State = policy::Rollout::State;

constexpr char kOwnActor[] = "controller";

std::shared_ptr<const Stages::Line> LineOf(const policy::Rollout& rollout) {
  auto line = std::make_shared<Stages::Line>();
  line->reserve(rollout.line.size());
  for (size_t i = 0; i < rollout.line.size(); ++i) line->emplace(rollout.line[i], i);
  return line;
}

// Returns a text such as "wave 2 of 4: 12 of 120 hosts".
std::string Where(const policy::Rollout& rollout) {
  return absl::StrCat("wave ", std::min(policy::WaveOf(rollout) + 1, rollout.wave_ends.size()),
                      " of ", rollout.wave_ends.size(), ": ", rollout.reached, " of ",
                      rollout.line.size(), " hosts");
}

// Returns the audit trail's text for a step; empty if the step is not worth a row.
std::string Describe(const policy::Rollout& before, const policy::Rollout& after) {
  const bool other_state = before.state != after.state;
  const bool next_wave = before.reached == 0 || policy::WaveOf(before) != policy::WaveOf(after);
  if (!other_state && !next_wave) return "";
  std::string text = absl::StrCat(policy::StateText(after.state), ", ", Where(after));
  if (!after.reason.empty()) absl::StrAppend(&text, "; ", after.reason);
  return text;
}

bool IsUnderWay(const policy::Rollout& rollout) {
  return rollout.to != 0 && !policy::HasEnded(rollout);
}

}  // namespace

absl::Status RolloutKeeper::Load(
    TakeBack take_back,
    const std::function<absl::StatusOr<std::shared_ptr<PublishedRevision>>(uint64_t)>& load) {
  take_back_ = std::move(take_back);
  std::optional<v1::StagedRollout> latest;
  RETURN_IF_ERROR(
      database_.Transact("load the newest rollout", [&](Connection& connection) -> absl::Status {
        ASSIGN_OR_RETURN(latest, LatestRollout(connection));
        return absl::OkStatus();
      }));
  if (!latest.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(policy::Rollout rollout, ReadRollout(*latest));
  {
    absl::MutexLock lock(&mutex_);
    record_ = *std::move(latest);
    rollout_ = std::move(rollout);
    // If there is a newer revision, the undo has happened already and is only missing in the
    // record.
    if (!IsUnderWay(rollout_) || fleet_.current()->number() > rollout_.to) return absl::OkStatus();
    loaded_at_ = clock_;
    ASSIGN_OR_RETURN(before_, load(rollout_.from));
    line_ = LineOf(rollout_);
    auto kept = std::make_shared<Stages::Kept>();
    for (const v1::RevisionHosts& keeps : record_.keeps()) {
      ASSIGN_OR_RETURN(const std::shared_ptr<PublishedRevision> revision, load(keeps.revision()));
      for (const std::string& host : keeps.hosts()) kept->emplace(host, revision);
    }
    if (!kept->empty()) kept_ = std::move(kept);
    gates_.Begin(record_, before_, fleet_.current());
    LogInfo("the rollout of revision ", rollout_.to,
            " continues: ", policy::StateText(rollout_.state), ", ", Where(rollout_));
  }
  TellFleet();
  return absl::OkStatus();
}

absl::Status RolloutKeeper::MayChange(const Choice& choice) const {
  absl::MutexLock lock(&mutex_);
  if (!IsUnderWay(rollout_)) return absl::OkStatus();
  if (choice.supersede && rollout_.state != State::kUndoing) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "revision ", rollout_.to, " is being rolled out (", policy::StateText(rollout_.state), ", ",
      Where(rollout_),
      "); see `firebreak rollout status`. Wait for the rollout, end it with `firebreak rollout "
      "undo` or `firebreak rollout promote`, or replace it with --supersede"));
}

absl::StatusOr<RolloutKeeper::Planned> RolloutKeeper::Plan(
    const std::shared_ptr<PublishedRevision>& before,
    const std::shared_ptr<PublishedRevision>& after, const Choice& choice, const Actor& actor) {
  absl::MutexLock lock(&mutex_);
  Planned planned;
  const bool supersedes = IsUnderWay(rollout_) && choice.supersede;
  if (supersedes) {
    planned.superseded = record_;
    planned.superseded->set_state(v1::StagedRollout::superseded);
    planned.superseded->set_reason(
        absl::StrCat("superseded by revision ", after->number(), " of ", actor.name));
    *planned.superseded->mutable_ended_at() = ToTimestamp(absl::Now());
  }
  const std::shared_ptr<const Stages> stages = supersedes ? StagesNow() : nullptr;
  ASSIGN_OR_RETURN(const std::optional<RolloutDraft> draft,
                   DraftRollout(*before, *after, registry_, choice, stages.get()));
  held_still_ = supersedes;
  if (!draft.has_value()) return planned;
  v1::StagedRollout& record = planned.rollout.emplace();
  record.set_from(supersedes ? rollout_.from : before->number());
  record.set_revision(after->number());
  record.set_author(actor.name);
  *record.mutable_began_at() = ToTimestamp(absl::Now());
  *record.mutable_strategy() = draft->strategy;
  for (const auto& [revision, of_hosts] : draft->keeps) *record.add_keeps() = of_hosts;
  WriteProgress(NewRollout(draft->strategy, draft->waves, record.from(), after->number()), record);
  return planned;
}

absl::Status RolloutKeeper::Foresee(PublishedRevision& before, PublishedRevision& after,
                                    const Choice& choice, v1::Plan& plan) const {
  if (const absl::Status may = MayChange(choice); !may.ok()) {
    plan.add_warnings(absl::StrCat("it would be refused now: ", may.message()));
  }
  absl::MutexLock lock(&mutex_);
  const bool supersedes = IsUnderWay(rollout_) && choice.supersede;
  const std::shared_ptr<const Stages> stages = supersedes ? StagesNow() : nullptr;
  ASSIGN_OR_RETURN(const std::optional<RolloutDraft> draft,
                   DraftRollout(before, after, registry_, choice, stages.get()));
  if (!draft.has_value()) return absl::OkStatus();
  plan.set_strategy(draft->strategy.name());
  size_t place = 0;
  for (const size_t end : draft->waves.ends) {
    v1::PlannedWave& wave = *plan.add_waves();
    for (; place < end; ++place) wave.add_hosts(draft->waves.line[place]);
  }
  return absl::OkStatus();
}

void RolloutKeeper::Abandon() {
  absl::MutexLock lock(&mutex_);
  held_still_ = false;
}

std::shared_ptr<const Stages> RolloutKeeper::StagesNow() const {
  return std::make_shared<Stages>(
      Stages{.before = before_, .line = line_, .reached = rollout_.reached, .kept = kept_});
}

std::shared_ptr<const Stages> RolloutKeeper::Begin(const Planned& planned,
                                                   std::shared_ptr<PublishedRevision> before,
                                                   std::shared_ptr<PublishedRevision> after) {
  absl::MutexLock lock(&mutex_);
  held_still_ = false;
  if (planned.superseded.has_value()) {
    record_ = *planned.superseded;
    rollout_.state = State::kSuperseded;
    gates_.End();
    LogInfo("the rollout of revision ", rollout_.to, " is ", record_.reason());
  }
  if (!planned.rollout.has_value()) return nullptr;
  if (planned.superseded.has_value()) {
    auto kept = std::make_shared<Stages::Kept>();
    for (const v1::RevisionHosts& keeps : planned.rollout->keeps()) {
      for (const std::string& host : keeps.hosts()) {
        const bool newest = keeps.revision() == before->number();
        const auto older = kept_ == nullptr ? Stages::Kept::const_iterator() : kept_->find(host);
        if (newest) {
          kept->emplace(host, before);
        } else if (kept_ != nullptr && older != kept_->end()) {
          kept->emplace(host, older->second);
        }
      }
    }
    kept_ = kept->empty() ? nullptr : std::move(kept);
  } else {
    before_ = std::move(before);
    kept_ = nullptr;
  }
  record_ = *planned.rollout;
  rollout_ = *ReadRollout(record_);
  line_ = LineOf(rollout_);
  seen_.clear();
  waiting_for_.clear();
  gates_.Begin(record_, before_, std::move(after));
  LogInfo("the rollout of revision ", rollout_.to, " begins: ", rollout_.line.size(), " hosts in ",
          rollout_.wave_ends.size(), " waves");
  return StagesNow();
}

policy::HostObservation RolloutKeeper::Observe(const std::string& host, bool connected,
                                               PublishedRevision& after) {
  Seen& seen = seen_[host];
  const auto stored = registry_.Find(host);
  HostProgress progress = HostProgress::kAbsent;
  std::string detail;
  if (stored.has_value()) {
    const HostReport& report = stored->report;
    const auto wanted = after.For(host, stored->record.labels);
    const bool has_it = wanted.ok() && report.receipt.policy_digest() == (*wanted)->policy_digest;
    // Connections in an earlier run of the controller are known only from when the host was last
    // seen.
    seen.connected =
        seen.connected || connected || report.last_seen > FromTimestamp(record_.began_at());
    if (report.refusal.revision() == rollout_.to) {
      progress = HostProgress::kRefused;
      detail = absl::StrCat(
          report.refusal.kind() == v1::Refusal::undone ? "has undone it: " : "refuses it: ",
          report.refusal.reason(), report.refusal.resource().empty() ? "" : " at ",
          report.refusal.resource());
    } else if (connected) {
      // Compares the policy and not the revision, because a host that already has the policy is
      // told the new number only later.
      progress = has_it ? HostProgress::kApplied : HostProgress::kWaiting;
    } else {
      // After a start, hosts need time to reconnect, and nobody knows yet which ones will not.
      const bool may_come = clock_ - loaded_at_ <= rollout_.rules.silence;
      progress = seen.connected || may_come ? HostProgress::kSilent : HostProgress::kAbsent;
    }
  }
  if (seen.progress != progress) {
    seen.progress = progress;
    seen.since = clock_;
  }
  return {.progress = progress, .since = clock_ - seen.since, .detail = std::move(detail)};
}

absl::Status RolloutKeeper::Follow(policy::Rollout next, const Actor& actor) {
  v1::StagedRollout record = record_;
  WriteProgress(next, record);
  gates_.Write(next, record);
  if (policy::HasEnded(next)) *record.mutable_ended_at() = ToTimestamp(absl::Now());
  const std::string step = Describe(rollout_, next);
  RETURN_IF_ERROR(database_.Transact(absl::StrCat("store the rollout of revision ", next.to),
                                     [&](Connection& connection) -> absl::Status {
                                       RETURN_IF_ERROR(PutRollout(connection, record));
                                       if (step.empty()) return absl::OkStatus();
                                       return AppendAudit(
                                           connection, absl::Now(),
                                           {.actor = actor.name,
                                            .peer = actor.peer,
                                            .action = "roll out",
                                            .object = absl::StrCat("revision ", next.to),
                                            .result = "done",
                                            .detail = step});
                                     }));
  if (!step.empty()) LogInfo("the rollout of revision ", next.to, ": ", step);
  record_ = std::move(record);
  rollout_ = std::move(next);
  if (policy::HasEnded(rollout_)) {
    gates_.End();
    waiting_for_.clear();
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::StagedRollout> RolloutKeeper::Command(policy::RolloutCommand command,
                                                         const Actor& actor) {
  {
    absl::MutexLock lock(&mutex_);
    if (rollout_.to == 0) return absl::NotFoundError("no change has gone out in waves yet");
    policy::CommandResult result = policy::Command(rollout_, command, actor.name);
    if (!result.error.empty()) return absl::FailedPreconditionError(result.error);
    RETURN_IF_ERROR(Follow(std::move(result.rollout), actor));
    if (command == policy::RolloutCommand::kResume) gates_.Retry();
  }
  TellFleet();
  FinishUndo();
  return *Report();
}

bool RolloutKeeper::Step(policy::Rollout next) {
  // The time that the gates have held is not stored each second: after a restart they must hold
  // again.
  rollout_.held = next.held;
  if (next == rollout_) return false;
  const absl::Status status = Follow(std::move(next), {.name = kOwnActor, .peer = ""});
  if (!status.ok() && !std::exchange(storing_fails_, true)) LogError(status.message());
  if (status.ok()) storing_fails_ = false;
  return status.ok();
}

std::vector<policy::HostObservation> RolloutKeeper::ObserveAll(PublishedRevision& after) {
  std::vector<policy::HostObservation> observations;
  observations.reserve(rollout_.reached);
  const size_t wave = policy::WaveOf(rollout_);
  const size_t begin = wave == 0 ? 0 : rollout_.wave_ends[wave - 1];
  for (size_t i = 0; i < rollout_.reached; ++i) {
    const std::string& host = rollout_.line[i];
    observations.push_back(Observe(host, fleet_.Find(host) != nullptr, after));
    if (i >= begin) gates_.Look(host, observations.back());
  }
  return observations;
}

policy::RoadAhead RolloutKeeper::LookAhead(
    const std::vector<policy::HostObservation>& observations) {
  policy::RoadAhead ahead;
  ahead.window_open = policy::IsWindowOpen(record_.strategy(), absl::Now());
  const bool at_end = rollout_.reached == rollout_.line.size();
  const bool begins = rollout_.reached == 0 ||
                      (rollout_.state == State::kSoaking && rollout_.held >= rollout_.rules.soak);
  waiting_for_.clear();
  for (size_t i = 0; i < observations.size(); ++i) {
    if (observations[i].gates != policy::HostGates::kNoData) continue;
    waiting_for_ = absl::StrCat("host ", rollout_.line[i], ": ", observations[i].gates_detail);
  }
  if (at_end) return ahead;
  if (begins && !ahead.window_open) {
    waiting_for_ = "no window of the strategy is open now";
  } else if (begins || rollout_.state == State::kRunning) {
    const bool window_open = ahead.window_open;
    ahead = gates_.Ahead(rollout_);
    ahead.window_open = window_open;
    if (ahead.open <= rollout_.reached) waiting_for_ = ahead.waits_for;
  } else if (gates_.IsNeeded()) {
    // Hosts are measured when their wave's turn comes; none may be reached before.
    ahead.open = rollout_.reached;
  }
  return ahead;
}

void RolloutKeeper::Tick(absl::Duration elapsed) {
  bool moved = false;
  {
    absl::MutexLock lock(&mutex_);
    clock_ += elapsed;
    if (!IsUnderWay(rollout_) || held_still_) return;
    const std::shared_ptr<PublishedRevision> after = fleet_.current();
    if (after->number() == rollout_.to) {
      gates_.Tick(clock_, rollout_);
      const std::vector<policy::HostObservation> observations = ObserveAll(*after);
      const policy::RoadAhead ahead = LookAhead(observations);
      moved = Step(policy::Advance(rollout_, observations, elapsed, ahead));
    }
  }
  if (moved) TellFleet();
  FinishUndo();
}

void RolloutKeeper::TellFleet() {
  absl::MutexLock telling(&telling_mutex_);
  std::shared_ptr<const Stages> stages;
  uint64_t revision = 0;
  {
    absl::MutexLock lock(&mutex_);
    revision = rollout_.to;
    if (IsUnderWay(rollout_)) {
      stages = StagesNow();
    }
  }
  // The fleet ignores this if there is a newer revision, which is for all hosts.
  fleet_.SetStages(revision, std::move(stages));
}

// Must be called without the mutex, because making the new revision calls MayChange.
void RolloutKeeper::FinishUndo() {
  uint64_t to = 0;
  std::string why;
  {
    absl::MutexLock lock(&mutex_);
    if (rollout_.state != State::kUndoing) return;
    to = rollout_.from;
    why = absl::StrCat("the rollout of revision ", rollout_.to, ": ", rollout_.reason);
  }
  if (absl::Status status = take_back_(to, why); !status.ok()) {
    LogError("undo ", why, ": ", status.message(), "; trying again");
    return;
  }
  absl::MutexLock lock(&mutex_);
  absl::Status status = Follow(policy::FinishUndo(rollout_), {.name = kOwnActor, .peer = ""});
  if (!status.ok()) LogError(status.message());
}

std::optional<v1::StagedRollout> RolloutKeeper::Report() const {
  absl::MutexLock lock(&mutex_);
  if (rollout_.to == 0) return std::nullopt;
  v1::StagedRollout report = ReportOf(record_, [this](const std::string& host) {
    mutex_.AssertHeld();
    const auto seen = seen_.find(host);
    return seen == seen_.end() ? HostProgress::kAbsent : seen->second.progress;
  });
  report.mutable_held()->set_seconds(absl::ToInt64Seconds(rollout_.held));
  report.set_waiting_for(waiting_for_);
  return report;
}

absl::StatusOr<std::vector<v1::StagedRollout>> RolloutKeeper::History(int64_t limit) const {
  std::vector<v1::StagedRollout> rollouts;
  RETURN_IF_ERROR(
      database_.Transact("list the rollouts", [&](Connection& connection) -> absl::Status {
        ASSIGN_OR_RETURN(rollouts, ListRollouts(connection, limit));
        return absl::OkStatus();
      }));
  for (v1::StagedRollout& rollout : rollouts) rollout = PastReportOf(rollout);
  return rollouts;
}

}  // namespace firebreak::controller
