#include "agent/agent.h"

#include <linux/netlink.h>
#include <sys/utsname.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "agent/answer/flows.h"
#include "agent/answer/interfaces.h"
#include "agent/answer/logs.h"
#include "agent/answer/mappings.h"
#include "agent/answer/rules.h"
#include "agent/answer/settings.h"
#include "agent/answer/sockets.h"
#include "agent/answer/trace.h"
#include "agent/kernel/counters/counters.h"
#include "agent/location/location_tester.h"
#include "agent/location/network_facts.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "base/time/timestamp.h"
#include "proto/endpoint/version.h"

namespace firebreak::agent {
namespace {

constexpr std::chrono::minutes kRulesCheck(15);
constexpr absl::Duration kRenewalTimeout = absl::Seconds(30);
constexpr absl::Duration kRenewalRetry = absl::Minutes(1);
// The certificate's time goes on while the host sleeps or its clock is set; timers stand still.
constexpr absl::Duration kRenewalCheck = absl::Hours(1);
// A host with many tunnels or containers must not make every message large.
constexpr size_t kMaxFactInterfaces = 1000;

}  // namespace

Agent::Agent(Options options, StateDirectory& state, EventLoop& loop,
             std::optional<Identity> identity)
    : options_(std::move(options)),
      state_(state),
      loop_(loop),
      events_(state.EventsPath(), loop,
              [this](const v1::HostEvent& event) {
                v1::AgentMessage message;
                *message.mutable_event() = event;
                if (session_ != nullptr) session_->Send(std::move(message));
              }),
      flow_reaper_(loop),
      identity_(std::move(identity)),
      answerers_(loop),
      background_answers_(loop) {}

Agent::~Agent() {
  if (links_.has_value()) loop_.Unwatch(links_->descriptor());
}

absl::Status Agent::Protect() {
  ASSIGN_OR_RETURN(Nftables nftables, Nftables::Open());
  ASSIGN_OR_RETURN(NetlinkSocket questions, NetlinkSocket::Open(NETLINK_NETFILTER));
  ASSIGN_OR_RETURN(Links links, Links::Open());
  links_ = std::move(links);
  // Before the rules are read for the first time, so that no change is missed in between.
  ASSIGN_OR_RETURN(RulesetEvents ruleset_events, RulesetEvents::Open());
  ruleset_events_ = std::move(ruleset_events);
  absl::StatusOr<std::vector<Link>> present = links_->Read();
  if (!present.ok()) {
    // Interfaces that do not hold still are no reason to be without rules; their changes are heard.
    LogError(present.status().message());
    present = std::vector<Link>();
  }
  last_links_ = *present;

  recording_ = std::make_unique<Recording>(
      loop_, state_.path() + "/log",
      Recording::Outside{
          .send =
              [this](v1::AgentMessage message) {
                if (session_ != nullptr) session_->Send(std::move(message));
              },
          .location_of = [this](const std::string& name) { return locator_->At(name); },
      });
  keeper_ = std::make_unique<RevisionKeeper>(
      state_, loop_,
      Enforcer(std::move(nftables), &*ruleset_events_, KernelSettings(state_.path() + "/settings")),
      options_.reach_timeout,
      RevisionKeeper::Outside{
          .applied =
              [this](const v1::Receipt& receipt) {
                v1::AgentMessage message;
                *message.mutable_receipt() = receipt;
                if (session_ != nullptr) session_->Send(std::move(message));
              },
          .refused =
              [this](const v1::Refusal& refusal) {
                ++(refusal.kind() == v1::Refusal::undone ? undone_ : refused_);
                v1::AgentMessage message;
                *message.mutable_refusal() = refusal;
                if (session_ != nullptr) session_->Send(std::move(message));
              },
          .reach =
              [this](uint64_t revision, absl::Duration timeout,
                     std::function<void(absl::Status)> done) {
                Reach(revision, timeout, std::move(done));
              },
          .enforced =
              [this](const v1::EffectivePolicy& policy) {
                locator_->SetPolicy(policy);
                recording_->SetPolicy(policy);
              },
          .locate = [this](v1::InterfaceState& state) { locator_->Describe(state); },
          .switch_ended = [this](const v1::LocalSwitch& ended,
                                 const std::string& why) { OnSwitchEnded(ended, why); }});
  switcher_ = std::make_unique<Switcher>(loop_, *keeper_, events_);
  MakeLocator();
  loop_.Watch(links_->descriptor(), [this] { OnLinks(); });
  conflict_watch_ =
      std::make_unique<ConflictWatch>(loop_, std::move(questions), [this] { SendFacts(); });
  drift_guard_ = std::make_unique<DriftGuard>(
      loop_, *ruleset_events_, keeper_->NetlinkPort(),
      DriftGuard::Outside{.undo = [this] { return keeper_->UndoForeignChanges(); },
                          .changed = [this] { SendFacts(); },
                          .others_changed = [this] { conflict_watch_->OthersChanged(); }});
  loop_.RunAfter(kRulesCheck, [this] { CheckRules(); });
  absl::Status started = keeper_->Start(*std::move(present));
  locator_->SetLinks(*last_links_);
  recording_->SetLinks(*last_links_);
  return started;
}

void Agent::MakeLocator() {
  locator_ = std::make_unique<Locator>(
      loop_, Locator::Outside{
                 .put =
                     [this](const std::string& location, uint32_t interface_index,
                            std::chrono::milliseconds lease) {
                       return keeper_->PutLease(location, interface_index, lease);
                     },
                 .remove =
                     [this](const std::string& location, uint32_t interface_index) {
                       return keeper_->EndLease(location, interface_index);
                     },
                 .moved = [this](const Locator::Move& move) { OnMove(move); },
                 .refused = [this](const v1::LocationEvent& event) { KeepLocationEvent(event); },
             });
}

void Agent::OnMove(const Locator::Move& move) {
  recording_->LocationsChanged();
  if (!keeper_->KeepsFlows(move.interface_name, move.now)) {
    flow_reaper_.Moved({move.interface_index, move.addresses});
  }
  v1::LocationEvent event;
  event.set_kind(move.now == policy::kElsewhere ? v1::LocationEvent::demoted
                                                : v1::LocationEvent::promoted);
  event.set_interface(move.interface_name);
  event.set_location(move.now);
  event.set_before(move.before);
  event.set_reason(move.reason);
  KeepLocationEvent(event);
  // One receipt for all that move at once, and none while the keeper is at work on a revision.
  if (!std::exchange(moves_told_, false)) return;
  loop_.Post([this] {
    moves_told_ = true;
    keeper_->LocationsChanged();
  });
}

void Agent::KeepLocationEvent(const v1::LocationEvent& event) {
  v1::HostEvent kept;
  *kept.mutable_location() = event;
  events_.KeepSoon(std::move(kept));
}

void Agent::OnSwitchEnded(const v1::LocalSwitch& ended, const std::string& why) {
  LogWarning(absl::StrCat("a local switch of ", ended.user(), " has ended: ", why));
  v1::HostEvent event;
  *event.mutable_local_switch()->mutable_what() = ended;
  event.mutable_local_switch()->set_ended(why);
  if (absl::Status status = events_.Keep(std::move(event)); !status.ok()) {
    LogError(status.message());
  }
}

void Agent::End() {
  recording_->End();
  if (absl::Status status = events_.Write(); !status.ok()) LogError(status.message());
}

// Changes are heard of when they are made; this is for what may have been missed, and for settings
// of the kernel, whose changes are not heard of, or are made some time after the rules.
void Agent::CheckRules() {
  if (const auto outcome = keeper_->UndoForeignChanges(); !outcome.ok()) {
    LogError(outcome.status().message());
  } else if (outcome->changes != 0) {
    LogWarning(absl::StrCat(outcome->changes, " foreign changes found and undone"));
  }
  loop_.RunAfter(kRulesCheck, [this] { CheckRules(); });
}

void Agent::Connect(Identity identity) {
  identity_ = std::move(identity);
  RegisterAnswerers();
  relay_ = std::make_unique<Relay>(answerers_, [this](v1::AgentMessage message) {
    if (session_ != nullptr) session_->Send(std::move(message));
  });
  if (!options_.local.path.empty()) {
    auto server = LocalServer::Start(options_.local, loop_, answerers_);
    if (server.ok()) {
      local_server_ = *std::move(server);
    } else {
      // The fleet's policy is enforced without it.
      LogError(absl::StrCat("no local socket: ", server.status().message()));
    }
  }
  if (!options_.metrics.empty()) ServeMetrics();
  session_ = std::make_unique<Session>(
      options_.controller, loop_,
      Session::Outside{
          .hello = [this] { return MakeHello(); },
          .identity = [this]() -> const Identity& { return *identity_; },
          .message = [this](v1::ControllerMessage message) { OnMessage(std::move(message)); },
          .ended =
              [this](const absl::Status& status) {
                connection_ended_ = status;
                connection_changed_at_ = absl::Now();
                relay_->StreamEnded();
                events_.EndStream();
              }});
  ScheduleRenewal();
}

v1::Facts Agent::MakeFacts() const {
  v1::Facts facts;
  utsname kernel;
  if (uname(&kernel) == 0) facts.set_kernel(kernel.release);
  for (const Link& link : *last_links_) {
    if (facts.interfaces_size() == kMaxFactInterfaces) break;
    *facts.add_interfaces() = ToInterface(link);
  }
  for (const v1::Conflict& conflict : conflict_watch_->conflicts()) {
    *facts.add_conflicts() = conflict;
  }
  if (drift_guard_->drift().has_value()) *facts.mutable_drift() = *drift_guard_->drift();
  return facts;
}

v1::Hello Agent::MakeHello() {
  recording_->BeginStream();
  // Behind the greeting.
  loop_.Post([this] { events_.BeginStream(); });
  v1::Hello hello;
  hello.set_agent_version(kVersion);
  *hello.mutable_facts() = MakeFacts();
  if (keeper_->receipt().has_value()) *hello.mutable_receipt() = *keeper_->receipt();
  if (auto refusal = keeper_->TakeStandingRefusal(); refusal.has_value()) {
    *hello.mutable_refusal() = *std::move(refusal);
  }
  return hello;
}

void Agent::OnLinks() {
  // Trust goes first, then it is seen what there is.
  locator_->Lose(links_->Drain());
  absl::StatusOr<std::vector<Link>> links = links_->Read();
  if (!links.ok()) return LogError(links.status().message());
  locator_->SetLinks(*links);
  if (*links == *last_links_) return;
  last_links_ = *links;
  keeper_->LinksChanged(*std::move(links));
  recording_->SetLinks(*last_links_);
  SendFacts();
}

void Agent::SendFacts() {
  if (session_ == nullptr) return;
  v1::AgentMessage message;
  *message.mutable_facts() = MakeFacts();
  session_->Send(std::move(message));
}

void Agent::OnMessage(v1::ControllerMessage message) {
  if (!connection_ended_.ok() || connection_changed_at_ == absl::Time()) {
    connection_ended_ = absl::OkStatus();
    connection_changed_at_ = absl::Now();
  }
  switch (message.body_case()) {
    case v1::ControllerMessage::kPush: {
      const absl::Status status = keeper_->Take(std::move(*message.mutable_push()));
      if (!status.ok()) {
        // The two disagree about what this host has; a new greeting tells.
        LogWarning(status.message());
        session_->Restart();
      }
      break;
    }
    case v1::ControllerMessage::kQuestion:
      relay_->Ask(std::move(*message.mutable_question()));
      break;
    case v1::ControllerMessage::kCancel: relay_->Cancel(message.cancel()); break;
    case v1::ControllerMessage::kLogAcknowledgement:
      recording_->Acknowledge(message.log_acknowledgement());
      break;
    case v1::ControllerMessage::kEventsTaken: events_.Taken(message.events_taken()); break;
    case v1::ControllerMessage::kAnswerTaken: relay_->Taken(message.answer_taken()); break;
    default: break;  // of a newer controller
  }
}

Snapshot Agent::TakeSnapshot() const {
  return {.policy = keeper_->PolicyInForce(),
          .links = *last_links_,
          .states = keeper_->InterfaceStates()};
}

v1::StatusAnswer Agent::MakeStatus() const {
  v1::StatusAnswer status;
  status.set_name(identity_->name);
  status.set_agent_version(kVersion);
  status.set_controller(options_.controller);
  status.set_connected(session_ != nullptr && session_->connected());
  if (!status.connected()) status.set_connection_error(std::string(connection_ended_.message()));
  status.mutable_connection_changed_at()->set_seconds(absl::ToUnixSeconds(connection_changed_at_));
  status.mutable_certificate_ends()->set_seconds(absl::ToUnixSeconds(identity_->not_after));
  status.set_on_trial(keeper_->on_trial());
  if (keeper_->receipt().has_value()) {
    *status.mutable_receipt() = *keeper_->receipt();
    // Their proofs as they are now.
    const std::vector<v1::InterfaceState> states = keeper_->InterfaceStates();
    *status.mutable_receipt()->mutable_interfaces() = {states.begin(), states.end()};
  }
  if (keeper_->refusal().has_value()) *status.mutable_refusal() = *keeper_->refusal();
  *status.mutable_facts() = MakeFacts();
  return status;
}

Figures Agent::MakeFigures() const {
  Figures figures{.connected = session_ != nullptr && session_->connected(),
                  .on_trial = keeper_->on_trial(),
                  .refused = refused_,
                  .undone = undone_,
                  .log = recording_->figures()};
  if (const auto& receipt = keeper_->receipt(); receipt.has_value()) {
    figures.revision = receipt->revision();
    figures.apply_seconds = static_cast<double>(receipt->apply_micros()) / 1e6;
  }
  if (const auto& drift = drift_guard_->drift(); drift.has_value()) {
    figures.foreign_changes = drift->times();
  }
  return figures;
}

void Agent::ServeMetrics() {
  auto server = MetricsServer::Start(options_.metrics, [this] {
    // What belongs to the loop is asked there; what the kernel tells, here.
    const auto asked = std::make_shared<std::promise<Figures>>();
    std::future<Figures> answered = asked->get_future();
    loop_.Post([this, asked] { asked->set_value(MakeFigures()); });
    if (answered.wait_for(std::chrono::seconds(1)) != std::future_status::ready) {
      return std::string();
    }
    Figures figures = answered.get();
    CountFlows(figures);
    if (auto counters = Counters::Open(); counters.ok()) {
      figures.packets = counters->Read().value_or(PacketCounts());
    }
    return WriteMetrics(figures);
  });
  if (!server.ok()) return LogError(server.status().message());
  metrics_ = *std::move(server);
}

void Agent::RegisterAnswerers() {
  answerers_.Register(v1::Question::kRules, [this](std::shared_ptr<Reply> reply) {
    AnswerRules(std::move(reply), keeper_->ReadRules());
  });
  answerers_.Register(v1::Question::kStatus, [this](std::shared_ptr<Reply> reply) {
    v1::Answer answer;
    *answer.mutable_status() = MakeStatus();
    reply->Last(std::move(answer));
  });
  answerers_.Register(v1::Question::kMappings, [this](std::shared_ptr<Reply> reply) {
    AnswerMappings(std::move(reply), TakeSnapshot());
  });
  // The others read much of the kernel or of /proc.
  const auto produce = [this](auto answer) {
    return [this, answer](std::shared_ptr<Reply> reply) {
      background_answers_.Start(
          reply, [answer, question = reply->question(), host = TakeSnapshot()](
                     const BackgroundAnswers::Emit& emit) { return answer(question, host, emit); });
    };
  };
  answerers_.Register(v1::Question::kInterfaces,
                      produce([](const v1::Question&, const Snapshot& host,
                                 const BackgroundAnswers::Emit&) -> absl::StatusOr<v1::Answer> {
                        v1::Answer answer;
                        *answer.mutable_interfaces() =
                            DescribeInterfaces(host, ReadNetworkFacts(host.links));
                        return answer;
                      }));
  answerers_.Register(v1::Question::kFlows,
                      produce([](const v1::Question& question, const Snapshot& host,
                                 const BackgroundAnswers::Emit& emit) {
                        return ProduceFlows(question.flows(), host, emit);
                      }));
  answerers_.Register(v1::Question::kSockets,
                      produce([](const v1::Question& question, const Snapshot& host,
                                 const BackgroundAnswers::Emit& emit) {
                        return ProduceSockets(question.sockets(), host, emit);
                      }));
  answerers_.Register(v1::Question::kSettings, produce([](const v1::Question&, const Snapshot& host,
                                                          const BackgroundAnswers::Emit& emit) {
                        return ProduceSettings(host, emit);
                      }));
  answerers_.Register(v1::Question::kLogs, [this](std::shared_ptr<Reply> reply) {
    const v1::LogsQuestion& question = reply->question().logs();
    if (question.follow()) {
      return LogFollower::Start(loop_, reply, recording_->file(), identity_->name);
    }
    background_answers_.Start(reply, [question, file = recording_->file(),
                                      host = identity_->name](const BackgroundAnswers::Emit& emit) {
      return ProduceLogs(question, file, host, emit);
    });
  });
  answerers_.Register(v1::Question::kTrace, [this](std::shared_ptr<Reply> reply) {
    AnswerTrace(std::move(reply), *keeper_);
  });
  // Refuses by itself those who may not act, as that is recorded.
  answerers_.Register(v1::Question::kLocalSwitch, [this](std::shared_ptr<Reply> reply) {
    switcher_->Answer(std::move(reply));
  });
  answerers_.Register(v1::Question::kLocationTest, [this](std::shared_ptr<Reply> reply) {
    LocationTester::Start(loop_, locator_->Look(), std::move(reply));
  });
}

void Agent::Reach(uint64_t revision, absl::Duration timeout,
                  std::function<void(absl::Status)> done) {
  if (!identity_.has_value()) {
    return loop_.Post([done] { done(absl::UnauthenticatedError("this host has not enrolled")); });
  }
  reach_ = StartReach(options_.controller, *identity_, revision, timeout, loop_,
                      [this, done = std::move(done)](const absl::Status& status) {
                        reach_.reset();  // and the connection, which has served
                        done(status);
                      });
}

void Agent::ScheduleRenewal() {
  loop_.RunAfter(absl::ToChronoNanoseconds(std::clamp(identity_->RenewAt() - absl::Now(),
                                                      absl::Seconds(1), kRenewalCheck)),
                 [this] { Renew(); });
}

void Agent::Renew() {
  if (absl::Now() < identity_->RenewAt()) return ScheduleRenewal();
  auto renewal = StartRenewal(options_.controller, *identity_, kRenewalTimeout, loop_,
                              [this](const absl::StatusOr<Identity>& renewed) {
                                renewal_.reset();  // and the connection, which has served
                                Renewed(renewed);
                              });
  if (!renewal.ok()) {
    LogError(renewal.status().message());
    return ScheduleRenewal();
  }
  renewal_ = *std::move(renewal);
}

void Agent::Renewed(const absl::StatusOr<Identity>& renewed) {
  absl::Status status = renewed.status();
  if (status.ok()) status = WriteIdentity(state_.IdentityPath(), *renewed);
  if (!status.ok()) {
    LogError(absl::StrCat("renew the certificate, which ends ",
                          absl::FormatTime(identity_->not_after), ": ", status.message()));
    loop_.RunAfter(absl::ToChronoNanoseconds(std::min(
                       kRenewalRetry, (identity_->not_after - identity_->not_before) / 10)),
                   [this] { Renew(); });
    return;
  }
  identity_ = *renewed;
  LogInfo(absl::StrCat("the certificate is renewed until ", absl::FormatTime(renewed->not_after)));
  ScheduleRenewal();
}

}  // namespace firebreak::agent
