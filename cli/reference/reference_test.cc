// SPDX-License-Identifier: Apache-2.0
#include "cli/reference/reference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "cli/reference/comment.h"
#include "cli/reference/page.h"

namespace firebreak::cli {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(Comment, IsTakenApart) {
  const Comment comment = ParseComment(
      " What it does,\n on two lines.\n\n More.\n Range: 1 to 5\n Default: 3\n Example: `a: 1`\n");
  EXPECT_EQ(comment.text, "What it does, on two lines.\n\nMore.");
  EXPECT_EQ(comment.range, "1 to 5");
  EXPECT_EQ(comment.default_value, "3");
  EXPECT_EQ(comment.example, "`a: 1`");
}

TEST(Reference, FindsFieldsInAllDepths) {
  const absl::StatusOr<Topic> topic = Reference::Get().Find("policy.port_mappings.limit");
  ASSERT_TRUE(topic.ok()) << topic.status();
  EXPECT_EQ(topic->path, "Policy.port_mappings.limit");
  EXPECT_EQ(topic->entry.type, "map of fields");
  EXPECT_THAT(topic->fields,
              ElementsAre(Field(&FieldEntry::name, "rate"), Field(&FieldEntry::name, "burst"),
                          Field(&FieldEntry::name, "per")));
}

TEST(Reference, ShowsWrapperMessagesAsTheListsThatUsersWrite) {
  const absl::StatusOr<Topic> topic = Reference::Get().Find("Policy");
  ASSERT_TRUE(topic.ok()) << topic.status();
  EXPECT_THAT(topic->fields, Contains(AllOf(Field(&FieldEntry::name, "port_mappings"),
                                            Field(&FieldEntry::type, "list of maps of fields"))));
  EXPECT_THAT(topic->fields, Contains(AllOf(Field(&FieldEntry::name, "icmp"),
                                            Field(&FieldEntry::type, "list of text"))));
  EXPECT_THAT(topic->fields, Contains(AllOf(Field(&FieldEntry::name, "firewall"),
                                            Field(&FieldEntry::type, "on, off or observe"))));
}

TEST(Reference, NamesTheNearest) {
  EXPECT_THAT(std::string(Reference::Get().Find("polici").status().message()), HasSubstr("Policy"));
  EXPECT_THAT(std::string(Reference::Get().Find("policy.port_maping").status().message()),
              HasSubstr("port_mappings"));
  EXPECT_THAT(std::string(Reference::Get().Find("policy.icmp.x").status().message()),
              HasSubstr("Policy.icmp has no fields"));
  for (const char* path : {"", ".", "policy.", "edit", "policy..name", "resource"}) {
    EXPECT_FALSE(Reference::Get().Find(path).ok()) << path;
  }
}

// Checks that every field at any depth has an explanation.
void ExpectExplained(const std::string& path) {
  const absl::StatusOr<Topic> topic = Reference::Get().Find(path);
  ASSERT_TRUE(topic.ok()) << topic.status();
  EXPECT_THAT(topic->entry.text, Not(IsEmpty())) << path;
  for (const FieldEntry& field : topic->fields)
    ExpectExplained(absl::StrCat(path, ".", field.name));
}

TEST(Reference, ExplainsEveryField) {
  for (const std::string& kind : Reference::Get().Kinds()) ExpectExplained(kind);
}

TEST(Reference, TheDocumentIsWhatTheProgramSays) {
  std::ifstream file("docs/policy.md");
  const std::string document((std::istreambuf_iterator<char>(file)), {});
  EXPECT_TRUE(document == ReferenceDocument(Reference::Get()))
      << "write it anew: bazel run --config=opt //cli/reference:write_document > docs/policy.md";
}

TEST(Reference, PrintsAPage) {
  const absl::StatusOr<Topic> topic = Reference::Get().Find("Policy.firewall");
  ASSERT_TRUE(topic.ok()) << topic.status();
  EXPECT_THAT(PrintTopic(*topic), AllOf(HasSubstr("NAME\n    Policy.firewall"),
                                        HasSubstr("on, off or observe"), HasSubstr("observe")));
  EXPECT_THAT(PrintKinds(Reference::Get()), HasSubstr("    Policy "));
}

}  // namespace
}  // namespace firebreak::cli
