// SPDX-License-Identifier: Apache-2.0
#include "controller/store/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "controller/store/audit.h"
#include "controller/store/revisions.h"

namespace firebreak::controller {
namespace {

using testing::HasSubstr;

class DatabaseTest : public testing::Test {
 protected:
  DatabaseTest() {
    std::string pattern = testing::TempDir() + "/databaseXXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  ~DatabaseTest() override {
    umount2(directory_.c_str(), MNT_DETACH);
    std::filesystem::remove_all(directory_);
  }

  std::string path() const { return directory_ + "/db"; }

  static absl::Status Append(Database& database, uint64_t number, size_t bytes = 0) {
    return database.Transact(absl::StrCat("store revision ", number), [&](Connection& connection) {
      Revision revision{.number = number,
                        .at = absl::FromUnixSeconds(1'700'000'000),
                        .author = "admin/test",
                        .address = "",
                        .summary = std::string(bytes, 'x')};
      revision.digest = RevisionDigest(revision, {});
      RETURN_IF_ERROR(AppendRevision(connection, revision));
      return AppendAudit(connection, revision.at,
                         {.object = absl::StrCat("revision ", number), .result = "done"});
    });
  }
  void SetVersion(const char* pragma) {
    auto connection = Connection::Open(path());
    ASSERT_TRUE(connection.ok());
    ASSERT_TRUE(connection->ExecuteScript(pragma).ok());
  }
  static uint64_t Latest(Database& database) {
    uint64_t latest = 0;
    EXPECT_TRUE(database
                    .Transact("read",
                              [&](Connection& connection) {
                                const auto number = LatestRevision(connection);
                                if (number.ok()) latest = *number;
                                return number.status();
                              })
                    .ok());
    return latest;
  }

  std::string directory_;
};

TEST_F(DatabaseTest, WhatWasAcknowledgedSurvivesAKill) {
  int acknowledged[2];
  ASSERT_EQ(pipe(acknowledged), 0);
  const pid_t child = fork();
  if (child == 0) {
    auto database = Database::Open(path());
    if (!database.ok()) _exit(1);
    for (uint64_t number = 1;; ++number) {
      if (!Append(**database, number).ok()) _exit(1);
      if (write(acknowledged[1], &number, sizeof(number)) < 0) _exit(1);
    }
  }
  close(acknowledged[1]);
  uint64_t last = 0;
  while (last < 50) ASSERT_EQ(read(acknowledged[0], &last, sizeof(last)), 8);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  while (read(acknowledged[0], &last, sizeof(last)) == 8) {
  }
  close(acknowledged[0]);

  auto database = Database::Open(path());
  ASSERT_TRUE(database.ok()) << database.status();
  EXPECT_GE(Latest(**database), last);
  EXPECT_LE(Latest(**database), last + 1);
}

TEST_F(DatabaseTest, AFailedTransactionChangesNothing) {
  auto database = Database::Open(path());
  ASSERT_TRUE(database.ok()) << database.status();
  const absl::Status status =
      (*database)->Transact("store revision 1", [](Connection& connection) -> absl::Status {
        EXPECT_TRUE(AppendRevision(connection, {.number = 1, .at = absl::UnixEpoch()}).ok());
        return absl::AbortedError("a later step failed");
      });
  EXPECT_EQ(status.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(status.message(), "store revision 1: a later step failed; nothing was changed");
  EXPECT_EQ(Latest(**database), 0u);
  EXPECT_TRUE(Append(**database, 1).ok());
}

TEST_F(DatabaseTest, AFullDiskIsSaidAndWhatWasStoredStays) {
  if (unshare(CLONE_NEWNS) != 0 ||
      mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("firebreak", directory_.c_str(), "tmpfs", 0, "size=1m") != 0) {
    GTEST_SKIP() << "needs root to mount a small file system";
  }
  uint64_t stored = 0;
  {
    auto database = Database::Open(path());
    ASSERT_TRUE(database.ok()) << database.status();
    absl::Status status;
    while (stored < 1000 && (status = Append(**database, stored + 1, 10'000)).ok()) ++stored;
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr(absl::StrCat("store revision ", stored + 1, ": the disk is full")));
    EXPECT_THAT(std::string(status.message()), HasSubstr("nothing was changed"));
    EXPECT_EQ(Latest(**database), stored);
  }
  auto again = Database::Open(path());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(Latest(**again), stored);
}

TEST_F(DatabaseTest, RefusesADatabaseOfANewerProgram) {
  SetVersion("PRAGMA user_version = 99");
  const auto database = Database::Open(path());
  EXPECT_EQ(database.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(database.status().message()), HasSubstr("schema 99"));
  EXPECT_THAT(std::string(database.status().message()), HasSubstr("newer"));
}

TEST_F(DatabaseTest, RefusesADatabaseFromBeforeTheFirstRelease) {
  SetVersion("PRAGMA user_version = 3");
  const auto database = Database::Open(path());
  EXPECT_EQ(database.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(database.status().message()), HasSubstr("schema 3, from before"));
  EXPECT_THAT(std::string(database.status().message()), HasSubstr("--data-dir"));
}

TEST_F(DatabaseTest, RefusesWhatIsNoDatabase) {
  FILE* file = fopen(path().c_str(), "w");
  for (int i = 0; i < 1000; ++i) fputs("certainly not SQLite ", file);
  fclose(file);
  EXPECT_EQ(Database::Open(path()).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(DatabaseTest, SaysThatTheDirectoryIsMissing) {
  const auto database = Database::Open(directory_ + "/none/db");
  EXPECT_THAT(std::string(database.status().message()), HasSubstr("/none/db"));
  EXPECT_EQ(database.status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace firebreak::controller
