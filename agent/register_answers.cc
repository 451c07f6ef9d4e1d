// SPDX-License-Identifier: Apache-2.0
#include "agent/register_answers.h"

#include <memory>
#include <utility>

#include "agent/answer/drops.h"
#include "agent/answer/flows.h"
#include "agent/answer/interfaces.h"
#include "agent/answer/logs.h"
#include "agent/answer/mappings.h"
#include "agent/answer/rules.h"
#include "agent/answer/settings.h"
#include "agent/answer/snapshot.h"
#include "agent/answer/sockets.h"
#include "agent/answer/trace.h"
#include "agent/answer/try_connection.h"
#include "agent/location/location_tester.h"
#include "agent/location/network_facts.h"

namespace firebreak::agent {
namespace {

using Emit = BackgroundAnswers::Emit;
using Question = v1::Question;

Snapshot TakeSnapshot(const AnswerSources& from) {
  return {.policy = from.keeper.PolicyInForce(),
          .links = from.links,
          .states = from.keeper.InterfaceStates(),
          .settings = from.settings.States(),
          .held_back = from.stack.held_back(),
          .hardened = from.stack.hardened(),
          .mappings = from.keeper.mappings(),
          .switches = from.keeper.switches()};
}

// An answer that reads much of the kernel or of /proc, on a thread of its own.
template <typename Answer>
Answerers::Answerer InBackground(const AnswerSources& from, Answer answer) {
  return [from, answer](std::shared_ptr<Reply> reply) {
    from.background.Start(reply, [answer, question = reply->question(), host = TakeSnapshot(from)](
                                     const Emit& emit) { return answer(question, host, emit); });
  };
}

void RegisterQuickAnswers(const AnswerSources& from, Answerers& answerers) {
  answerers.Register(Question::kRules, [from](std::shared_ptr<Reply> reply) {
    AnswerRules(std::move(reply), from.keeper.ReadRules());
  });
  answerers.Register(Question::kStatus, [from](std::shared_ptr<Reply> reply) {
    v1::Answer answer;
    *answer.mutable_status() = from.status();
    reply->Last(std::move(answer));
  });
  answerers.Register(Question::kDrops, [](std::shared_ptr<Reply> reply) {
    absl::StatusOr<v1::Answer> answer = ProduceDrops();
    if (answer.ok()) return reply->Last(*std::move(answer));
    reply->Fail(answer.status());
  });
  answerers.Register(Question::kMappings, [from](std::shared_ptr<Reply> reply) {
    AnswerMappings(std::move(reply), TakeSnapshot(from));
  });
  answerers.Register(Question::kTrace, [from](std::shared_ptr<Reply> reply) {
    AnswerTrace(std::move(reply), from.keeper);
  });
  // Refuses by itself those who may not act, as that is recorded.
  answerers.Register(Question::kLocalSwitch, [from](std::shared_ptr<Reply> reply) {
    from.switcher.Answer(std::move(reply));
  });
  // Likewise; anybody may ask for a mapping.
  answerers.Register(Question::kLocalMapping, [from](std::shared_ptr<Reply> reply) {
    from.mapping_desk.Answer(std::move(reply));
  });
  // Likewise. A host that has a controller says so.
  answerers.Register(Question::kStandalone, [from](std::shared_ptr<Reply> reply) {
    if (from.standalone != nullptr) return from.standalone->Answer(std::move(reply));
    reply->Fail(absl::FailedPreconditionError(
        "this host's policy comes from its controller; leave out --local"));
  });
  answerers.Register(
      Question::kProbe,
      [from](std::shared_ptr<Reply> reply) { TryConnection::Start(from.loop, std::move(reply)); },
      /*acts=*/true);
  answerers.Register(Question::kLocationTest, [from](std::shared_ptr<Reply> reply) {
    LocationTester::Start(from.loop, from.locator.Look(), std::move(reply));
  });
}

void RegisterLongAnswers(const AnswerSources& from, Answerers& answerers) {
  answerers.Register(Question::kInterfaces,
                     InBackground(from, [](const Question&, const Snapshot& host, const Emit&) {
                       v1::Answer answer;
                       *answer.mutable_interfaces() =
                           DescribeInterfaces(host, ReadNetworkFacts(host.links));
                       return absl::StatusOr<v1::Answer>(std::move(answer));
                     }));
  answerers.Register(
      Question::kFlows,
      InBackground(from, [](const Question& question, const Snapshot& host, const Emit& emit) {
        return ProduceFlows(question.flows(), host, emit);
      }));
  answerers.Register(
      Question::kSockets,
      InBackground(from, [](const Question& question, const Snapshot& host, const Emit& emit) {
        return ProduceSockets(question.sockets(), host, emit);
      }));
  answerers.Register(
      Question::kSettings,
      InBackground(from, [](const Question& question, const Snapshot& host, const Emit& emit) {
        return ProduceSettings(question.settings(), host, emit);
      }));
}

void RegisterLogs(const AnswerSources& from, Answerers& answerers) {
  answerers.Register(Question::kLogs, [from](std::shared_ptr<Reply> reply) {
    const v1::LogsQuestion& question = reply->question().logs();
    if (question.follow()) {
      return LogFollower::Start(from.loop, reply, from.recording.file(), from.name());
    }
    from.background.Start(
        reply, [question, file = from.recording.file(), host = from.name()](const Emit& emit) {
          return ProduceLogs(question, file, host, emit);
        });
  });
}

}  // namespace

void RegisterAnswers(const AnswerSources& sources, Answerers& answerers) {
  RegisterQuickAnswers(sources, answerers);
  RegisterLongAnswers(sources, answerers);
  RegisterLogs(sources, answerers);
}

}  // namespace firebreak::agent
