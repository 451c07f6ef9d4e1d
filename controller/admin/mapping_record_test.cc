// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/mapping_record.h"

#include "gtest/gtest.h"

namespace firebreak::controller {
namespace {

TEST(MappingRecordTest, SaysWhoDecidesWhat) {
  v1::Question question;
  v1::LocalMappingDecision& decision = *question.mutable_local_mapping()->mutable_decide();
  decision.set_number(7);
  const Actor actor = {"admin/alice", "192.0.2.1:5"};
  const auto refusal = MappingRecord(actor, "web-1", question);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(refusal->actor, "admin/alice");
  EXPECT_EQ(refusal->object, "host web-1");
  EXPECT_EQ(refusal->detail, "sent to the host: refuse request 7");
  decision.set_grant(true);
  decision.set_seconds(60);
  EXPECT_EQ(MappingRecord(actor, "web-1", question)->detail,
            "sent to the host: grant request 7 for 60 s");
  question.mutable_local_mapping()->set_remove(8);
  EXPECT_EQ(MappingRecord(actor, "web-1", question)->detail, "sent to the host: remove mapping 8");
}

TEST(MappingRecordTest, SaysNothingOfWhatChangesNothing) {
  v1::Question question;
  EXPECT_FALSE(MappingRecord({}, "web-1", question).has_value());
  question.mutable_local_mapping()->mutable_list();
  EXPECT_FALSE(MappingRecord({}, "web-1", question).has_value());
  question.mutable_rules();
  EXPECT_FALSE(MappingRecord({}, "web-1", question).has_value());
}

}  // namespace
}  // namespace firebreak::controller
