// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_STANDALONE_DRAFT_H_
#define FIREBREAK_AGENT_STANDALONE_DRAFT_H_

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/local.pb.h"
#include "policy/resources/configuration.h"
#include "policy/resources/plan.h"

namespace firebreak::agent {

// By what policies select a host that has no controller.
struct StandaloneHost {
  std::string name;
  std::map<std::string, std::string> labels;
};

// What files, or an earlier revision, would be on this host. All functions here are pure.
struct Draft {
  policy::Configuration configuration;
  std::vector<policy::Change> changes;    // of what is in force
  std::vector<policy::Problem> problems;  // none: it can be put in force
  std::vector<policy::Problem> warnings;
  v1::EffectivePolicy policy;  // empty if there are problems
};

// The files in place of all of `before`. A policy may name other hosts than this one, so that hosts
// can share a file. `now` is as in PlanApply.
Draft DraftOf(const policy::Configuration& before, std::span<const policy::SourceFile> files,
              const StandaloneHost& host, int64_t now);
// A configuration that was in force once, in place of `before`.
Draft DraftOf(const policy::Configuration& before, policy::Configuration wanted,
              const StandaloneHost& host);

// "create Policy/web, delete Group/old", or "no change"; of bounded length.
std::string SummaryOf(const std::vector<policy::Change>& changes);

// The draft as an answer, changes with their differences line by line.
void Describe(const Draft& draft, const policy::Configuration& before,
              v1::StandaloneAnswer& answer);

// The first problem, and how many there are: "FILE:LINE: REASON (and 2 more)".
std::string FirstProblem(const std::vector<policy::Problem>& problems);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_STANDALONE_DRAFT_H_
