// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/files/files.h"
#include "base/status/status.h"
#include "base/testing/temporary_directory.h"
#include "controller/admin/revision_draft.h"
#include "controller/pki/fleet_files.h"
#include "controller/recovery/backup.h"
#include "controller/recovery/restore.h"
#include "controller/store/audit.h"
#include "controller/store/check.h"
#include "controller/store/database.h"
#include "controller/store/resources.h"
#include "controller/store/restores.h"
#include "controller/store/revisions.h"

namespace firebreak::controller {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class RecoveryTest : public testing::Test {
 protected:
  RecoveryTest() {
    const auto data = DataDirectory::Open(data_dir());
    EXPECT_TRUE(LoadOrMakeAuthority(*data, kNow).ok());
  }

  std::string data_dir() const { return directory_.path() + "/data"; }
  std::string path() const { return data_dir() + "/firebreak.db"; }
  std::string backup() const { return directory_.path() + "/backup"; }

  // Makes one more revision, with a group that has this description.
  void Apply(const std::string& description) {
    auto database = Database::Open(path());
    ASSERT_TRUE(database.ok()) << database.status();
    Apply(**database, description);
  }
  static void Apply(Database& database, const std::string& description) {
    policy::Plan plan;
    v1::Resource resource;
    resource.mutable_group()->set_name("web");
    resource.mutable_group()->set_description(description);
    plan.next.Put(resource);
    plan.changes.push_back({policy::Change::Kind::kUpdated, "Group/web"});
    const absl::Status status =
        database.Transact("apply", [&](Connection& connection) -> absl::Status {
          ASSIGN_OR_RETURN(const uint64_t newest, LatestRevision(connection));
          ASSIGN_OR_RETURN(const auto draft, DraftRevision(connection, plan, "", newest + 1,
                                                           {"admin/a", "192.0.2.1:5"}, kNow));
          return StoreDraft(connection, draft, "apply", 100);
        });
    ASSERT_TRUE(status.ok()) << status;
  }

  struct State {
    uint64_t revision = 0;
    uint64_t restores = 0;
    std::string description;
    std::vector<std::string> trail;
  };
  State Read() {
    State state;
    auto database = Database::Open(path());
    EXPECT_TRUE(database.ok()) << database.status();
    if (!database.ok()) return state;
    const absl::Status status =
        (*database)->Transact("read", [&](Connection& connection) -> absl::Status {
          RETURN_IF_ERROR(CheckTrail(connection));
          ASSIGN_OR_RETURN(state.revision, LatestRevision(connection));
          ASSIGN_OR_RETURN(state.restores, CountRestores(connection));
          ASSIGN_OR_RETURN(const auto resources, LoadResources(connection, state.revision));
          if (!resources.empty()) {
            state.description = resources.front().body.group().description();
          }
          ASSIGN_OR_RETURN(const auto rows, ReadAudit(connection, 0, 1000));
          for (const v1::AuditRow& row : rows) {
            state.trail.push_back(
                absl::StrCat(row.action(), " ", row.object(), ": ", row.detail()));
          }
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return state;
  }

  absl::Status Open() { return Database::Open(path()).status(); }

  // Changes the database behind the program's back; if `sealed`, with the rows' digests kept right.
  void Change(const char* sql) {
    auto connection = Connection::Open(path());
    ASSERT_TRUE(connection.ok());
    const absl::Status status = connection->ExecuteScript(sql);
    ASSERT_TRUE(status.ok()) << status;
  }

  const Actor actor_ = {"local/root", ""};
  const TemporaryDirectory directory_;
};

TEST_F(RecoveryTest, ABackupOfARunningControllerIsPutBack) {
  auto database = Database::Open(path());
  ASSERT_TRUE(database.ok());
  Apply(**database, "one");
  const absl::Status written = WriteBackup(data_dir(), backup(), kNow);
  ASSERT_TRUE(written.ok()) << written;
  Apply(**database, "two");
  Apply(**database, "three");
  database->reset();
  const auto restored = RestoreBackup(data_dir(), backup(), actor_, kNow);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->revision, 4u) << "above all that hosts may have";
  EXPECT_THAT(restored->notes, IsEmpty());
  const State state = Read();
  EXPECT_EQ(state.revision, 4u);
  EXPECT_EQ(state.restores, 1u);
  EXPECT_EQ(state.description, "one");
  // The trail continues from its real end, not from its end in the backup.
  ASSERT_EQ(state.trail.size(), 5u);
  EXPECT_THAT(state.trail[2], HasSubstr("apply revision 3"));
  EXPECT_THAT(state.trail[3], HasSubstr("restore restore 1: restored from a backup of 2027-"));
  EXPECT_THAT(state.trail[4], HasSubstr("restore revision 4"));
  Apply("five");
  EXPECT_EQ(Read().revision, 5u);
}

TEST_F(RecoveryTest, ABackupIsPutIntoAnEmptyDirectory) {
  Apply("one");
  ASSERT_TRUE(WriteBackup(data_dir(), backup(), kNow).ok());
  const std::string key = *ReadFile(data_dir() + "/ca.key", 1 << 16);
  std::filesystem::remove_all(data_dir());
  const auto restored = RestoreBackup(data_dir(), backup(), actor_, kNow);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(Read().description, "one");
  EXPECT_EQ(*ReadFile(data_dir() + "/ca.key", 1 << 16), key);
}

TEST_F(RecoveryTest, RowsOfTheTrailThatAreLostAreTold) {
  Apply("one");
  ASSERT_TRUE(WriteBackup(data_dir(), backup(), kNow).ok());
  Apply("two");
  std::filesystem::resize_file(path(), 5000);
  EXPECT_TRUE(absl::IsDataLoss(Open()));
  const auto restored = RestoreBackup(data_dir(), backup(), actor_, kNow);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(restored->revision, 3u);
  EXPECT_THAT(restored->notes, Contains(HasSubstr("rows 2 to 2 of the audit trail are lost")));
  EXPECT_THAT(Read().trail[1], HasSubstr("rows 2 to 2 of the audit trail are lost"));
}

TEST_F(RecoveryTest, TheBackupOfAnotherFleetIsRefused) {
  Apply("one");
  ASSERT_TRUE(WriteBackup(data_dir(), backup(), kNow).ok());
  std::filesystem::remove_all(data_dir());
  {
    const auto data = DataDirectory::Open(data_dir());
    ASSERT_TRUE(LoadOrMakeAuthority(*data, kNow).ok());
  }
  const auto restored = RestoreBackup(data_dir(), backup(), actor_, kNow);
  EXPECT_TRUE(absl::IsFailedPrecondition(restored.status())) << restored.status();
  EXPECT_THAT(std::string(restored.status().message()), HasSubstr("another fleet"));
}

TEST_F(RecoveryTest, WhatIsNoBackupOrADamagedOneChangesNothing) {
  Apply("one");
  ASSERT_TRUE(WriteBackup(data_dir(), backup(), kNow).ok());
  EXPECT_FALSE(RestoreBackup(data_dir(), directory_.path() + "/none", actor_, kNow).ok());
  EXPECT_TRUE(absl::IsDataLoss(RestoreBackup(data_dir(), path(), actor_, kNow).status()));
  std::string bytes = *ReadFile(backup(), 1 << 24);
  bytes[bytes.size() / 2] ^= 4;
  ASSERT_TRUE(ReplaceFile(backup(), bytes).ok());
  const auto restored = RestoreBackup(data_dir(), backup(), actor_, kNow);
  // The flipped bit may be in an unused part of the file.
  if (!restored.ok()) {
    EXPECT_EQ(Read().revision, 1u);
  }
  Apply("two");
}

TEST_F(RecoveryTest, ARunningControllerIsNotRestored) {
  Apply("one");
  ASSERT_TRUE(WriteBackup(data_dir(), backup(), kNow).ok());
  const auto running = DataDirectory::Open(data_dir());
  EXPECT_TRUE(
      absl::IsFailedPrecondition(RestoreBackup(data_dir(), backup(), actor_, kNow).status()));
  EXPECT_TRUE(absl::IsFailedPrecondition(AcceptLoss(data_dir(), actor_, kNow).status()));
}

TEST_F(RecoveryTest, ADatabaseThatWentBackIsRefusedUntilThatIsAccepted) {
  Apply("one");
  std::filesystem::copy_file(path(), directory_.path() + "/older");
  Apply("two");
  std::filesystem::copy_file(directory_.path() + "/older", path(),
                             std::filesystem::copy_options::overwrite_existing);
  const absl::Status refused = Open();
  EXPECT_TRUE(absl::IsDataLoss(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("it had revision 2"));
  const auto accepted = AcceptLoss(data_dir(), actor_, kNow);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->revision, 3u);
  const State state = Read();
  EXPECT_EQ(state.description, "one");
  EXPECT_EQ(state.restores, 1u);
}

TEST_F(RecoveryTest, AnEmptyOrMissingDatabaseIsNotTakenForANewFleet) {
  Apply("one");
  ASSERT_EQ(truncate(path().c_str(), 0), 0);
  EXPECT_THAT(std::string(Open().message()), HasSubstr("it is empty"));
  std::filesystem::remove(path());
  EXPECT_THAT(std::string(Open().message()), HasSubstr("it is missing"));
  const auto accepted = AcceptLoss(data_dir(), actor_, kNow);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_EQ(accepted->revision, 2u);
  EXPECT_EQ(Read().description, "");
}

TEST_F(RecoveryTest, ADamagedPolicyIsRefusedAndTheNewestWholeRevisionTakesItsPlace) {
  Apply("80");
  Apply("90");
  Change("UPDATE contents SET body = CAST(replace(CAST(body AS TEXT), '90', '91') AS BLOB)");
  EXPECT_THAT(std::string(Open().message()), HasSubstr("Group/web in the database is damaged"));
  const auto accepted = AcceptLoss(data_dir(), actor_, kNow);
  ASSERT_TRUE(accepted.ok()) << accepted.status();
  EXPECT_THAT(accepted->notes, Contains(HasSubstr("those of revision 1")));
  EXPECT_EQ(Read().description, "80");
  Apply("100");
  EXPECT_EQ(Read().description, "100");
}

TEST_F(RecoveryTest, WithoutAWholeRevisionOnlyABackupHelps) {
  Apply("80");
  Change("UPDATE contents SET body = x'00'");
  EXPECT_TRUE(absl::IsDataLoss(AcceptLoss(data_dir(), actor_, kNow).status()));
}

}  // namespace
}  // namespace firebreak::controller
