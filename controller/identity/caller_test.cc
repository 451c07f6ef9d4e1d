// SPDX-License-Identifier: Apache-2.0
#include "controller/identity/caller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/pki/authority.h"
#include "controller/pki/certificate.h"
#include "controller/pki/key.h"

namespace firebreak::controller {
namespace {

using testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class CallerTest : public testing::Test {
 protected:
  std::string Issue(const std::string& uri) {
    return authority_.IssueClient(uri, key_.get(), absl::Hours(1), kNow)->pem;
  }

  absl::StatusOr<Caller> Identify(const std::string& pem) {
    return IdentifyCaller(chain_, ReadCertificate(pem)->get());
  }

  const Authority authority_ = *Authority::Make(kNow);
  const KeyPtr key_ = *MakeKey();
  const ChainVerifier chain_ = *ChainVerifier::Make(authority_.certificate_pem());
};

TEST_F(CallerTest, IsWhoTheCertificateNames) {
  const auto host = Identify(Issue("firebreak://host/web1"));
  ASSERT_TRUE(host.ok()) << host.status();
  EXPECT_EQ(host->role, Role::kHost);
  EXPECT_EQ(host->name, "web1");
  EXPECT_EQ(host->not_after, kNow + absl::Hours(1));
  EXPECT_EQ(host->fingerprint.size(), 32u);
  const auto admin = Identify(Issue("firebreak://admin/alice"));
  ASSERT_TRUE(admin.ok()) << admin.status();
  EXPECT_EQ(admin->Text(), "admin/alice");
}

TEST_F(CallerTest, IsNobodyWithoutAValidCertificate) {
  for (const std::string& pem :
       {Issue("firebreak://host/"), Issue("firebreak://controller/"), Issue("https://example.com/"),
        Issue("firebreak://host/a,URI:firebreak://admin/b")}) {
    const auto caller = Identify(pem);
    EXPECT_EQ(caller.status().code(), absl::StatusCode::kUnauthenticated) << caller.status();
  }
}

TEST_F(CallerTest, IsKnownWhenTheCertificateHasExpiredAndNotLetIn) {
  for (const char* uri : {"firebreak://host/web1", "firebreak://admin/alice"}) {
    const auto caller = Identify(Issue(uri));
    ASSERT_TRUE(caller.ok()) << caller.status();
    EXPECT_TRUE(CheckInForce(*caller, kNow).ok());
    const absl::Status expired = CheckInForce(*caller, kNow + absl::Hours(1));
    EXPECT_TRUE(absl::IsUnauthenticated(expired));
    EXPECT_THAT(std::string(expired.message()), HasSubstr("expired"));
  }
}

TEST_F(CallerTest, IsLetInWithACertificateThatAClockThatWasAheadHasGiven) {
  const auto ahead = authority_.IssueClient("firebreak://host/web1", key_.get(), absl::Hours(1),
                                            kNow + absl::Hours(24 * 60));
  const auto caller = Identify(ahead->pem);
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_TRUE(CheckInForce(*caller, kNow).ok());
}

}  // namespace
}  // namespace firebreak::controller
