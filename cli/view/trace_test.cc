// SPDX-License-Identifier: Apache-2.0
#include "cli/view/trace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace firebreak::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(TracePage, SaysWhatDecidedAndTheWayThere) {
  v1::TraceAnswer answer;
  answer.set_verdict("accept");
  answer.set_reason("mapping");
  answer.set_detail("a port mapping opens it");
  answer.set_hook("input");
  answer.set_chain("in/elsewhere");
  answer.set_mapping("ssh");
  answer.set_policy("web");
  answer.set_revision(7);
  answer.set_in_interface("eth0");
  v1::TraceStep& step = *answer.add_steps();
  step.set_hook("prerouting");
  step.set_chain("prerouting");
  EXPECT_EQ(TracePage(answer, false),
            "verdict     accept\n"
            "reason      mapping: a port mapping opens it\n"
            "hook        input\n"
            "chain       in/elsewhere\n"
            "mapping     ssh\n"
            "policy      web\n"
            "revision    7\n"
            "in          eth0\n"
            "\n"
            "prerouting  prerouting: policy\n");
}

TEST(TracePage, TellsObservingFromOpen) {
  v1::TraceAnswer answer;
  answer.set_verdict("accept");
  answer.set_observed(true);
  EXPECT_THAT(TracePage(answer, false), HasSubstr("with the firewall on it would be dropped"));
}

// A host may answer anything, so its answer is not trusted.
TEST(TracePage, NothingInItMovesTheCursor) {
  const std::string hostile = "x\x1b[2J\nverdict accept\t";
  v1::TraceAnswer answer;
  for (int i = 0; i < answer.GetDescriptor()->field_count(); ++i) {
    const auto* field = answer.GetDescriptor()->field(i);
    if (field->cpp_type() != field->CPPTYPE_STRING) continue;
    answer.GetReflection()->SetString(&answer, field, hostile);
  }
  v1::TraceStep& step = *answer.add_steps();
  step.set_hook(hostile);
  step.set_chain(hostile);
  step.set_rule(hostile);
  step.set_element(hostile);
  const std::string page = TracePage(answer, false);
  EXPECT_THAT(page, Not(HasSubstr("\x1b")));
  EXPECT_THAT(page, Not(HasSubstr("\t")));
  EXPECT_THAT(page, Not(HasSubstr("\nverdict accept")));
}

}  // namespace
}  // namespace firebreak::cli
