// SPDX-License-Identifier: Apache-2.0

// Truncates every file of the database at many places, and flips one bit in every 64 bytes. Each
// time, opening either fails with an error that says so, or the database has its old content.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/files/files.h"
#include "base/status/status.h"
#include "controller/store/audit.h"
#include "controller/store/check.h"
#include "controller/store/database.h"
#include "controller/store/host_events.h"
#include "controller/store/hosts.h"
#include "controller/store/resources.h"
#include "controller/store/revisions.h"
#include "controller/store/tokens.h"

namespace firebreak::controller {
namespace {

namespace fs = std::filesystem;

constexpr size_t kStep = 64;
constexpr size_t kMaxBytes = 16 << 20;

// Prefers a directory in memory, because the database is opened thousands of times.
std::string MakeDirectory() {
  std::string pattern = fs::is_directory("/dev/shm") ? "/dev/shm/firebreak-damage-XXXXXX"
                                                     : testing::TempDir() + "/damage-XXXXXX";
  return mkdtemp(pattern.data());
}

class DamageTest : public testing::Test {
 protected:
  ~DamageTest() override { fs::remove_all(directory_); }

  // Names of files and their content: firebreak.db, its mark, and its journal if it was not folded
  // in.
  using Files = std::map<std::string, std::string>;

  std::string path() const { return directory_ + "/firebreak.db"; }

  static absl::Status Fill(Connection& connection, uint64_t revision) {
    const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
    const std::string name = absl::StrCat("web", revision);
    v1::Resource resource;
    resource.mutable_group()->set_name(name);
    resource.mutable_group()->set_description(std::string(200, 'd'));
    RETURN_IF_ERROR(PutResource(connection, revision, "Group", name, resource.SerializeAsString()));
    Revision made{.number = revision,
                  .at = now,
                  .author = "admin/a",
                  .address = "192.0.2.1:5",
                  .summary = absl::StrCat("created Group/", name)};
    ASSIGN_OR_RETURN(const auto contents, ListContents(connection, revision));
    made.digest = RevisionDigest(made, contents);
    RETURN_IF_ERROR(AppendRevision(connection, made));
    RETURN_IF_ERROR(AppendAudit(connection, now,
                                {.actor = "admin/a",
                                 .action = "apply",
                                 .object = absl::StrCat("revision ", revision),
                                 .result = "done",
                                 .detail = made.summary + DigestNote(made.digest)}));
    RETURN_IF_ERROR(PutHost(connection, {.name = name,
                                         .labels = {{"role", "web"}},
                                         .key_sha256 = "key",
                                         .token = "token",
                                         .fingerprint = std::string(32, 'f'),
                                         .next_fingerprint = "",
                                         .certificate_ends = now,
                                         .enrolled_at = now}));
    RETURN_IF_ERROR(PutEventMark(connection, name, {1, revision, 0}));
    return InsertToken(connection, {.number = 0,
                                    .id = name,
                                    .secret_sha256 = std::string(32, 's'),
                                    .created_by = "admin/a",
                                    .created_at = now,
                                    .expires_at = now,
                                    .uses_left = 1,
                                    .labels = {{"role", "web"}}});
  }

  // Makes a database with some rows in every table. `folded`: as a controller leaves it that was
  // stopped; otherwise as one leaves it that was killed.
  Files Make(bool folded) {
    Files files;
    auto database = Database::Open(path());
    EXPECT_TRUE(database.ok()) << database.status();
    for (uint64_t revision = 1; revision <= 3; ++revision) {
      const absl::Status status = (*database)->Transact(
          "fill", [&](Connection& connection) { return Fill(connection, revision); });
      EXPECT_TRUE(status.ok()) << status;
    }
    if (folded) database->reset();
    for (const char* suffix : {"", ".mark", "-wal"}) {
      const auto bytes = ReadFile(path() + suffix, kMaxBytes);
      if (bytes.ok() && !bytes->empty()) files[absl::StrCat("firebreak.db", suffix)] = *bytes;
    }
    return files;
  }

  void Put(const Files& files) {
    for (const auto& entry : fs::directory_iterator(directory_)) fs::remove(entry);
    for (const auto& [name, bytes] : files) {
      std::ofstream(directory_ + "/" + name, std::ios::binary) << bytes;
    }
  }

  // Prints all rows without their digests, which are checked separately.
  static std::string Text(Connection& connection) {
    std::string text;
    std::vector<std::string> tables;
    EXPECT_TRUE(connection
                    .QueryOnce("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
                               [&](const Row& row) {
                                 tables.push_back(row.Bytes(0));
                                 return absl::OkStatus();
                               })
                    .ok());
    for (const std::string& table : tables) {
      std::vector<std::string> columns;
      EXPECT_TRUE(connection
                      .QueryOnce(absl::StrCat("SELECT name FROM pragma_table_info('", table, "')"),
                                 [&](const Row& row) {
                                   columns.push_back(row.Bytes(0));
                                   return absl::OkStatus();
                                 })
                      .ok());
      for (const std::string& column : columns) {
        EXPECT_TRUE(connection
                        .QueryOnce(absl::StrCat("SELECT quote(", column, ") FROM ", table,
                                                " ORDER BY rowid"),
                                   [&](const Row& row) {
                                     absl::StrAppend(&text, row.Bytes(0), "\n");
                                     return absl::OkStatus();
                                   })
                        .ok());
      }
    }
    return text;
  }

  // Opens a database with these files and returns its content; empty if the files are refused.
  // Damage of the audit trail is reported separately, because only the trail's own check finds it.
  std::string Outcome(const Files& files) {
    Put(files);
    const auto database = Database::Open(path());
    if (!database.ok()) {
      EXPECT_FALSE(database.status().message().empty());
      return "";
    }
    std::string text;
    const absl::Status status =
        (*database)->Transact("read", [&](Connection& connection) -> absl::Status {
          if (!CheckTrail(connection).ok()) return absl::OkStatus();
          text = Text(connection);
          return absl::OkStatus();
        });
    EXPECT_TRUE(status.ok()) << status;
    return text;
  }

  struct Counts {
    int refused = 0;
    int same = 0;
  };

  void Compare(const std::string& outcome, const std::string& whole, const std::string& what,
               Counts& counts) {
    if (outcome.empty()) {
      ++counts.refused;
    } else if (outcome == whole) {
      ++counts.same;
    } else {
      ADD_FAILURE() << what << " is followed in silence";
    }
  }

  void TryAll(const Files& files) {
    const std::string whole = Outcome(files);
    ASSERT_FALSE(whole.empty());
    std::mt19937 random(7);
    for (const auto& [name, bytes] : files) {
      Counts flips, cuts;
      for (size_t at = 0; at < bytes.size(); at += kStep) {
        const size_t place = std::min(at + random() % kStep, bytes.size() - 1);
        const auto bit = static_cast<int>(random() % 8);
        Files damaged = files;
        damaged[name][place] = static_cast<char>(damaged[name][place] ^ (1 << bit));
        Compare(Outcome(damaged), whole, absl::StrCat(name, ", bit ", bit, " of byte ", place),
                flips);
      }
      for (size_t size = 0; size < bytes.size(); size += 1 + bytes.size() / 64) {
        Files damaged = files;
        damaged[name].resize(size);
        Compare(Outcome(damaged), whole, absl::StrCat(name, " cut to ", size, " bytes"), cuts);
      }
      std::cout << name << ": " << bytes.size() << " bytes; of the flips " << flips.refused
                << " refused, " << flips.same << " without effect; of the cuts " << cuts.refused
                << " refused, " << cuts.same << " without effect\n";
    }
  }

  const std::string directory_ = MakeDirectory();
};

TEST_F(DamageTest, OfADatabaseThatWasClosedNothingIsFollowedInSilence) { TryAll(Make(true)); }

TEST_F(DamageTest, OfADatabaseThatWasKilledNothingIsFollowedInSilence) {
  const Files files = Make(false);
  ASSERT_TRUE(files.contains("firebreak.db-wal"));
  TryAll(files);
}

}  // namespace
}  // namespace firebreak::controller
