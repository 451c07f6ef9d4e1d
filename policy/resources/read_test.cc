// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/read.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace firebreak::policy {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

testing::Matcher<const Problem&> At(uint32_t line, const std::string& reason) {
  return AllOf(Field(&Problem::line, line), Field(&Problem::reason, HasSubstr(reason)),
               Field(&Problem::file, "f.yaml"));
}

struct Outcome {
  std::vector<ReadResource> resources;
  std::vector<Problem> problems;
};

Outcome Read(const std::string& text) {
  Outcome outcome;
  outcome.resources = ReadResources("f.yaml", text, outcome.problems);
  return outcome;
}

constexpr char kPolicy[] = R"(# a comment
kind: Policy
name: laptops
groups: [laptops, "host:web-1"]
priority: -5
firewall: on
port_mappings:
  - service: ssh
    from: [10.0.0.0/8, "2001:db8::/32"]
  - name: desk
    protocol: tcp
    ports: 3389
    action: block
icmp: []
outbound:
  default: block
  allow:
    - {protocol: 6, ports: [80, "443"], to: 10.0.0.1}
interfaces:
  - match: {types: wireless}
    port_mappings: []
)";

TEST(Read, TakesEveryFormOfAPolicy) {
  const Outcome outcome = Read(kPolicy);
  ASSERT_THAT(outcome.problems, IsEmpty());
  ASSERT_THAT(outcome.resources, SizeIs(1));
  const v1::Policy& policy = outcome.resources[0].resource.policy();
  EXPECT_EQ(policy.name(), "laptops");
  EXPECT_THAT(policy.groups(), ElementsAre("laptops", "host:web-1"));
  EXPECT_EQ(policy.priority(), -5);
  EXPECT_EQ(policy.firewall(), v1::Firewall::on);
  ASSERT_EQ(policy.port_mappings().items_size(), 2);
  EXPECT_THAT(policy.port_mappings().items(0).from(), ElementsAre("10.0.0.0/8", "2001:db8::/32"));
  EXPECT_THAT(policy.port_mappings().items(1).ports(), ElementsAre("3389"));
  EXPECT_EQ(policy.port_mappings().items(1).action(), v1::Traffic::block);
  EXPECT_TRUE(policy.has_icmp());
  EXPECT_EQ(policy.icmp().items_size(), 0);
  EXPECT_EQ(policy.outbound().default_(), v1::Traffic::block);
  EXPECT_EQ(policy.outbound().allow(0).protocol(), "6");
  EXPECT_THAT(policy.outbound().allow(0).ports(), ElementsAre("80", "443"));
  EXPECT_TRUE(policy.interfaces(0).has_port_mappings());
  EXPECT_FALSE(policy.interfaces(0).has_icmp());
}

TEST(Read, KnowsTheLineOfEveryField) {
  const Outcome outcome = Read(kPolicy);
  ASSERT_THAT(outcome.resources, SizeIs(1));
  const SourceNode& source = outcome.resources[0].source;
  EXPECT_EQ(source.LineOf(""), 2);
  EXPECT_EQ(source.LineOf("name"), 3);
  EXPECT_EQ(source.LineOf("port_mappings"), 7);
  EXPECT_EQ(source.LineOf("port_mappings[0].from[1]"), 9);
  EXPECT_EQ(source.LineOf("port_mappings[1]"), 10);
  EXPECT_EQ(source.LineOf("port_mappings[1].ports[0]"), 12);
  EXPECT_EQ(source.LineOf("port_mappings[1].service"), 10) << "not there: the mapping's";
  EXPECT_EQ(source.LineOf("interfaces[0].match.types[0]"), 20);
  EXPECT_EQ(source.LineOf("interfaces[7]"), 19);
}

TEST(Read, ListsEveryErrorWithItsLine) {
  const Outcome outcome = Read(R"(kind: Policy
name: a
prioritty: 5
firewall: maybe
port_mappings:
  - servce: ssh
  - protocol: [tcp]
icmp:
groups: {a: b}
priority: high
---
kind: Grup
name: b
---
kind: Group
match: {role: [x]}
---
name: c
---
just text
)");
  EXPECT_THAT(outcome.problems,
              ElementsAre(At(3, "did you mean \"priority\"?"), At(4, "one of on, off, observe"),
                          At(6, "did you mean \"service\"?"), At(7, "must be text, not a list"),
                          At(8, "icmp has no value"), At(9, "groups must be a list, not a map"),
                          At(10, "priority must be a whole number, not \"high\""),
                          At(12, "did you mean \"Group\"?"), At(15, "has no \"name\""),
                          At(16, "the value of \"role\" must be text"), At(18, "has no \"kind\""),
                          At(20, "not a resource")));
}

TEST(Read, TakesTheListThatJsonOutputIs) {
  const Outcome outcome = Read(
      "[\n\t{\"kind\":\"Group\",\"name\":\"a\",\"match\":{\"k\":\"v\"}},\n"
      "\t{\"kind\": \"Service\", \"name\": \"b\", \"ports\": [\"tcp/80\"]}\n]");
  EXPECT_THAT(outcome.problems, IsEmpty());
  ASSERT_THAT(outcome.resources, SizeIs(2));
  EXPECT_EQ(outcome.resources[0].resource.group().match().at("k"), "v");
  EXPECT_EQ(outcome.resources[1].resource.service().ports(0), "tcp/80");
}

TEST(Read, RefusesAKeyGivenTwice) {
  EXPECT_THAT(Read("kind: Group\nname: a\nname: b\n").problems,
              ElementsAre(At(3, "\"name\" is given twice, first on line 2")));
  std::string many = "kind: Group\nname: a\nmatch:\n";
  for (int i = 0; i < 40; ++i) absl::StrAppend(&many, "  k", i, ": v\n");
  EXPECT_THAT(Read(many).problems, IsEmpty());
  EXPECT_THAT(Read(many + "  k7: v\n").problems, ElementsAre(At(44, "first on line 11")));
}

TEST(Read, RefusesWhatCouldMakeASmallTextLarge) {
  EXPECT_THAT(Read("kind: Group\nname: &a x\n").problems, ElementsAre(At(2, "anchors")));
  EXPECT_THAT(Read("kind: Group\nname: *a\n").problems, SizeIs(1));
  EXPECT_THAT(Read("kind: Group\nname: !!str x\n").problems, ElementsAre(At(2, "tags")));
  EXPECT_THAT(Read("kind: Group\nname: " + std::string(33, '[') + std::string(33, ']')).problems,
              ElementsAre(At(2, "32 deep")));
  EXPECT_THAT(Read(std::string(500'000, '[')).problems, ElementsAre(At(1, "32 deep")));
}

TEST(Read, RefusesALargeFileByItsSize) {
  EXPECT_THAT(Read(std::string(50 << 20, '#')).problems,
              ElementsAre(At(0, "the file is 50 MB; at most 8 MiB")));
  EXPECT_THAT(Read(std::string(8 << 20, '#')).problems, ElementsAre(At(0, "there is no resource")));
}

TEST(Read, RefusesBytesThatAreNoText) {
  EXPECT_THAT(Read("kind: Group\nname: \xff\n").problems, ElementsAre(At(2, "not UTF-8")));
  EXPECT_THAT(Read("kind: Group\nname: a\x04").problems, ElementsAre(At(2, "control character")));
  EXPECT_THAT(Read("kind: Group\nname: \"\\ud800\"").problems, SizeIs(1));
}

TEST(Read, SaysWhereTheSyntaxIsWrongAndStillReadsWhatIsBefore) {
  const Outcome outcome = Read("kind: Group\nname: a\nmacth: {}\n---\nkind: [\n");
  EXPECT_THAT(outcome.problems, ElementsAre(At(3, "unknown field"), At(6, "not YAML")));
  EXPECT_THAT(outcome.resources, SizeIs(1));
}

TEST(Read, AFileWithoutResourcesIsRefused) {
  EXPECT_THAT(Read("").problems, ElementsAre(At(0, "no resource")));
  EXPECT_THAT(Read("---\n---\n# nothing\n").problems, ElementsAre(At(0, "no resource")));
}

TEST(Read, UnspecifiedIsNoValue) {
  EXPECT_THAT(Read("kind: Policy\nname: a\nfirewall: unspecified\n").problems,
              ElementsAre(At(3, "one of on, off, observe")));
}

std::string Description(const std::string& text) {
  const Outcome outcome = Read(text);
  for (const Problem& problem : outcome.problems) ADD_FAILURE() << problem.line << problem.reason;
  return outcome.resources.empty() ? "" : outcome.resources[0].resource.group().description();
}

TEST(Quotes, OneThatIsNeverClosedDoesNotSwallowTheRestOfTheFile) {
  for (const char* quote : {"\"", "'"}) {
    const std::string text = absl::StrCat("kind: Policy\nname: a\ndescription: ", quote,
                                          "on in the office\nfirewall: on\ngroups: [all]\n");
    EXPECT_THAT(Read(text).problems, ElementsAre(At(3, "that opens here is never closed")));
  }
}

TEST(Quotes, OneThatIsClosedByTheNextOneIsNoticed) {
  EXPECT_THAT(
      Read("kind: Policy\nname: a\ndescription: \"office\nfirewall: on\ngroups: all\"\n").problems,
      ElementsAre(At(3, "is not closed before the line 1 below")));
  EXPECT_THAT(Read("- kind: Policy\n  name: \"a\n  firewall: on\n  description: x\"\n").problems,
              ElementsAre(At(2, "is not closed before")));
  EXPECT_THAT(Read("- \"a\n- b\"\n").problems, ElementsAre(At(1, "is not closed before")));
  EXPECT_THAT(Read("kind: Group\ndescription: 'a'b\nname: c\n").problems,
              ElementsAre(At(2, "must be doubled")));
  EXPECT_THAT(Read("kind: Group\ndescription: \"a\n  b\" c\nname: c\n").problems,
              ElementsAre(At(3, "written \\\"")));
}

TEST(Quotes, ATextOfSeveralLinesIsTaken) {
  EXPECT_EQ(
      Description("kind: Group\nname: a\nmatch: {a: b}\ndescription: \"one\n  two\n\n  three\"\n"),
      "one two\nthree");
  EXPECT_EQ(Description("kind: Group\nname: a\nmatch: {a: b}\ndescription: 'it''s\n\n  \"two\"'\n"),
            "it's\n\"two\"");
  EXPECT_EQ(
      Description(
          "- kind: Group\n  name: a\n  match: {a: b}\n  description:\n    \"one\n    two\"\n"),
      "one two");
}

// The texts were written by yaml.safe_dump of Python's PyYAML 6.0, and by json.dumps.
TEST(Quotes, WhatPythonWritesIsRead) {
  EXPECT_EQ(
      Description("description: \"no\\_break, next\\Nline, \\u263A, \\U0001F525, C:\\\\_\\\\N, and "
                  "so on and so\\\n"
                  "  \\ on and so on\"\nkind: Group\nmatch:\n  a: b\nname: a\n"),
      "no\xc2\xa0"
      "break, next\xc2\x85line, \xe2\x98\xba, \xf0\x9f\x94\xa5, C:\\_\\N, and so on and so on and "
      "so on");
  EXPECT_EQ(Description("{\"kind\": \"Group\", \"name\": \"a\", \"match\": {\"a\": \"b\"}, "
                        "\"description\": \"\\ud83d\\udd25 \\\\ud83d? \\u00e9\"}"),
            "\xf0\x9f\x94\xa5 \\ud83d? \xc3\xa9");
}

// The texts were written by gopkg.in/yaml.v3, which writes characters beyond ASCII as they are, but
// escapes no-break spaces.
TEST(Quotes, WhatGoWritesIsRead) {
  EXPECT_EQ(
      Description("kind: Group\nname: a\nmatch:\n    a: b\ndescription: \"a\\_b \\U0001F525\"\n"),
      "a\xc2\xa0"
      "b \xf0\x9f\x94\xa5");
}

TEST(Quotes, EscapesAreLeftAloneWhereTheyAreNone) {
  EXPECT_EQ(
      Description(
          "kind: Group\nname: a\nmatch: {a: \"b\\t\"}\ndescription: 'a\\_b \\ud83d\\udd25'\n"),
      "a\\_b \\ud83d\\udd25");
  EXPECT_EQ(
      Description("kind: Group\nname: a\nmatch: {a: \"b\"}\ndescription: |\n  a\\_b\n  \"\\N\"\n"),
      "a\\_b\n\"\\N\"\n");
}

TEST(Documents, JoinedFilesMayHaveByteOrderMarks) {
  const std::string mark = "\xef\xbb\xbf";
  const std::string a = mark + "---\nkind: Group\nname: a\n",
                    b = mark + "---\nkind: Group\nname: b\n";
  EXPECT_THAT(Read(a + b).problems, IsEmpty());
  EXPECT_THAT(Read(a + b).resources, SizeIs(2));
  EXPECT_THAT(Read(a + mark + "kind: Group\nname: b\n").problems,
              ElementsAre(At(4, "a byte order mark within the text")));
}

TEST(Documents, AnotherOneBeginsOnlyBehindItsMark) {
  EXPECT_THAT(Read("  kind: Group\n  name: a\nkind: Group\nname: b\n").problems,
              ElementsAre(At(3, "not indented as what it should belong to")));
  EXPECT_THAT(
      Read("kind: Group\nname: a\n...\nkind: Group\nname: b\n---\n---\nkind: Group\nname: c\n")
          .resources,
      SizeIs(3));
}

}  // namespace
}  // namespace firebreak::policy
