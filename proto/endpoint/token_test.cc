// SPDX-License-Identifier: Apache-2.0
#include "proto/endpoint/token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

namespace firebreak {
namespace {

Token Example() {
  Token token;
  std::iota(token.id.begin(), token.id.end(), 1);
  std::iota(token.secret.begin(), token.secret.end(), 100);
  std::iota(token.ca_fingerprint.begin(), token.ca_fingerprint.end(), 200);
  return token;
}

TEST(Token, ReadsWhatItWrote) {
  const auto decoded = DecodeToken(EncodeToken(Example()));
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(*decoded, Example());
}

TEST(Token, IgnoresTheNewlineOfAFile) {
  EXPECT_TRUE(DecodeToken(EncodeToken(Example()) + "\n").ok());
}

TEST(Token, RefusesWhatIsCutShortTooLongOrDamaged) {
  const std::string good = EncodeToken(Example());
  EXPECT_FALSE(DecodeToken("").ok());
  EXPECT_FALSE(DecodeToken("fb1.").ok());
  EXPECT_FALSE(DecodeToken(good.substr(0, good.size() - 1)).ok());
  EXPECT_FALSE(DecodeToken(good + "A").ok());
  EXPECT_FALSE(DecodeToken("fb2" + good.substr(3)).ok());
  std::string damaged = good;
  damaged[10] = '!';
  EXPECT_FALSE(DecodeToken(damaged).ok());
  // The last two bits of the last character are unused and must be zero.
  std::string other = good;
  ++other.back();
  EXPECT_FALSE(DecodeToken(other).ok());
}

TEST(Token, DoesNotRepeatTheSecretInItsError) {
  const std::string good = EncodeToken(Example());
  const std::string cut = good.substr(0, good.size() - 3);
  EXPECT_THAT(std::string(DecodeToken(cut).status().message()),
              testing::Not(testing::HasSubstr(cut.substr(4, 12))));
}

}  // namespace
}  // namespace firebreak
