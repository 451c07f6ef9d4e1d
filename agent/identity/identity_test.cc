// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/identity.h"

#include <gtest/gtest.h>

#include <fstream>

#include "agent/identity/enrolment_decision.h"
#include "agent/identity/enrolment_key.h"
#include "agent/identity/test_certificate.h"
#include "base/testing/temporary_directory.h"

namespace firebreak::agent {
namespace {

using When = EnrolmentDecision::When;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class IdentityTest : public testing::Test {
 protected:
  static Token TokenOf(const TestAuthority& authority, uint8_t id) {
    Token token;
    token.id.fill(id);
    token.secret.fill(9);
    token.ca_fingerprint = authority.Fingerprint();
    return token;
  }
  static std::string Id(uint8_t id) { return std::string(8, static_cast<char>(id)); }

  // Returns the identity of web1, which enrolled with token 1.
  Identity Present() const {
    Identity identity = authority_.Issue("web1", kNow - absl::Hours(1), kNow + absl::Hours(1));
    identity.token = Id(1);
    identity.obtained = kNow - absl::Hours(1);
    return identity;
  }

  const TestAuthority authority_;
  const TestAuthority other_authority_;
  const TemporaryDirectory directory_;
  const std::string path_ = directory_.path() + "/identity";
};

TEST_F(IdentityTest, IsReadAsItWasWritten) {
  const Identity written = Present();
  ASSERT_TRUE(WriteIdentity(path_, written).ok());
  const auto read = ReadIdentity(path_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->key, written.key);
  EXPECT_EQ(read->name, "web1");
  EXPECT_EQ(read->ca, written.ca);
  EXPECT_EQ(read->token, written.token);
  EXPECT_EQ(read->obtained, written.obtained);
  EXPECT_EQ(read->not_after, kNow + absl::Hours(1));
}

TEST_F(IdentityTest, StaysTheSameHoweverOftenItIsReadAndWrittenAgain) {
  Identity identity = Present();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(WriteIdentity(path_, identity).ok());
    auto read = ReadIdentity(path_);
    ASSERT_TRUE(read.ok()) << i << ": " << read.status();
    EXPECT_EQ(read->ca, identity.ca);
    identity = *std::move(read);
  }
}

TEST_F(IdentityTest, AFileThatDoesNotSayWhenItCameIsReadToo) {
  Identity written = Present();
  written.token.clear();
  written.obtained = absl::InfinitePast();
  ASSERT_TRUE(WriteIdentity(path_, written).ok());
  const auto read = ReadIdentity(path_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->token, "");
  EXPECT_EQ(read->obtained, absl::InfinitePast());
}

TEST_F(IdentityTest, KnowsItsFleet) {
  EXPECT_TRUE(Present().IsOfFleet(authority_.Fingerprint()));
  EXPECT_FALSE(Present().IsOfFleet(other_authority_.Fingerprint()));
  EXPECT_FALSE(Identity().IsOfFleet(authority_.Fingerprint()));
}

TEST_F(IdentityTest, AnEnrolmentIsTriedWithOneKeyAlsoAfterARestart) {
  const std::string path = directory_.path() + "/enrolment";
  const auto first = LoadOrMakeEnrolmentKey(path);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(*LoadOrMakeEnrolmentKey(path), *first);
  ASSERT_TRUE(ForgetEnrolmentKey(path).ok());
  EXPECT_NE(*LoadOrMakeEnrolmentKey(path), *first);
}

TEST_F(IdentityTest, ADamagedEnrolmentKeyIsReplaced) {
  const std::string path = directory_.path() + "/enrolment";
  const std::string first = *LoadOrMakeEnrolmentKey(path);
  std::ofstream(path, std::ios::in | std::ios::ate) << "more";
  const auto second = LoadOrMakeEnrolmentKey(path);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_NE(*second, first);
}

TEST_F(IdentityTest, ANewHostEnrolsUnderTheNameThatItIsGivenOrHas) {
  const Token token = TokenOf(authority_, 1);
  EXPECT_EQ(DecideEnrolment({}, token, {}, "box", kNow),
            (EnrolmentDecision{.when = When::kNow, .name = "box"}));
  EXPECT_EQ(DecideEnrolment({}, token, "web1", "box", kNow),
            (EnrolmentDecision{.when = When::kNow, .name = "web1"}));
  EXPECT_EQ(DecideEnrolment({}, {}, {}, "box", kNow),
            (EnrolmentDecision{.when = When::kNever, .name = "box"}));
}

TEST_F(IdentityTest, TheTokenThatItEnrolledWithServesAgainOnlyIfTheHostIsRefused) {
  EXPECT_EQ(DecideEnrolment(Present(), TokenOf(authority_, 1), {}, "box", kNow),
            (EnrolmentDecision{.when = When::kIfRefused, .name = "web1", .usable = true}));
}

TEST_F(IdentityTest, WithoutATokenTheIdentityServesAlsoWhenItHasExpired) {
  for (const absl::Time now : {kNow, kNow + absl::Hours(2)}) {
    EXPECT_EQ(DecideEnrolment(Present(), {}, {}, "box", now),
              (EnrolmentDecision{.when = When::kNever, .name = "web1", .usable = true}));
  }
}

TEST_F(IdentityTest, ANewTokenIsUsedWhateverTheIdentity) {
  const EnrolmentDecision at_once{.when = When::kNow, .name = "web1", .usable = true};
  EXPECT_EQ(DecideEnrolment(Present(), TokenOf(authority_, 2), {}, "box", kNow), at_once);
  EXPECT_EQ(DecideEnrolment(Present(), TokenOf(authority_, 1), {}, "box", kNow + absl::Hours(2)),
            at_once);
  Identity unmarked = Present();
  unmarked.token.clear();
  EXPECT_EQ(DecideEnrolment(unmarked, TokenOf(authority_, 1), {}, "box", kNow), at_once);
}

TEST_F(IdentityTest, AnIdentityOfAnotherFleetIsOfNoUseWithAToken) {
  EXPECT_EQ(DecideEnrolment(Present(), TokenOf(other_authority_, 1), {}, "box", kNow),
            (EnrolmentDecision{.when = When::kNow, .name = "web1", .usable = false}));
}

TEST_F(IdentityTest, AnotherNameIsAskedForWithAnyToken) {
  EXPECT_EQ(DecideEnrolment(Present(), TokenOf(authority_, 1), "web2", "box", kNow),
            (EnrolmentDecision{.when = When::kNow, .name = "web2", .usable = true}));
}

TEST_F(IdentityTest, IsRenewedHalfItsLifeAfterItCameByTheHostsOwnClock) {
  Identity identity = Present();
  EXPECT_EQ(identity.RenewAt(kNow), kNow);
  // The host's clock is weeks ahead, and was so when the certificate came.
  identity.obtained = kNow + absl::Hours(1000);
  EXPECT_EQ(identity.RenewAt(kNow + absl::Hours(1000)), kNow + absl::Hours(1001));
  // The clock has been set back since.
  EXPECT_EQ(identity.RenewAt(kNow - absl::Hours(1)), kNow);
  // The controller's clock was ahead, or the host's clock is far behind: the host renews at once.
  EXPECT_EQ(identity.RenewAt(kNow - absl::Hours(100)), absl::InfinitePast());
}

}  // namespace
}  // namespace firebreak::agent
