// SPDX-License-Identifier: Apache-2.0
#include "controller/store/migrations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/files/files.h"
#include "base/status/status.h"
#include "base/testing/temporary_directory.h"
#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "controller/store/hosts.h"
#include "controller/store/resources.h"
#include "controller/store/revisions.h"
#include "controller/store/schema.h"
#include "controller/store/tokens.h"
#include "proto/audit/chain.h"

namespace firebreak::controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr char kSchema7[] = "controller/store/testdata/schema_7.sql";

class MigrationsTest : public testing::Test {
 protected:
  std::string path() const { return directory_.path() + "/db"; }

  // Creates a database as the programs of schema 7 left it.
  void LeaveSchema7() {
    const auto script = ReadFile(std::filesystem::canonical(kSchema7), 1 << 20);
    ASSERT_TRUE(script.ok()) << script.status();
    auto connection = Connection::Open(path());
    ASSERT_TRUE(connection.ok()) << connection.status();
    const absl::Status status = connection->ExecuteScript(script->c_str());
    ASSERT_TRUE(status.ok()) << status;
  }

  static std::vector<std::string> Objects(Connection& connection) {
    std::vector<std::string> objects;
    EXPECT_TRUE(connection
                    .Query("SELECT type, name, sql FROM sqlite_schema ORDER BY type, name", {},
                           [&](const Row& row) {
                             objects.push_back(row.Bytes(0) + " " + row.Bytes(1) + ": " +
                                               row.Bytes(2));
                             return absl::OkStatus();
                           })
                    .ok());
    return objects;
  }

  static int64_t Number(Connection& connection, const char* sql) {
    int64_t number = -1;
    EXPECT_TRUE(connection
                    .Query(sql, {},
                           [&](const Row& row) {
                             number = row.Integer(0);
                             return absl::OkStatus();
                           })
                    .ok());
    return number;
  }

  const TemporaryDirectory directory_;
};

absl::Status AddColumn(Connection& connection) {
  return connection.ExecuteScript("ALTER TABLE drifts ADD COLUMN added INTEGER");
}

absl::Status Fail(Connection& connection) {
  RETURN_IF_ERROR(connection.ExecuteScript("DROP TABLE drifts"));
  return absl::InternalError("no");
}

TEST_F(MigrationsTest, StepsAreTakenOnceAndInTheirOrder) {
  LeaveSchema7();
  auto connection = Connection::Open(path());
  ASSERT_TRUE(connection.ok());
  const Migration steps[] = {{8, "add a column", AddColumn}};
  ASSERT_TRUE(BringUpToDate(*connection, steps).ok());
  EXPECT_EQ(Number(*connection, "PRAGMA user_version"), 8);
  // AddColumn would fail if it ran again.
  ASSERT_TRUE(BringUpToDate(*connection, steps).ok());
  const Migration fewer[] = {{7, "", nullptr}};
  EXPECT_THAT(std::string(BringUpToDate(*connection, fewer).message()), HasSubstr("newer"));
}

TEST_F(MigrationsTest, AStepThatFailsIsNamed) {
  LeaveSchema7();
  auto connection = Connection::Open(path());
  ASSERT_TRUE(connection.ok());
  const Migration steps[] = {{8, "add a column", AddColumn}, {9, "fail", Fail}};
  ASSERT_TRUE(connection->Execute("BEGIN").ok());
  const absl::Status status = BringUpToDate(*connection, steps);
  EXPECT_EQ(status.message(), "bring it to schema 9 (fail): no");
  ASSERT_TRUE(connection->Execute("ROLLBACK").ok());
  EXPECT_EQ(Number(*connection, "PRAGMA user_version"), 7);
  EXPECT_EQ(Number(*connection, "SELECT count(*) FROM sqlite_schema WHERE name = 'drifts'"), 1);
}

TEST_F(MigrationsTest, ADatabaseWithoutItsVersionIsNotTakenForANewOne) {
  LeaveSchema7();
  auto connection = Connection::Open(path());
  ASSERT_TRUE(connection.ok());
  ASSERT_TRUE(connection->ExecuteScript("PRAGMA user_version = 0").ok());
  EXPECT_TRUE(absl::IsDataLoss(BringUpToDate(*connection, Migrations())));
}

TEST_F(MigrationsTest, AnOldDatabaseGetsTheSchemaOfANewOne) {
  LeaveSchema7();
  ASSERT_TRUE(Database::Open(path()).ok());
  ASSERT_TRUE(Database::Open(directory_.path() + "/fresh").ok());
  auto old = Connection::Open(path());
  auto fresh = Connection::Open(directory_.path() + "/fresh");
  ASSERT_TRUE(old.ok() && fresh.ok());
  EXPECT_EQ(Objects(*old), Objects(*fresh));
  EXPECT_EQ(Number(*old, "PRAGMA user_version"), Number(*fresh, "PRAGMA user_version"));
}

TEST_F(MigrationsTest, WhatTheOldProgramsStoredIsStillThere) {
  LeaveSchema7();
  auto database = Database::Open(path());
  ASSERT_TRUE(database.ok()) << database.status();
  const absl::Status status =
      (*database)->Transact("test", [&](Connection& connection) -> absl::Status {
        EXPECT_EQ(*LatestRevision(connection), 4u);
        ASSIGN_OR_RETURN(const auto resources, LoadResources(connection, 4));
        std::vector<std::string> names;
        for (const auto& resource : resources) {
          names.push_back(resource.kind + "/" + resource.name);
          if (names.back() == "Policy/web") {
            EXPECT_EQ(resource.body.policy().port_mappings().items_size(), 2);
          }
        }
        EXPECT_THAT(names,
                    UnorderedElementsAre("Group/web", "Policy/switch-host-db1", "Policy/web"));
        ASSIGN_OR_RETURN(const auto hosts, LoadHosts(connection));
        EXPECT_EQ(hosts.size(), 3u);
        for (const StoredHost& host : hosts) {
          EXPECT_EQ(host.record.revoked(), host.record.name == "old1");
          EXPECT_FALSE(host.report.facts.kernel().empty());
          if (host.record.name != "web1") continue;
          EXPECT_THAT(host.record.labels, ElementsAre(Pair("role", "web")));
          EXPECT_EQ(host.report.receipt.revision(), 4u);
        }
        // The resources of earlier revisions are not known any more, but their authors are.
        ASSIGN_OR_RETURN(const auto revisions, ListRevisions(connection, 100, 100));
        EXPECT_EQ(revisions.size(), 4u);
        for (const Revision& revision : revisions) {
          EXPECT_EQ(revision.kept, revision.number == 4);
          EXPECT_EQ(revision.digest.empty(), revision.number != 4);
          EXPECT_EQ(revision.author, "admin/admin");
        }
        EXPECT_EQ(*LastTokenNumber(connection), 4);
        ASSIGN_OR_RETURN(const auto rows, ReadAudit(connection, 0, 1000));
        AuditChecker checker;
        for (const v1::AuditRow& row : rows) EXPECT_TRUE(checker.Add(row).ok());
        ASSIGN_OR_RETURN(const auto heads, ReadAuditHeads(connection));
        EXPECT_EQ(heads.back().hash(), checker.hash());
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
}

}  // namespace
}  // namespace firebreak::controller
