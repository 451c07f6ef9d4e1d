// SPDX-License-Identifier: Apache-2.0
#include "tests/statements/statements.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "policy/compile/compile.h"
#include "policy/merge/check_effective.h"
#include "policy/merge/merge.h"
#include "policy/merge/select.h"
#include "policy/resources/plan.h"

namespace firebreak::statements {
namespace {

constexpr char kDirectory[] = "tests/statements";

TEST(Statements, AreAcceptedAsTheyStand) {
  const auto translations = ReadTranslations(kDirectory);
  ASSERT_TRUE(translations.ok()) << translations.status();
  EXPECT_GE(translations->size(), 24u);
  for (const Translation& one : *translations) {
    SCOPED_TRACE(one.file);
    const policy::SourceFile file = {one.file, one.text};
    const policy::Plan plan = policy::PlanApply({}, {&file, 1}, {});
    for (const auto* found : {&plan.problems, &plan.warnings}) {
      for (const policy::Problem& one : *found) ADD_FAILURE() << one.line << ": " << one.reason;
    }
    if (!plan.ok()) continue;
    const policy::Selector selector(plan.next);
    const v1::EffectivePolicy effective =
        policy::Merge(plan.next, selector.Select("host", {{"type", "worker"}, {"tag", "web"}}));
    EXPECT_TRUE(policy::CheckEffective(effective).ok());
    EXPECT_TRUE(effective.managed());
    const policy::Interface interfaces[] = {{"eth0", "ethernet", 1}, {"eth1", "ethernet", 2}};
    EXPECT_TRUE(policy::Compile(effective, interfaces).ok());
  }
}

TEST(Statements, AreSaidInFullButForAFew) {
  const auto translations = ReadTranslations(kDirectory);
  ASSERT_TRUE(translations.ok()) << translations.status();
  size_t all = 0, less = 0;
  for (const Translation& one : *translations) {
    EXPECT_GE(one.statements.size(), 12u) << one.file;
    all += one.statements.size();
    for (const Statement& statement : one.statements) less += statement.reason.empty() ? 0 : 1;
  }
  EXPECT_LE(static_cast<double>(less), 0.05 * static_cast<double>(all));
}

TEST(Statements, TheDocumentTellsOfThem) {
  const auto translations = ReadTranslations(kDirectory);
  ASSERT_TRUE(translations.ok()) << translations.status();
  std::ifstream file("docs/coverage.md");
  const std::string document(std::istreambuf_iterator<char>(file), {});
  EXPECT_TRUE(document == Document(*translations))
      << "write it anew: bazel run --config=opt //tests/statements:write_document > "
         "docs/coverage.md";
}

}  // namespace
}  // namespace firebreak::statements
