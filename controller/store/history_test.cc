// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "controller/store/resources.h"
#include "controller/store/revisions.h"
#include "controller/store/rollouts.h"
#include "controller/store/test_database.h"

namespace firebreak::controller {
namespace {

using testing::HasSubstr;

class HistoryTest : public testing::Test {
 protected:
  using State = std::map<std::string, std::string>;  // descriptions, by name of the group

  absl::Status Do(absl::FunctionRef<absl::Status(Connection&)> body) {
    return database_->Transact("test", body);
  }

  // Makes `next` the content of a new revision.
  void Store(const State& next) {
    ++number_;
    const absl::Status status = Do([&](Connection& connection) -> absl::Status {
      for (const auto& [name, description] : next) {
        if (const auto found = state_.find(name);
            found != state_.end() && found->second == description) {
          continue;
        }
        v1::Resource resource;
        resource.mutable_group()->set_name(name);
        resource.mutable_group()->set_description(description);
        RETURN_IF_ERROR(
            PutResource(connection, number_, "Group", name, resource.SerializeAsString()));
      }
      for (const auto& [name, description] : state_) {
        if (next.contains(name)) continue;
        RETURN_IF_ERROR(DeleteResource(connection, number_, "Group", name));
      }
      Revision revision{.number = number_,
                        .at = absl::FromUnixSeconds(1'700'000'000),
                        .author = "admin/a",
                        .address = "192.0.2.1:5",
                        .summary = absl::StrCat("the ", number_, "th")};
      ASSIGN_OR_RETURN(const auto contents, ListContents(connection, number_));
      revision.digest = RevisionDigest(revision, contents);
      return AppendRevision(connection, revision);
    });
    ASSERT_TRUE(status.ok()) << status;
    state_ = next;
  }

  State Load(uint64_t revision) {
    State state;
    const absl::Status status = Do([&](Connection& connection) -> absl::Status {
      ASSIGN_OR_RETURN(const auto resources, LoadResources(connection, revision));
      for (const StoredResource& resource : resources) {
        state[resource.name] = resource.body.group().description();
      }
      return absl::OkStatus();
    });
    EXPECT_TRUE(status.ok()) << status;
    return state;
  }

  int64_t Count(const char* sql) {
    int64_t count = -1;
    EXPECT_TRUE(Do([&](Connection& connection) {
                  return connection.Query(sql, {}, [&](const Row& row) {
                    count = row.Integer(0);
                    return absl::OkStatus();
                  });
                }).ok());
    return count;
  }

  TestDatabase database_;
  uint64_t number_ = 0;
  State state_;
};

TEST_F(HistoryTest, EveryRevisionKeepsItsResources) {
  std::mt19937 random(1);
  std::vector<State> states(1);
  for (int i = 0; i < 60; ++i) {
    State next = states.back();
    for (int change = 0; change < 3; ++change) {
      const std::string name = absl::StrCat("g", random() % 6);
      if (random() % 3 == 0) {
        next.erase(name);
      } else {
        next[name] = absl::StrCat("text ", random() % 4);
      }
    }
    Store(next);
    states.push_back(next);
  }
  for (uint64_t revision = 0; revision < states.size(); ++revision) {
    EXPECT_EQ(Load(revision), states[revision]) << "revision " << revision;
  }
  EXPECT_TRUE(Do(CheckRevisions).ok());
  // There are six names and four texts; each content is stored once.
  EXPECT_LE(Count("SELECT count(*) FROM contents"), 24);

  ASSERT_TRUE(Do([](Connection& connection) { return ForgetOldResources(connection, 10); }).ok());
  EXPECT_TRUE(Do(CheckRevisions).ok());
  EXPECT_TRUE(Do(CheckContents).ok());
  EXPECT_EQ(Count("SELECT count(*) FROM revisions"), 60);
  EXPECT_EQ(Count("SELECT count(*) FROM revisions WHERE kept = 1"), 10);
  EXPECT_EQ(Count("SELECT count(*) FROM contents WHERE digest NOT IN"
                  " (SELECT content FROM resource_versions)"),
            0);
  for (uint64_t revision = 51; revision <= 60; ++revision) {
    EXPECT_EQ(Load(revision), states[revision]) << "revision " << revision;
  }
  ASSERT_TRUE(Do([](Connection& connection) { return ForgetOldResources(connection, 0); }).ok());
  EXPECT_EQ(Load(60), states[60]);
}

TEST_F(HistoryTest, WhatARolloutNeedsIsKept) {
  for (const char* text : {"one", "two", "three", "four", "five"}) Store({{"a", text}});
  v1::StagedRollout rollout;
  rollout.set_from(3);
  rollout.set_revision(5);
  rollout.add_keeps()->set_revision(2);
  const auto forget = [&](Connection& connection) -> absl::Status {
    RETURN_IF_ERROR(PutRollout(connection, rollout));
    ASSIGN_OR_RETURN(const auto needed, OldestRevisionOfRollout(connection));
    return ForgetOldResources(connection, 1, needed);
  };
  ASSERT_TRUE(Do(forget).ok());
  EXPECT_EQ(Load(2), (State{{"a", "two"}}));
  EXPECT_EQ(Load(3), (State{{"a", "three"}}));
  EXPECT_EQ(Count("SELECT count(*) FROM revisions WHERE kept = 1"), 4);
  EXPECT_TRUE(Do(CheckRevisions).ok());
  rollout.mutable_ended_at()->set_seconds(1);
  ASSERT_TRUE(Do(forget).ok());
  EXPECT_EQ(Count("SELECT count(*) FROM revisions WHERE kept = 1"), 1);
}

TEST_F(HistoryTest, OfManyRolloutsTheNewestAreKept) {
  const auto put = [](Connection& connection) -> absl::Status {
    for (int64_t number = 1; number <= kRolloutsKept + 5; ++number) {
      v1::StagedRollout rollout;
      rollout.set_revision(static_cast<uint64_t>(number));
      RETURN_IF_ERROR(PutRollout(connection, rollout));
    }
    ASSIGN_OR_RETURN(const auto listed, ListRollouts(connection, 2));
    if (listed.size() != 2 || listed[0].revision() != kRolloutsKept + 5) {
      return absl::InternalError("not the newest ones");
    }
    return absl::OkStatus();
  };
  const absl::Status status = Do(put);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Count("SELECT count(*) FROM rollouts"), kRolloutsKept);
}

TEST_F(HistoryTest, ARevisionsDigestCoversItsResourcesAndWhoMadeIt) {
  Store({{"a", "one"}, {"b", "two"}});
  Store({{"a", "three"}});
  EXPECT_TRUE(Do(CheckRevisions).ok());
  for (const char* change : {
           "UPDATE revisions SET author = 'admin/b' WHERE number = 1",
           "UPDATE resource_versions SET until = 3 WHERE name = 'b'",
           "UPDATE resource_versions SET name = 'c' WHERE name = 'b'",
           "DELETE FROM resource_versions WHERE name = 'a' AND since = 2",
       }) {
    EXPECT_TRUE(absl::IsAborted(Do([&](Connection& connection) -> absl::Status {
      RETURN_IF_ERROR(connection.ExecuteScript(change));
      const absl::Status checked = CheckRevisions(connection);
      EXPECT_TRUE(absl::IsDataLoss(checked)) << change;
      EXPECT_THAT(std::string(checked.message()), HasSubstr("revision "));
      return absl::AbortedError("undo it");
    }))) << change;
  }
}

TEST_F(HistoryTest, AContentThatIsNotWhatWasStoredIsNamed) {
  Store({{"a", "80"}});
  ASSERT_TRUE(Do([](Connection& connection) {
                return connection.ExecuteScript(
                    "UPDATE contents SET body = CAST(replace(CAST(body AS TEXT), '80', '81') AS"
                    " BLOB)");
              }).ok());
  const absl::Status checked = Do(CheckContents);
  EXPECT_TRUE(absl::IsDataLoss(checked));
  EXPECT_THAT(std::string(checked.message()), HasSubstr("Group/a"));
  EXPECT_TRUE(absl::IsDataLoss(
      Do([](Connection& connection) { return LoadResources(connection, 1).status(); })));
}

}  // namespace
}  // namespace firebreak::controller
