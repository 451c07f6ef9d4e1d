#include "controller/rollout/rollout_keeper.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "base/time/timestamp.h"
#include "controller/rollout/rollout_record.h"
#include "controller/store/audit.h"
#include "controller/store/rollouts.h"
#include "policy/rollout/waves.h"

namespace firebreak::controller {
namespace {

using policy::HostProgress;
using State = policy::Rollout::State;

constexpr char kDefaultStrategy[] = "default";
constexpr char kOwnActor[] = "controller";
constexpr int kNamed = 20;  // hosts of a wave

std::shared_ptr<const Stages::Line> LineOf(const policy::Rollout& rollout) {
  auto line = std::make_shared<Stages::Line>();
  line->reserve(rollout.line.size());
  for (size_t i = 0; i < rollout.line.size(); ++i) line->emplace(rollout.line[i], i);
  return line;
}

// "wave 2 of 4: 12 of 120 hosts".
std::string Where(const policy::Rollout& rollout) {
  return absl::StrCat("wave ", std::min(policy::WaveOf(rollout) + 1, rollout.wave_ends.size()),
                      " of ", rollout.wave_ends.size(), ": ", rollout.reached, " of ",
                      rollout.line.size(), " hosts");
}

// What the trail says of a step; empty: it is none that somebody would look for.
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
    // A newer revision: everybody has been given back what he had, and only the record does not say
    // so yet.
    if (!IsUnderWay(rollout_) || fleet_.current()->number() > rollout_.to) return absl::OkStatus();
    ASSIGN_OR_RETURN(before_, load(rollout_.from));
    line_ = LineOf(rollout_);
    LogInfo("the rollout of revision ", rollout_.to,
            " goes on: ", policy::StateText(rollout_.state), ", ", Where(rollout_));
  }
  TellFleet();
  return absl::OkStatus();
}

absl::Status RolloutKeeper::MayChange() const {
  absl::MutexLock lock(&mutex_);
  if (!IsUnderWay(rollout_)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("revision ", rollout_.to, " is on its way (", policy::StateText(rollout_.state),
                   ", ", Where(rollout_),
                   "); see `firebreak rollout status`, and wait for it, or end it with "
                   "`firebreak rollout undo` or `firebreak rollout promote`"));
}

absl::StatusOr<std::optional<v1::StagedRollout>> RolloutKeeper::Plan(PublishedRevision& before,
                                                                     PublishedRevision& after,
                                                                     const Choice& choice,
                                                                     const Actor& actor) const {
  if (choice.all_at_once) return std::nullopt;
  // The change may bring the strategy by which it goes out.
  const v1::RolloutStrategy* named = after.configuration().FindRolloutStrategy(
      choice.strategy.empty() ? kDefaultStrategy : choice.strategy);
  if (named == nullptr && !choice.strategy.empty()) {
    return absl::NotFoundError(absl::StrCat("there is no rollout strategy \"", choice.strategy,
                                            "\"; see `firebreak get RolloutStrategy`"));
  }
  std::vector<policy::RolloutHost> hosts;
  for (const HostRecord& host : registry_.Records()) {
    ASSIGN_OR_RETURN(const auto has, before.For(host.name, host.labels));
    ASSIGN_OR_RETURN(const auto gets, after.For(host.name, host.labels));
    if (has->policy_digest != gets->policy_digest) hosts.push_back({host.name, host.labels});
  }
  if (hosts.empty() || (named == nullptr && hosts.size() <= policy::kHostsWithoutWaves)) {
    return std::nullopt;
  }
  const v1::RolloutStrategy strategy = named != nullptr ? *named : policy::DefaultStrategy();
  v1::StagedRollout record;
  record.set_from(before.number());
  record.set_revision(after.number());
  record.set_author(actor.name);
  *record.mutable_began_at() = ToTimestamp(absl::Now());
  *record.mutable_strategy() = strategy;
  WriteProgress(NewRollout(strategy, policy::AssignWaves(strategy, after.selector(), hosts),
                           before.number(), after.number()),
                record);
  return record;
}

std::shared_ptr<const Stages> RolloutKeeper::Begin(const v1::StagedRollout& rollout,
                                                   std::shared_ptr<PublishedRevision> before) {
  absl::MutexLock lock(&mutex_);
  record_ = rollout;
  rollout_ = *ReadRollout(rollout);
  before_ = std::move(before);
  line_ = LineOf(rollout_);
  seen_.clear();
  LogInfo("the rollout of revision ", rollout_.to, " begins: ", rollout_.line.size(), " hosts in ",
          rollout_.wave_ends.size(), " waves");
  return std::make_shared<Stages>(Stages{before_, line_, rollout_.reached});
}

policy::HostObservation RolloutKeeper::Observe(const std::string& host, bool connected,
                                               PublishedRevision& after) {
  Seen& seen = seen_[host];
  const auto stored = registry_.Find(host);
  HostProgress progress = HostProgress::kAbsent;
  std::string detail;
  if (stored.has_value()) {
    const HostReport& report = stored->report;
    // What a run before has seen is known only by when the host was last seen.
    seen.connected =
        seen.connected || connected || report.last_seen > FromTimestamp(record_.began_at());
    if (report.refusal.revision() == rollout_.to) {
      progress = HostProgress::kRefused;
      detail = absl::StrCat(
          report.refusal.kind() == v1::Refusal::undone ? "has undone it: " : "refuses it: ",
          report.refusal.reason(), report.refusal.resource().empty() ? "" : " at ",
          report.refusal.resource());
    } else if (connected) {
      // By the policy: a host that has it already gets the mere number when there is time.
      const auto wanted = after.For(host, stored->record.labels);
      const bool applied =
          wanted.ok() && report.receipt.policy_digest() == (*wanted)->policy_digest;
      progress = applied ? HostProgress::kApplied : HostProgress::kWaiting;
    } else {
      progress = seen.connected ? HostProgress::kSilent : HostProgress::kAbsent;
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
  }
  TellFleet();
  FinishUndo();
  return *Report();
}

bool RolloutKeeper::Step(policy::Rollout next) {
  // How long gates have held is not worth a write each second: after a restart they hold anew.
  rollout_.held = next.held;
  if (next == rollout_) return false;
  const absl::Status status = Follow(std::move(next), {.name = kOwnActor, .peer = ""});
  if (!status.ok() && !std::exchange(storing_fails_, true)) LogError(status.message());
  if (status.ok()) storing_fails_ = false;
  return status.ok();
}

void RolloutKeeper::Tick(absl::Duration elapsed) {
  bool moved = false;
  {
    absl::MutexLock lock(&mutex_);
    clock_ += elapsed;
    if (!IsUnderWay(rollout_)) return;
    const std::shared_ptr<PublishedRevision> after = fleet_.current();
    if (after->number() == rollout_.to) {
      std::vector<policy::HostObservation> observations;
      observations.reserve(rollout_.reached);
      for (size_t i = 0; i < rollout_.reached; ++i) {
        const std::string& host = rollout_.line[i];
        observations.push_back(Observe(host, fleet_.Find(host) != nullptr, *after));
      }
      moved = Step(policy::Advance(rollout_, observations, elapsed));
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
      stages = std::make_shared<Stages>(Stages{before_, line_, rollout_.reached});
    }
  }
  // Ignored once there is a newer revision, which is for all.
  fleet_.SetStages(revision, std::move(stages));
}

// Without the lock: the new revision is made by whoever asks this object whether it may be.
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
  v1::StagedRollout report = record_;
  report.mutable_held()->set_seconds(absl::ToInt64Seconds(rollout_.held));
  const std::set<std::string> failed(rollout_.failed.begin(), rollout_.failed.end());
  size_t i = 0;
  for (const size_t end : rollout_.wave_ends) {
    v1::StagedWave& wave = *report.add_waves();
    wave.set_hosts(end - i);
    for (; i < end; ++i) {
      const std::string& host = rollout_.line[i];
      if (wave.names_size() < kNamed) wave.add_names(host);
      if (i >= rollout_.reached) continue;
      wave.set_reached(wave.reached() + 1);
      const auto seen = seen_.find(host);
      const HostProgress progress =
          seen == seen_.end() ? HostProgress::kAbsent : seen->second.progress;
      if (failed.contains(host)) {
        wave.set_failed(wave.failed() + 1);
      } else if (progress == HostProgress::kApplied) {
        wave.set_applied(wave.applied() + 1);
      } else if (progress == HostProgress::kWaiting) {
        wave.set_waiting(wave.waiting() + 1);
      } else {
        wave.set_offline(wave.offline() + 1);
      }
    }
  }
  // The lines can be long, and the waves say it.
  report.clear_line();
  return report;
}

}  // namespace firebreak::controller
