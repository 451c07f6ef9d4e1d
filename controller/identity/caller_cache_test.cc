// SPDX-License-Identifier: Apache-2.0
#include "controller/identity/caller_cache.h"

#include <gtest/gtest.h>

#include "controller/pki/authority.h"
#include "controller/pki/certificate.h"
#include "controller/pki/key.h"

namespace firebreak::controller {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class CallerCacheTest : public testing::Test {
 protected:
  std::string Issue(const Authority& authority, absl::Duration lifetime) {
    return authority.IssueClient("firebreak://host/web1", key_.get(), lifetime, kNow)->pem;
  }

  const Authority authority_ = *Authority::Make(kNow);
  const KeyPtr key_ = *MakeKey();
  const ChainVerifier chain_ = *ChainVerifier::Make(authority_.certificate_pem());
  CallerCache cache_{chain_};
};

TEST_F(CallerCacheTest, TellsTheSameAsIdentifyCaller) {
  const std::string pem = Issue(authority_, absl::Hours(10));
  for (int i = 0; i < 2; ++i) {
    const auto caller = cache_.Identify(ReadCertificate(pem)->get());
    ASSERT_TRUE(caller.ok()) << caller.status();
    EXPECT_EQ(caller->Text(), "host/web1");
    EXPECT_EQ(caller->fingerprint,
              IdentifyCaller(chain_, ReadCertificate(pem)->get())->fingerprint);
  }
  EXPECT_EQ(cache_.size(), 1u);
}

TEST_F(CallerCacheTest, StrangersAreNotRemembered) {
  const Authority other = *Authority::Make(kNow);
  EXPECT_FALSE(cache_.Identify(ReadCertificate(Issue(other, absl::Hours(1)))->get()).ok());
  EXPECT_EQ(cache_.size(), 0u);
}

}  // namespace
}  // namespace firebreak::controller
