// SPDX-License-Identifier: Apache-2.0
#include "cli/view/local_mappings.h"

#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

TEST(LocalMappingsTest, SaysUntilWhen) {
  v1::LocalMapping mapping;
  EXPECT_EQ(UntilText(mapping), "it is removed");
  mapping.set_seconds(5400);
  EXPECT_EQ(UntilText(mapping), "1h30m after the grant");
  mapping.set_unit("game.service");
  EXPECT_EQ(UntilText(mapping), "1h30m after the grant, or the end of game.service");
  mapping.mutable_ends()->set_seconds(1'800'000'000);
  EXPECT_EQ(UntilText(mapping), "2027-01-15T08:00:00Z, or the end of game.service");
}

TEST(LocalMappingsTest, ListsRequestsAndMappingsApart) {
  v1::Answer answer;
  v1::LocalMapping& asked = *answer.mutable_local_mapping()->add_asked();
  asked.set_number(7);
  asked.mutable_mapping()->set_protocol("tcp");
  asked.mutable_mapping()->add_ports("8080");
  asked.set_user("alice");
  asked.set_reason("a\x1b[2J game");
  answer.mutable_local_mapping()->add_open()->set_number(6);
  const AnswerView requests = RequestsView();
  ASSERT_EQ(requests.items(answer).size(), 1u);
  Table table({requests.columns.begin(), requests.columns.end()});
  table.AddRow(requests.row(*requests.items(answer)[0]));
  const std::string text = table.Text(false);
  EXPECT_NE(text.find("tcp 8080"), std::string::npos) << text;
  EXPECT_EQ(text.find('\x1b'), std::string::npos) << text;
  const AnswerView own = OwnMappingsView();
  ASSERT_EQ(own.items(answer).size(), 1u);
  EXPECT_EQ(own.row(*own.items(answer)[0]).size(), own.columns.size());
}

}  // namespace
}  // namespace firebreak::cli
