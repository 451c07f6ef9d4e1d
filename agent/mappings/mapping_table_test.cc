// SPDX-License-Identifier: Apache-2.0
#include "agent/mappings/mapping_table.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/time/timestamp.h"
#include "gtest/gtest.h"

namespace firebreak::agent {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

v1::LocalMapping Wish(const std::string& port, uint32_t user = 1000, uint64_t seconds = 0) {
  v1::LocalMapping wish;
  wish.mutable_mapping()->set_protocol("tcp");
  wish.mutable_mapping()->add_ports(port);
  wish.set_uid(user);
  wish.set_seconds(seconds);
  return wish;
}

TEST(MappingTableTest, WhatIsAddedIsOpenUntilItsTime) {
  v1::LocalMappings table;
  const auto forever = AddMapping(Wish("8080", 0), "root", kNow, table);
  ASSERT_TRUE(forever.ok());
  EXPECT_EQ(forever->number(), 1u);
  EXPECT_EQ(forever->granted_by(), "root");
  EXPECT_FALSE(forever->has_ends());
  const auto brief = AddMapping(Wish("8081", 0, 60), "root", kNow, table);
  ASSERT_TRUE(brief.ok());
  EXPECT_EQ(FromTimestamp(brief->ends()), kNow + absl::Seconds(60));
  EXPECT_EQ(NextOverdue(table), kNow + absl::Seconds(60));
  EXPECT_TRUE(RemoveOverdue(kNow + absl::Seconds(59), table).empty());
  const auto over = RemoveOverdue(kNow + absl::Seconds(60), table);
  ASSERT_EQ(over.size(), 1u);
  EXPECT_TRUE(over[0].was_open);
  EXPECT_EQ(over[0].mapping.number(), 2u);
  EXPECT_EQ(table.open_size(), 1);
  EXPECT_EQ(NextOverdue(table), absl::InfiniteFuture());
}

TEST(MappingTableTest, AskingOpensNothing) {
  v1::LocalMappings table;
  v1::LocalMapping wish = Wish("8080", 1000, 3600);
  wish.set_granted_by("myself");
  wish.mutable_ends()->set_seconds(1);
  const auto asked = AskForMapping(wish, kNow, table);
  ASSERT_TRUE(asked.ok());
  EXPECT_TRUE(asked->is_new);
  EXPECT_EQ(asked->mapping.granted_by(), "");
  EXPECT_FALSE(asked->mapping.has_ends());
  EXPECT_EQ(table.open_size(), 0);
  EXPECT_EQ(table.asked_size(), 1);
}

TEST(MappingTableTest, AGrantRunsFromWhenItIsGiven) {
  v1::LocalMappings table;
  ASSERT_TRUE(AskForMapping(Wish("8080", 1000, 3600), kNow, table).ok());
  ASSERT_TRUE(AskForMapping(Wish("8081", 1000, 3600), kNow, table).ok());
  const absl::Time later = kNow + absl::Hours(2);
  const auto as_asked = GrantMapping(1, 0, "root", later, table);
  ASSERT_TRUE(as_asked.ok());
  EXPECT_EQ(FromTimestamp(as_asked->ends()), later + absl::Hours(1));
  const auto shorter = GrantMapping(2, 60, "root", later, table);
  ASSERT_TRUE(shorter.ok());
  EXPECT_EQ(FromTimestamp(shorter->ends()), later + absl::Minutes(1));
  EXPECT_EQ(shorter->granted_by(), "root");
  EXPECT_EQ(shorter->uid(), 1000u);
  EXPECT_EQ(table.asked_size(), 0);
  EXPECT_EQ(table.open_size(), 2);
  EXPECT_TRUE(absl::IsNotFound(GrantMapping(2, 0, "root", later, table).status()));
}

TEST(MappingTableTest, TheSameWishIsOneRequest) {
  v1::LocalMappings table;
  ASSERT_TRUE(AskForMapping(Wish("8080"), kNow, table).ok());
  v1::LocalMapping named = Wish("8080");
  named.mutable_mapping()->set_name("game");
  named.set_reason("please");
  const auto again = AskForMapping(named, kNow, table);
  ASSERT_TRUE(again.ok());
  EXPECT_FALSE(again->is_new);
  EXPECT_EQ(again->mapping.number(), 1u);
  const auto of_another = AskForMapping(Wish("8080", 1001), kNow, table);
  ASSERT_TRUE(of_another.ok());
  EXPECT_TRUE(of_another->is_new);
  ASSERT_TRUE(GrantMapping(1, 0, "root", kNow, table).ok());
  const auto open = AskForMapping(Wish("8080"), kNow, table);
  ASSERT_TRUE(open.ok());
  EXPECT_FALSE(open->is_new);
  EXPECT_EQ(open->mapping.granted_by(), "root");
  EXPECT_EQ(table.last_number(), 2u);
}

TEST(MappingTableTest, NoUserKeepsOthersFromAsking) {
  v1::LocalMappings table;
  for (int i = 0; i < kMaxRequestsOfAUser; ++i) {
    ASSERT_TRUE(AskForMapping(Wish(absl::StrCat(2000 + i)), kNow, table).ok());
  }
  const std::string before = table.SerializeAsString();
  EXPECT_TRUE(absl::IsResourceExhausted(AskForMapping(Wish("3000"), kNow, table).status()));
  EXPECT_EQ(table.SerializeAsString(), before);
  EXPECT_TRUE(AskForMapping(Wish("3000", 1001), kNow, table).ok());
}

TEST(MappingTableTest, IsBoundedInAll) {
  v1::LocalMappings table;
  for (uint32_t user = 1; table.asked_size() < kMaxRequests; ++user) {
    for (int i = 0; i < kMaxRequestsOfAUser; ++i) {
      ASSERT_TRUE(AskForMapping(Wish(absl::StrCat(2000 + i), user), kNow, table).ok());
    }
  }
  EXPECT_TRUE(absl::IsResourceExhausted(AskForMapping(Wish("1", 7777), kNow, table).status()));
  std::set<std::string> names;
  for (const v1::LocalMapping& one : table.asked()) names.insert(one.mapping().name());
  EXPECT_EQ(names.size(), static_cast<size_t>(kMaxRequests));
  for (int i = 0; i < kMaxOpenMappings; ++i) {
    ASSERT_TRUE(AddMapping(Wish("9", 0), "root", kNow, table).ok());
  }
  const std::string before = table.SerializeAsString();
  EXPECT_TRUE(absl::IsResourceExhausted(AddMapping(Wish("9", 0), "root", kNow, table).status()));
  EXPECT_TRUE(absl::IsResourceExhausted(GrantMapping(1, 0, "root", kNow, table).status()));
  EXPECT_EQ(table.SerializeAsString(), before);
}

TEST(MappingTableTest, EachRemovesItsOwn) {
  v1::LocalMappings table;
  ASSERT_TRUE(AskForMapping(Wish("8080", 1000), kNow, table).ok());
  ASSERT_TRUE(AskForMapping(Wish("8081", 1001), kNow, table).ok());
  ASSERT_TRUE(GrantMapping(2, 0, "root", kNow, table).ok());
  const absl::Status of_another = RemoveMapping(2, 1000, table).status();
  EXPECT_TRUE(absl::IsNotFound(of_another));
  EXPECT_EQ(of_another.message(), "there is no mapping 2 of yours; it may have ended");
  const auto own = RemoveMapping(2, 1001, table);
  ASSERT_TRUE(own.ok());
  EXPECT_TRUE(own->was_open);
  const auto request = RemoveMapping(1, std::nullopt, table);
  ASSERT_TRUE(request.ok());
  EXPECT_FALSE(request->was_open);
  EXPECT_TRUE(absl::IsNotFound(RemoveMapping(1, std::nullopt, table).status()));
}

TEST(MappingTableTest, WhatNobodyDecidesLapses) {
  v1::LocalMappings table;
  ASSERT_TRUE(AskForMapping(Wish("8080"), kNow, table).ok());
  EXPECT_EQ(NextOverdue(table), kNow + kRequestPatience);
  EXPECT_TRUE(RemoveOverdue(kNow + kRequestPatience - absl::Seconds(1), table).empty());
  const auto over = RemoveOverdue(kNow + kRequestPatience, table);
  ASSERT_EQ(over.size(), 1u);
  EXPECT_FALSE(over[0].was_open);
}

TEST(MappingTableTest, NumbersAndNamesAreGivenOnce) {
  v1::LocalMappings table;
  ASSERT_TRUE(AddMapping(Wish("8080", 0), "root", kNow, table).ok());
  const auto second = AddMapping(Wish("8080", 0), "root", kNow, table);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(table.open(0).mapping().name(), "tcp-8080");
  EXPECT_EQ(second->mapping().name(), "tcp-8080-2");
  ASSERT_TRUE(RemoveMapping(2, std::nullopt, table).ok());
  const auto third = AddMapping(Wish("8080", 0), "root", kNow, table);
  ASSERT_TRUE(third.ok());
  EXPECT_EQ(third->number(), 3u);
}

TEST(MappingTableTest, IsDescribedInPrintableWords) {
  v1::LocalMapping mapping = Wish("8080");
  mapping.mutable_mapping()->add_from("10.0.0.0/8");
  mapping.set_interface("eth\x1b[2J");
  mapping.set_location("home");
  EXPECT_EQ(DescribeMapping(mapping), "tcp 8080 from 10.0.0.0/8 on eth?[2J at home");
}

TEST(MappingTableTest, ADescriptionHidesNoPort) {
  v1::LocalMapping wanted;
  for (int i = 0; i < 15; ++i) wanted.mutable_mapping()->add_ports("tcp/10000-10001");
  wanted.mutable_mapping()->add_ports("tcp/1024-65535");
  EXPECT_NE(DescribeMapping(wanted).find(",tcp/1024-65535"), std::string::npos);
}

}  // namespace
}  // namespace firebreak::agent
