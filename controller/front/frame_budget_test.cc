// SPDX-License-Identifier: Apache-2.0
#include "controller/front/frame_budget.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/escaping.h"

namespace firebreak::controller {
namespace {

using testing::HasSubstr;

constexpr char kPreface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
enum : uint8_t {
  kData,
  kHeaders,
  kPriority,
  kReset,
  kSettings,
  kPush,
  kPing,
  kGoAway,
  kUpdate,
  kContinuation
};
constexpr uint8_t kEndStream = 1;
constexpr uint8_t kEndHeaders = 4;

std::string Frame(uint8_t type, uint8_t flags, uint32_t stream, size_t length) {
  std::string frame;
  for (int shift = 16; shift >= 0; shift -= 8) frame.push_back(static_cast<char>(length >> shift));
  frame.push_back(static_cast<char>(type));
  frame.push_back(static_cast<char>(flags));
  for (int shift = 24; shift >= 0; shift -= 8) frame.push_back(static_cast<char>(stream >> shift));
  return frame + std::string(length, 'x');
}

class FrameBudgetTest : public testing::Test {
 protected:
  FrameBudgetTest() { EXPECT_TRUE(budget_.FromClient(kPreface, now_).ok()); }

  absl::Status Client(const std::string& bytes) { return budget_.FromClient(bytes, now_); }
  // How many of the same frame pass, of ten thousand.
  int Passes(const std::string& frame) {
    for (int i = 0; i < 10'000; ++i) {
      status_ = Client(frame);
      if (!status_.ok()) return i;
    }
    return 10'000;
  }
  // A call as it should be.
  absl::Status Call(uint32_t stream) {
    absl::Status status =
        Client(Frame(kHeaders, kEndHeaders, stream, 200) + Frame(kData, kEndStream, stream, 50));
    budget_.FromServer(Frame(kHeaders, kEndHeaders, stream, 20) + Frame(kData, 0, stream, 100) +
                       Frame(kHeaders, kEndHeaders | kEndStream, stream, 20));
    return status;
  }

  FrameBudget::Clock::time_point now_{};
  FrameBudget budget_{FrameBudget::kHost, now_};
  absl::Status status_;
};

TEST_F(FrameBudgetTest, CallsPassHoweverTheirBytesAreCut) {
  std::string all = kPreface + Frame(kSettings, 0, 0, 18);
  for (uint32_t stream = 1; stream < 20; stream += 2) {
    all += Frame(kHeaders, kEndHeaders, stream, 300) + Frame(kData, 0, stream, 16'384) +
           Frame(kData, kEndStream, stream, 0);
  }
  for (size_t size : {size_t{1}, size_t{2}, size_t{7}, size_t{1000}, all.size()}) {
    FrameBudget budget(FrameBudget::kHost, now_);
    for (size_t at = 0; at < all.size(); at += size) {
      ASSERT_TRUE(budget.FromClient(absl::string_view(all).substr(at, size), now_).ok());
    }
    EXPECT_EQ(budget.open_calls(), 10u);
  }
}

TEST_F(FrameBudgetTest, WhatIsNotHttp2IsCutAtItsFirstByte) {
  FrameBudget budget(FrameBudget::kHost, now_);
  EXPECT_TRUE(budget.FromClient("PRI * ", now_).ok());
  EXPECT_THAT(std::string(budget.FromClient("GET", now_).message()), HasSubstr("not HTTP/2"));
}

TEST_F(FrameBudgetTest, ACallEndsWithTheServersLastFrameOrAReset) {
  EXPECT_TRUE(Call(1).ok());
  EXPECT_EQ(budget_.open_calls(), 0u);
  for (uint32_t stream : {3, 5, 7}) Client(Frame(kHeaders, kEndHeaders, stream, 10)).IgnoreError();
  EXPECT_EQ(budget_.open_calls(), 3u);
  EXPECT_TRUE(Client(Frame(kReset, 0, 3, 4)).ok());
  budget_.FromServer(Frame(kReset, 0, 5, 4));
  budget_.FromServer(Frame(kReset, 0, 5, 4));
  EXPECT_EQ(budget_.open_calls(), 1u);
}

TEST_F(FrameBudgetTest, RapidResetIsCut) {
  uint32_t stream = 1;
  int calls = 0;
  for (; calls < 10'000; ++calls, stream += 2) {
    const absl::Status status =
        Client(Frame(kHeaders, kEndHeaders, stream, 100) + Frame(kReset, 0, stream, 4));
    if (!status.ok()) break;
  }
  EXPECT_LE(calls, 100);
}

TEST_F(FrameBudgetTest, CallsAreBoundedASecondAndAtATime) {
  uint32_t stream = 1;
  for (int i = 0; i < 200; ++i, stream += 2) ASSERT_TRUE(Call(stream).ok()) << i;
  now_ += std::chrono::seconds(1);
  for (int i = 0; i < 20; ++i, stream += 2) ASSERT_TRUE(Call(stream).ok()) << i;
  EXPECT_FALSE(Call(stream).ok());

  FrameBudget administrator(FrameBudget::kAdministrator, now_);
  administrator.FromClient(kPreface, now_).IgnoreError();
  int open = 0;
  for (stream = 1; open < 10'000; ++open, stream += 2) {
    if (!administrator.FromClient(Frame(kHeaders, kEndHeaders, stream, 9), now_).ok()) break;
  }
  EXPECT_EQ(open, static_cast<int>(FrameBudget::kMaxOpenCalls));
}

TEST_F(FrameBudgetTest, FramesThatMeanNothingAreCut) {
  for (const std::string& frame :
       {Frame(kPing, 0, 0, 8), Frame(kSettings, 0, 0, 0), Frame(kSettings, 1, 0, 0),
        Frame(kPriority, 0, 1, 5), Frame(kUpdate, 0, 0, 4), Frame(kData, 0, 1, 0),
        Frame(kData, 8, 1, 4), Frame(kGoAway, 0, 0, 8), Frame(77, 0, 0, 0)}) {
    budget_ = FrameBudget(FrameBudget::kHost, now_);
    ASSERT_TRUE(Client(kPreface).ok());
    ASSERT_TRUE(Client(Frame(kHeaders, kEndHeaders, 1, 10)).ok());
    EXPECT_EQ(Passes(frame), 2000) << absl::CEscape(frame.substr(0, 9));
    EXPECT_TRUE(absl::IsResourceExhausted(status_));
  }
}

TEST_F(FrameBudgetTest, FramesThatMeanNothingPassAsOftenAsClientsNeedThem) {
  for (int second = 0; second < 100; ++second) {
    for (int i = 0; i < 150; ++i) ASSERT_TRUE(Client(Frame(kPing, 0, 0, 8)).ok());
    now_ += std::chrono::seconds(1);
  }
}

TEST_F(FrameBudgetTest, WindowUpdatesArePaidForByWhatTheServerSends) {
  for (int i = 0; i < 10'000; ++i) {
    budget_.FromServer(Frame(kData, 0, 1, 16'384));
    ASSERT_TRUE(Client(Frame(kUpdate, 0, 0, 4) + Frame(kUpdate, 0, 1, 4)).ok()) << i;
  }
}

TEST_F(FrameBudgetTest, ABlockOfHeadersIsBounded) {
  EXPECT_TRUE(Client(Frame(kHeaders, 0, 1, 100) + Frame(kContinuation, 0, 1, 100) +
                     Frame(kContinuation, kEndHeaders, 1, 100))
                  .ok());
  ASSERT_TRUE(Client(Frame(kHeaders, 0, 3, 100)).ok());
  EXPECT_EQ(Passes(Frame(kContinuation, 0, 3, 0)), FrameBudget::kMaxContinuations);

  budget_ = FrameBudget(FrameBudget::kHost, now_);
  ASSERT_TRUE(Client(kPreface + Frame(kHeaders, 0, 1, 16'384)).ok());
  EXPECT_EQ(Passes(Frame(kContinuation, 0, 1, 16'384)), 3);
}

TEST_F(FrameBudgetTest, WhatNoClientMaySend) {
  for (const std::string& frames :
       {Frame(kData, 0, 1, 16'385).substr(0, 9), Frame(kPush, 0, 1, 10),
        Frame(kContinuation, 0, 1, 10), Frame(kHeaders, 0, 1, 10) + Frame(kPing, 0, 0, 8),
        Frame(kHeaders, 0, 1, 10) + Frame(kContinuation, 0, 3, 8)}) {
    budget_ = FrameBudget(FrameBudget::kHost, now_);
    EXPECT_TRUE(absl::IsInvalidArgument(Client(kPreface + frames)));
  }
}

}  // namespace
}  // namespace firebreak::controller
