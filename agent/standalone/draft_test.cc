// SPDX-License-Identifier: Apache-2.0
#include "agent/standalone/draft.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "agent/standalone/takeover.h"
#include "policy/merge/merge.h"
#include "policy/merge/select.h"

namespace firebreak::agent {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr char kWeb[] = R"(
kind: Group
name: web
match: {role: web}
---
kind: Policy
name: servers
groups: [web, "host:other"]
firewall: "on"
port_mappings: [{service: ssh}]
)";

const StandaloneHost kHost = {.name = "alone", .labels = {{"role", "web"}}};

Draft DraftOfText(const std::string& text, const StandaloneHost& host = kHost,
                  const policy::Configuration& before = {}) {
  const std::vector<policy::SourceFile> files = {{"p.yaml", text}};
  return DraftOf(before, files, host, 0);
}

TEST(Draft, IsWhatAControllerWouldSendToTheHost) {
  const Draft draft = DraftOfText(kWeb);
  ASSERT_THAT(draft.problems, IsEmpty()) << FirstProblem(draft.problems);
  EXPECT_THAT(draft.warnings, IsEmpty()) << FirstProblem(draft.warnings);
  const policy::Selector selector(draft.configuration);
  EXPECT_EQ(policy::Serialize(draft.policy),
            policy::Serialize(
                policy::Merge(draft.configuration, selector.Select(kHost.name, kHost.labels))));
  EXPECT_EQ(SummaryOf(draft.changes), "create Group/web, create Policy/servers");
}

TEST(Draft, TakesWhatIsNotInTheFilesAway) {
  const Draft first = DraftOfText(kWeb);
  const Draft second = DraftOfText("kind: Policy\nname: servers\ngroups: [all]\nfirewall: \"on\"\n",
                                   kHost, first.configuration);
  ASSERT_THAT(second.problems, IsEmpty());
  EXPECT_EQ(SummaryOf(second.changes), "update Policy/servers, delete Group/web");
  const Draft back = DraftOf(second.configuration, first.configuration, kHost);
  EXPECT_EQ(policy::Serialize(back.policy), policy::Serialize(first.policy));
}

TEST(Draft, SaysThatNoPolicySelectsTheHost) {
  const Draft draft = DraftOfText(kWeb, {.name = "alone", .labels = {}});
  EXPECT_THAT(draft.problems, IsEmpty());
  EXPECT_FALSE(draft.policy.managed());
  EXPECT_THAT(FirstProblem(draft.warnings), HasSubstr("no policy selects this host"));
}

TEST(Draft, NamesTheLineOfAMistake) {
  const Draft draft = DraftOfText("kind: Policy\nname: p\ngroups: [all]\nfirewal: \"on\"\n");
  ASSERT_THAT(draft.problems, SizeIs(1));
  EXPECT_THAT(FirstProblem(draft.problems), HasSubstr("p.yaml:4: "));
}

TEST(Draft, RefusesWhatBreaksAnInvariant) {
  const Draft draft = DraftOfText(std::string(kWeb) + R"(---
kind: Invariant
name: no-ssh
groups: [all]
must: block
traffic: [{service: ssh}]
reason: nobody logs in here
)");
  ASSERT_THAT(draft.problems, SizeIs(1)) << FirstProblem(draft.problems);
  EXPECT_THAT(FirstProblem(draft.problems), HasSubstr("no-ssh"));
}

TEST(Takeover, TellsWhatPacketsMeet) {
  const Draft own = DraftOfText(kWeb);
  const Draft fleet = DraftOfText(
      "kind: Policy\nname: fleet\ngroups: [all]\nfirewall: \"on\"\nport_mappings: [{service: "
      "http}]\n");
  const std::vector<std::string> lines = DescribeTakeover(own.policy, fleet.policy, 10);
  EXPECT_THAT(lines, testing::Contains(HasSubstr("opens in tcp/80 from anybody")));
  EXPECT_THAT(lines, testing::Contains(HasSubstr("closes in tcp/22 from anybody")));
  EXPECT_THAT(DescribeTakeover(own.policy, own.policy, 10), IsEmpty());
}

}  // namespace
}  // namespace firebreak::agent
