// SPDX-License-Identifier: Apache-2.0
#include "controller/store/row_digests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/store/hosts.h"
#include "controller/store/test_database.h"

namespace firebreak::controller {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class RowDigestsTest : public testing::Test {
 protected:
  absl::Status Do(absl::FunctionRef<absl::Status(Connection&)> body) {
    return database_->Transact("test", body);
  }

  std::vector<DamagedRow> Damaged() {
    std::vector<DamagedRow> rows;
    EXPECT_TRUE(Do([&](Connection& connection) {
                  auto found = FindDamagedRows(connection, 100);
                  EXPECT_TRUE(found.ok()) << found.status();
                  if (found.ok()) rows = *std::move(found);
                  return absl::OkStatus();
                }).ok());
    return rows;
  }

  // Changes the database without running triggers, like a bit that flips on the disk.
  void Damage(const char* sql) {
    const absl::Status status = Do([&](Connection& connection) {
      return connection.ExecuteScript((std::string("DROP TRIGGER temp.seal_changed_hosts;"
                                                   "DROP TRIGGER temp.seal_changed_host_labels;") +
                                       sql)
                                          .c_str());
    });
    ASSERT_TRUE(status.ok()) << status;
  }

  void PutTwoHosts() {
    for (const char* name : {"db1", "web1"}) {
      const absl::Status status = Do([&](Connection& connection) {
        return PutHost(connection, {.name = name,
                                    .labels = {{"role", "web"}},
                                    .key_sha256 = "key",
                                    .token = "",
                                    .fingerprint = "one",
                                    .next_fingerprint = "",
                                    .certificate_ends = absl::UnixEpoch(),
                                    .enrolled_at = absl::UnixEpoch()});
      });
      ASSERT_TRUE(status.ok()) << status;
    }
  }

  TestDatabase database_;
};

TEST_F(RowDigestsTest, EveryTableHasThem) {
  ASSERT_TRUE(Do([](Connection& connection) {
                const auto tables = TablesWithoutDigests(connection);
                EXPECT_TRUE(tables.ok()) << tables.status();
                EXPECT_THAT(*tables, IsEmpty())
                    << "give the table a column row_digest BLOB NOT NULL DEFAULT x''";
                return absl::OkStatus();
              }).ok());
}

TEST_F(RowDigestsTest, RowsThatAreWrittenAndChangedAreSealed) {
  PutTwoHosts();
  EXPECT_THAT(Damaged(), IsEmpty());
  PutTwoHosts();
  ASSERT_TRUE(Do([](Connection& connection) {
                return SetHostReport(connection, "web1", {.address = "192.0.2.1"});
              }).ok());
  EXPECT_THAT(Damaged(), IsEmpty());
}

TEST_F(RowDigestsTest, ADamagedRowIsNamed) {
  PutTwoHosts();
  Damage(
      "UPDATE hosts SET fingerprint = x'aa' WHERE name = 'web1';"
      "UPDATE host_labels SET value = 'wec' WHERE host = 'db1'");
  const std::vector<DamagedRow> rows = Damaged();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].table, "host_labels");
  EXPECT_EQ(rows[0].key, "'db1', 'role'");
  EXPECT_EQ(DamageStatus(rows[1]).message(),
            "row 'web1' of the table hosts is damaged: it is not what was stored");
}

TEST_F(RowDigestsTest, ValuesOfAnotherTypeOrInAnotherColumnAreOtherRows) {
  PutTwoHosts();
  Damage(
      "UPDATE hosts SET fingerprint = key_sha256, key_sha256 = fingerprint"
      " WHERE name = 'web1'; UPDATE hosts SET revoked_at = 0 WHERE name = 'db1'");
  EXPECT_EQ(Damaged().size(), 2u);
}

}  // namespace
}  // namespace firebreak::controller
