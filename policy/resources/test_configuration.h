// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_TEST_CONFIGURATION_H_
#define FIREBREAK_POLICY_RESOURCES_TEST_CONFIGURATION_H_

#include <gtest/gtest.h>

#include <string>

#include "policy/resources/plan.h"

namespace firebreak::policy {

// For tests. Returns the configuration that `text`, a file of resources, makes of an empty one. The
// test fails if the file has problems.
inline Configuration TestConfiguration(const std::string& text) {
  if (text.empty()) return {};
  const SourceFile file = {"test.yaml", text};
  Plan plan = PlanApply({}, {&file, 1}, {});
  EXPECT_TRUE(plan.ok()) << (plan.ok() ? "" : plan.problems[0].reason);
  return plan.next;
}

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_TEST_CONFIGURATION_H_
