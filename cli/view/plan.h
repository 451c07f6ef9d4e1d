// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_PLAN_H_
#define FIREBREAK_CLI_VIEW_PLAN_H_

#include <string>

#include "firebreak/v1/plan.pb.h"

namespace firebreak::cli {

// Returns "opens 2 classes of packets, closes 1; on 3 of 120 hosts", or a text that says that
// nothing changes.
std::string PlanSummary(const v1::Plan& plan);

// Returns the whole plan for people to read: the summary, then the changes by hosts and places.
std::string PlanPage(const v1::Plan& plan, bool colours);

// Returns the plan as Markdown, for the description of a merge request.
std::string PlanMarkdown(const v1::Plan& plan);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_PLAN_H_
