#include "controller/enrolment/enrolment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/pki/certificate.h"
#include "controller/pki/key.h"
#include "controller/store/test_database.h"

namespace firebreak::controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr char kPeer[] = "192.0.2.1:4711";

std::string RequestOf(const KeyPtr& key) {
  const RequestPtr request(X509_REQ_new());
  X509_REQ_set_pubkey(request.get(), key.get());
  X509_REQ_sign(request.get(), key.get(), EVP_sha256());
  unsigned char* der = nullptr;
  const int size = i2d_X509_REQ(request.get(), &der);
  std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

class EnrolmentTest : public testing::Test {
 protected:
  std::string Token(uint32_t uses = 1, uint32_t ttl = 3600) {
    v1::CreateTokenRequest request;
    request.set_uses(uses);
    request.set_ttl_seconds(ttl);
    (*request.mutable_labels())["role"] = "web";
    auto token = enrolment_.CreateToken(request, "admin/a", kPeer, kNow);
    EXPECT_TRUE(token.ok()) << token.status();
    return std::string(token->text.view());
  }
  absl::StatusOr<v1::EnrolResponse> Enrol(const std::string& name, const std::string& token,
                                          const KeyPtr& key, absl::Time now = kNow) {
    v1::EnrolRequest request;
    request.set_name(name);
    request.set_token(token);
    request.set_signing_request(RequestOf(key));
    return enrolment_.Enrol(request, kPeer, now);
  }
  static std::string FingerprintOf(const v1::EnrolResponse& response) {
    return *Fingerprint(ReadCertificate(response.certificate())->get());
  }

  const Authority authority_ = *Authority::Make(kNow);
  const KeyPtr key_ = *MakeKey();
  const KeyPtr other_key_ = *MakeKey();
  const TestDatabase database_;
  const std::unique_ptr<Registry> registry_ = *Registry::Load(*database_);
  Enrolment enrolment_{authority_, *database_, *registry_, absl::Hours(1)};
};

TEST_F(EnrolmentTest, ATokenMakesAHostWithItsLabels) {
  const auto response = Enrol("web1", Token(), key_);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->ca(), authority_.certificate_pem());
  const auto host = registry_->Find("web1");
  ASSERT_TRUE(host.has_value());
  EXPECT_THAT(host->record.labels, ElementsAre(Pair("role", "web")));
  EXPECT_TRUE(registry_->Admit("web1", FingerprintOf(*response)).ok());
  const auto certificate = ReadCertificate(response->certificate());
  EXPECT_EQ(*NotAfter(certificate->get()), kNow + absl::Hours(1));
}

TEST_F(EnrolmentTest, ATokenIsGoodForItsUses) {
  const std::string token = Token(2);
  EXPECT_TRUE(Enrol("web1", token, key_).ok());
  EXPECT_TRUE(Enrol("web2", token, other_key_).ok());
  const absl::Status third = Enrol("web3", token, *MakeKey()).status();
  EXPECT_EQ(third.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_THAT(std::string(third.message()), HasSubstr("used up"));
  EXPECT_FALSE(registry_->Find("web3").has_value());
}

TEST_F(EnrolmentTest, AHostThatDidNotGetTheAnswerMayAskAgain) {
  const std::string token = Token();
  ASSERT_TRUE(Enrol("web1", token, key_).ok());
  const auto again = Enrol("web1", token, key_);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(registry_->Admit("web1", FingerprintOf(*again)).ok());
  EXPECT_FALSE(Enrol("web1", token, other_key_).ok());
  EXPECT_FALSE(Enrol("web2", token, key_).ok());
}

TEST_F(EnrolmentTest, RefusesWrongAndExpiredTokens) {
  std::string token = Token(1, 60);
  EXPECT_THAT(std::string(Enrol("web1", token, key_, kNow + absl::Seconds(60)).status().message()),
              HasSubstr("expired"));
  // A character of the secret.
  token[20] = token[20] == 'A' ? 'B' : 'A';
  EXPECT_EQ(Enrol("web1", token, key_).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(Enrol("web1", "", key_).status().code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(registry_->All().size(), 0u);
}

TEST_F(EnrolmentTest, AStrangerChoosesNotWhyHeIsRefused) {
  std::string token = Token();
  // A character of the id, and one of the secret.
  for (const size_t at : {6, 20}) {
    std::string made_up = token;
    made_up[at] = made_up[at] == 'A' ? 'B' : 'A';
    for (const char* name : {"web1", "Bad Name", "another/bad one", ""}) {
      const absl::Status status = Enrol(name, made_up, key_).status();
      EXPECT_EQ(status.message(), "the enrolment token is not known here") << name;
    }
  }
}

TEST_F(EnrolmentTest, RefusesATokenOfAnotherFleet) {
  const Authority other = *Authority::Make(kNow);
  Enrolment elsewhere(other, *database_, *registry_, absl::Hours(1));
  v1::CreateTokenRequest request;
  request.set_uses(1);
  request.set_ttl_seconds(60);
  const auto token = elsewhere.CreateToken(request, "admin/a", kPeer, kNow);
  EXPECT_THAT(std::string(Enrol("web1", std::string(token->text.view()), key_).status().message()),
              HasSubstr("another fleet"));
}

TEST_F(EnrolmentTest, ATokenDoesNotTakeOverAHost) {
  const auto first = Enrol("web1", Token(), key_);
  ASSERT_TRUE(first.ok());
  const absl::Status status = Enrol("web1", Token(), other_key_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(registry_->Admit("web1", FingerprintOf(*first)).ok());
}

TEST_F(EnrolmentTest, ARefusedEnrolmentUsesNoToken) {
  ASSERT_TRUE(Enrol("web1", Token(), key_).ok());
  const std::string token = Token();
  EXPECT_FALSE(Enrol("web1", token, other_key_).ok());
  EXPECT_FALSE(Enrol("not a name", token, other_key_).ok());
  EXPECT_TRUE(Enrol("web2", token, other_key_).ok());
}

TEST_F(EnrolmentTest, RefusesNamesThatAreNone) {
  for (const char* name : {"", "A", "a/b", "-a", "a-", "a b", "../x", "a\n",
                           "a12345678901234567890123456789012345678901234567890123456789012"
                           "3456"}) {
    EXPECT_EQ(Enrol(name, Token(), key_).status().code(), absl::StatusCode::kInvalidArgument)
        << name;
  }
  EXPECT_TRUE(Enrol("a.b-c_9", Token(), key_).ok());
}

TEST_F(EnrolmentTest, ARenewedCertificateHoldsBesideTheOlderUntilItIsUsed) {
  const auto first = Enrol("web1", Token(), key_);
  v1::RenewRequest request;
  request.set_signing_request(RequestOf(key_));
  const auto renewed = enrolment_.Renew("web1", request, kPeer, kNow + absl::Minutes(30));
  ASSERT_TRUE(renewed.ok()) << renewed.status();
  EXPECT_TRUE(registry_->Admit("web1", FingerprintOf(*first)).ok());
  EXPECT_TRUE(registry_->Admit("web1", FingerprintOf(*renewed)).ok());
  EXPECT_FALSE(registry_->Admit("web1", FingerprintOf(*first)).ok());
}

TEST_F(EnrolmentTest, ARevokedHostIsOutUntilItEnrolsAnew) {
  const auto first = Enrol("web1", Token(), key_);
  ASSERT_TRUE(enrolment_.Revoke("web1", "admin/a", kPeer, kNow).ok());
  EXPECT_FALSE(registry_->Admit("web1", FingerprintOf(*first)).ok());
  v1::RenewRequest request;
  request.set_signing_request(RequestOf(key_));
  EXPECT_FALSE(enrolment_.Renew("web1", request, kPeer, kNow).ok());
  EXPECT_EQ(enrolment_.Revoke("nobody", "admin/a", kPeer, kNow).code(),
            absl::StatusCode::kNotFound);
  const auto again = Enrol("web1", Token(), other_key_);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(registry_->Admit("web1", FingerprintOf(*first)).ok());
  EXPECT_TRUE(registry_->Admit("web1", FingerprintOf(*again)).ok());
}

TEST_F(EnrolmentTest, ARevokedHostDoesNotComeBackWithATokenThatItHad) {
  const std::string token = Token(5);
  const std::string unused = Token();
  ASSERT_TRUE(Enrol("web1", token, key_).ok());
  ASSERT_TRUE(enrolment_.Revoke("web1", "admin/a", kPeer, kNow).ok());
  for (const std::string& old : {token, unused}) {
    for (const KeyPtr* key : {&key_, &other_key_}) {
      const absl::Status status = Enrol("web1", old, *key).status();
      EXPECT_EQ(status.code(), absl::StatusCode::kUnauthenticated);
      EXPECT_THAT(std::string(status.message()),
                  HasSubstr("host web1 has been revoked, and the enrolment token was made before"));
    }
  }
  // For others it is as good as before.
  EXPECT_TRUE(Enrol("web2", token, other_key_).ok());
  ASSERT_TRUE(Enrol("web1", Token(), other_key_).ok());
  EXPECT_FALSE(Enrol("web1", token, other_key_).ok());
  // Also when the controller was started again.
  const std::unique_ptr<Registry> registry = *Registry::Load(*database_);
  EXPECT_GT(registry->Find("web1")->record.barred_tokens, 0);
}

TEST_F(EnrolmentTest, TokensHaveLimits) {
  v1::CreateTokenRequest request;
  request.set_uses(1);
  EXPECT_FALSE(enrolment_.CreateToken(request, "a", kPeer, kNow).ok());
  request.set_ttl_seconds(31 * 24 * 3600);
  EXPECT_FALSE(enrolment_.CreateToken(request, "a", kPeer, kNow).ok());
  request.set_ttl_seconds(60);
  request.set_uses(0);
  EXPECT_FALSE(enrolment_.CreateToken(request, "a", kPeer, kNow).ok());
  request.set_uses(1);
  (*request.mutable_labels())["a b"] = "x";
  EXPECT_FALSE(enrolment_.CreateToken(request, "a", kPeer, kNow).ok());
}

}  // namespace
}  // namespace firebreak::controller
