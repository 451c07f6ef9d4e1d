// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_REGISTER_ANSWERS_H_
#define FIREBREAK_AGENT_REGISTER_ANSWERS_H_

#include <functional>
#include <optional>
#include <vector>

#include "agent/answer/answerers.h"
#include "agent/answer/background_answers.h"
#include "agent/hardening/stack_guard.h"
#include "agent/identity/identity.h"
#include "agent/kernel/links/links.h"
#include "agent/location/locator.h"
#include "agent/loop/event_loop.h"
#include "agent/record/recording.h"
#include "agent/revision/revision_keeper.h"
#include "agent/switch/switcher.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// What a host's answers are made from.
struct AnswerSources {
  EventLoop& loop;
  RevisionKeeper& keeper;
  Locator& locator;
  Switcher& switcher;
  Recording& recording;
  BackgroundAnswers& background;
  const std::vector<Link>& links;
  const std::optional<Identity>& identity;
  const StackGuard& stack;
  const KernelSettings& settings;
  std::function<v1::StatusAnswer()> status;
};

// Lets the host answer every kind of question that it knows. The sources must outlive `answerers`.
void RegisterAnswers(const AnswerSources& sources, Answerers& answerers);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_REGISTER_ANSWERS_H_
