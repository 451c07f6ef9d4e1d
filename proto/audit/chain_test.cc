// SPDX-License-Identifier: Apache-2.0
#include "proto/audit/chain.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "base/status/status.h"

namespace firebreak {
namespace {

using testing::HasSubstr;

std::vector<v1::AuditRow> Trail(int rows) {
  std::vector<v1::AuditRow> trail;
  std::string hash = FirstAuditHash();
  for (int i = 1; i <= rows; ++i) {
    v1::AuditRow& row = trail.emplace_back();
    row.set_number(static_cast<uint64_t>(i));
    row.mutable_at()->set_seconds(1'700'000'000 + i);
    row.set_actor("admin/admin");
    row.set_action("apply");
    row.set_object("revision " + std::to_string(i));
    row.set_result(i % 2 == 0 ? "refused" : "done");
    row.set_content_digest(AuditContentDigest(row));
    hash = NextAuditHash(hash, row);
    row.set_hash(hash);
  }
  return trail;
}

absl::Status Check(const std::vector<v1::AuditRow>& trail) {
  AuditChecker checker;
  for (const v1::AuditRow& row : trail) {
    RETURN_IF_ERROR(checker.Add(row));
  }
  return absl::OkStatus();
}

TEST(AuditChain, HoldsAsItWasMade) { EXPECT_TRUE(Check(Trail(10)).ok()); }

TEST(AuditChain, HoldsWhereTheTextOfARefusalIsDropped) {
  auto trail = Trail(10);
  v1::AuditRow& row = trail[3];
  row.set_dropped(true);
  row.clear_actor();
  row.clear_action();
  row.clear_object();
  EXPECT_TRUE(Check(trail).ok()) << Check(trail);
}

TEST(AuditChain, OfADroppedRowItProvesNumberTimeAndResult) {
  const auto drop = [](v1::AuditRow& row) {
    row.set_dropped(true);
    row.set_result("refused");
    row.clear_actor();
    row.clear_action();
    row.clear_object();
  };
  const std::vector<std::function<void(std::vector<v1::AuditRow>&)>> changes = {
      [&](auto& trail) { drop(trail[4]); },  // that row was done, not refused
      [](auto& trail) { trail[3].mutable_at()->set_seconds(1); },
      [](auto& trail) { trail[3].set_result("done"); },
      [](auto& trail) { trail[3].set_actor("admin/other"); },
      [](auto& trail) { trail[3].set_content_digest(std::string(kAuditHashBytes, 'x')); },
      [](auto& trail) { trail.erase(trail.begin() + 3); },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    auto trail = Trail(10);
    drop(trail[3]);
    ASSERT_TRUE(Check(trail).ok());
    changes[i](trail);
    const absl::Status status = Check(trail);
    EXPECT_TRUE(absl::IsDataLoss(status)) << i;
    EXPECT_THAT(std::string(status.message()), HasSubstr(i == 0 ? "row 5" : "row 4")) << i;
  }
}

TEST(AuditChain, ShowsEveryChange) {
  const std::vector<std::function<void(std::vector<v1::AuditRow>&)>> changes = {
      [](auto& trail) { trail.erase(trail.begin() + 4); },
      [](auto& trail) { trail.erase(trail.begin()); },
      [](auto& trail) { std::swap(trail[2], trail[3]); },
      [](auto& trail) { trail.insert(trail.begin() + 2, trail[2]); },
      [](auto& trail) { trail[4].set_actor("admin/other"); },
      [](auto& trail) { trail[4].set_detail("x"); },
      [](auto& trail) { trail[4].mutable_at()->set_seconds(1); },
      [](auto& trail) { trail[4].set_dropped(true); },  // that row was done, not refused
      [](auto& trail) {
        trail[4].set_actor("admin/other");
        trail[4].set_content_digest(AuditContentDigest(trail[4]));
      },
      [](auto& trail) {
        // Changes the row and its hash, but not the hashes of later rows.
        trail[4].set_actor("admin/other");
        trail[4].set_content_digest(AuditContentDigest(trail[4]));
        trail[4].set_hash(NextAuditHash(trail[3].hash(), trail[4]));
      },
      [](auto& trail) { trail[4].set_result("refused"); },
      [](auto& trail) { trail[4].set_content_digest(""); },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    auto trail = Trail(10);
    changes[i](trail);
    EXPECT_TRUE(absl::IsDataLoss(Check(trail))) << i;
  }
}

TEST(AuditChain, FieldsDoNotRunIntoOneAnother) {
  v1::AuditRow one, other;
  one.set_actor("ab");
  one.set_peer("c");
  other.set_actor("a");
  other.set_peer("bc");
  EXPECT_NE(AuditContentDigest(one), AuditContentDigest(other));
}

}  // namespace
}  // namespace firebreak
