// SPDX-License-Identifier: Apache-2.0
#include "controller/identity/connections.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/str_cat.h"

namespace firebreak::controller {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class ConnectionsTest : public testing::Test {
 protected:
  std::string Add(Role role, const std::string& name) {
    Caller caller;
    caller.role = role;
    caller.name = name;
    caller.address = absl::StrCat("192.0.2.1:", ++number_);
    return *connections_.Add(caller, [this, number = number_](const std::string& why) {
      ended_.push_back(number);
      why_ = why;
    });
  }

  Connections connections_;
  int number_ = 0;
  std::vector<int> ended_;
  std::string why_;
};

TEST_F(ConnectionsTest, ACallerIsFoundByWhatGrpcSaysOfThePeer) {
  const std::string name = Add(Role::kHost, "web1");
  const auto caller = connections_.Find("unix-abstract:" + name);
  ASSERT_TRUE(caller.has_value());
  EXPECT_EQ(caller->Text(), "host/web1");
  EXPECT_EQ(caller->address, "192.0.2.1:1");
  connections_.Remove(name);
  connections_.Remove(name);
  EXPECT_FALSE(connections_.Find("unix-abstract:" + name).has_value());
  EXPECT_EQ(connections_.size(), 0u);
}

TEST_F(ConnectionsTest, NobodyElseIsFound) {
  const std::string name = Add(Role::kAdmin, "admin");
  for (const std::string& peer : {name, "unix:" + name, std::string("unix-abstract:"),
                                  std::string("unix:"), std::string("ipv4:127.0.0.1:80")}) {
    EXPECT_FALSE(connections_.Find(peer).has_value()) << peer;
  }
}

TEST_F(ConnectionsTest, OfTooManyTheOldestIsEnded) {
  for (size_t i = 0; i < Connections::kOfHost; ++i) Add(Role::kHost, "web1");
  for (size_t i = 0; i < 100; ++i) Add(Role::kAdmin, "admin");
  Add(Role::kHost, "web2");
  EXPECT_THAT(ended_, IsEmpty());
  Add(Role::kHost, "web1");
  EXPECT_THAT(ended_, ElementsAre(1));
  EXPECT_THAT(why_, testing::HasSubstr("more than 16 connections"));
  // The first one has not gone yet.
  Add(Role::kHost, "web1");
  EXPECT_THAT(ended_, ElementsAre(1, 2));
}

TEST_F(ConnectionsTest, TheConnectionsOfOneCallerShareABudget) {
  const std::string first = Add(Role::kHost, "web1");
  const std::string second = Add(Role::kHost, "web1");
  const std::string other = Add(Role::kHost, "web2");
  EXPECT_EQ(connections_.BudgetOf(first), connections_.BudgetOf(second));
  EXPECT_NE(connections_.BudgetOf(first), connections_.BudgetOf(other));
}

TEST_F(ConnectionsTest, AllOfOneCallerAreEnded) {
  Add(Role::kHost, "web1");
  Add(Role::kHost, "web2");
  Add(Role::kHost, "web1");
  connections_.EndAll("host/web1");
  EXPECT_THAT(ended_, ElementsAre(1, 3));
  EXPECT_EQ(why_, "");
  connections_.EndAll("host/web3");
  EXPECT_EQ(ended_.size(), 2u);
}

}  // namespace
}  // namespace firebreak::controller
