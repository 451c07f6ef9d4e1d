// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_REGISTER_ANSWERS_H_
#define FIREBREAK_AGENT_REGISTER_ANSWERS_H_

#include <functional>
#include <string>
#include <vector>

#include "agent/answer/answerers.h"
#include "agent/answer/background_answers.h"
#include "agent/hardening/stack_guard.h"
#include "agent/kernel/links/links.h"
#include "agent/location/locator.h"
#include "agent/loop/event_loop.h"
#include "agent/mappings/mapping_desk.h"
#include "agent/record/recording.h"
#include "agent/revision/revision_keeper.h"
#include "agent/standalone/standalone.h"
#include "agent/switch/switcher.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// What a host's answers are made from.
struct AnswerSources {
  EventLoop& loop;
  RevisionKeeper& keeper;
  Locator& locator;
  Switcher& switcher;
  MappingDesk& mapping_desk;
  Recording& recording;
  BackgroundAnswers& background;
  const std::vector<Link>& links;
  std::function<std::string()> name;  // the host's
  const StackGuard& stack;
  const KernelSettings& settings;
  Standalone* standalone;  // null: the host has a controller
  std::function<v1::StatusAnswer()> status;
};

// Lets the host answer every kind of question that it knows. The sources must outlive `answerers`.
void RegisterAnswers(const AnswerSources& sources, Answerers& answerers);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_REGISTER_ANSWERS_H_
