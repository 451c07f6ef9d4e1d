#ifndef FIREBREAK_CLI_VIEW_PLAN_H_
#define FIREBREAK_CLI_VIEW_PLAN_H_

#include <string>

#include "firebreak/v1/plan.pb.h"

namespace firebreak::cli {

// "opens 2 classes of packets, closes 1; on 3 of 120 hosts", or that nothing changes.
std::string PlanSummary(const v1::Plan& plan);

// The whole plan for people: the summary first, then by hosts and places what changes.
std::string PlanPage(const v1::Plan& plan, bool colours);

// The same as Markdown, for the description of a merge request.
std::string PlanMarkdown(const v1::Plan& plan);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_PLAN_H_
