// SPDX-License-Identifier: Apache-2.0
#include "proto/endpoint/standing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/x509_vfy.h>

#include <set>

namespace firebreak {
namespace {

constexpr Standing kRefused[] = {Standing::kStranger, Standing::kExpired, Standing::kUnknown,
                                 Standing::kRevoked, Standing::kSuperseded};

// The tests of the controller's front show that OpenSSL sends the alerts for these codes.
TEST(Standing, EachHasACodeAndWordsOfItsOwn) {
  std::set<int> codes;
  std::set<std::string> words;
  for (Standing standing : kRefused) {
    codes.insert(VerifyErrorFor(standing));
    words.insert(WhyRefused(standing, "web1"));
  }
  EXPECT_EQ(codes.size(), std::size(kRefused));
  EXPECT_EQ(words.size(), std::size(kRefused));
  EXPECT_EQ(codes.count(X509_V_OK), 0u);
  EXPECT_EQ(VerifyErrorFor(Standing::kMember), X509_V_OK);
}

TEST(Standing, WordsTellTheNextStep) {
  for (Standing standing : kRefused) {
    EXPECT_THAT(WhyRefused(standing, "web1"), testing::HasSubstr("firebreak token create"));
  }
}

TEST(Standing, AlertsOfAnotherKindSayNothingOfTheCertificate) {
  EXPECT_EQ(StandingByAlert(44), Standing::kRevoked);
  for (int alert : {0, 10, 20, 40, 80, 120, -1}) {
    EXPECT_EQ(StandingByAlert(alert), std::nullopt) << alert;
  }
}

}  // namespace
}  // namespace firebreak
