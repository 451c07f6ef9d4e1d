// SPDX-License-Identifier: Apache-2.0
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
  std::string Token(uint32_t uses = 1, uint32_t ttl = 3600, const std::string& role = "web",
                    const std::string& host = "") {
    v1::CreateTokenRequest request;
    request.set_uses(uses);
    request.set_ttl_seconds(ttl);
    request.set_host(host);
    if (!role.empty()) (*request.mutable_labels())["role"] = role;
    auto token = enrolment_.CreateToken(request, "admin/a", kPeer, kNow);
    EXPECT_TRUE(token.ok()) << token.status();
    return std::string(token->text.view());
  }
  absl::StatusOr<v1::EnrolResponse> Enrol(const std::string& name, const std::string& token,
                                          const KeyPtr& key, absl::Time now = kNow,
                                          const std::optional<Caller>& proof = {}) {
    v1::EnrolRequest request;
    request.set_name(name);
    request.set_token(token);
    request.set_signing_request(RequestOf(key));
    return enrolment_.Enrol(request, proof, kPeer, now);
  }
  // Who calls with the certificate that the host was given.
  std::optional<Caller> CallerWith(const v1::EnrolResponse& response) const {
    const auto caller = IdentifyCaller(*ChainVerifier::Make(authority_.certificate_pem()),
                                       ReadCertificate(response.certificate())->get());
    EXPECT_TRUE(caller.ok()) << caller.status();
    return *caller;
  }
  absl::Status Admit(const v1::EnrolResponse& response) {
    const Caller caller = *CallerWith(response);
    return registry_->Admit(caller.name, {.fingerprint = caller.fingerprint,
                                          .key_sha256 = caller.key_sha256,
                                          .number = caller.number,
                                          .not_after = caller.not_after});
  }
  absl::StatusOr<v1::EnrolResponse> Renew(const std::string& name, const KeyPtr& key,
                                          absl::Time now = kNow) {
    v1::RenewRequest request;
    request.set_signing_request(RequestOf(key));
    return enrolment_.Renew(name, request, kPeer, now);
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
  EXPECT_TRUE(Admit(*response).ok());
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
  EXPECT_TRUE(Admit(*again).ok());
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
  EXPECT_TRUE(Admit(*first).ok());
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
  const auto renewed = Renew("web1", key_, kNow + absl::Minutes(30));
  ASSERT_TRUE(renewed.ok()) << renewed.status();
  EXPECT_TRUE(Admit(*first).ok());
  EXPECT_TRUE(Admit(*renewed).ok());
  EXPECT_FALSE(Admit(*first).ok());
}

TEST_F(EnrolmentTest, ARevokedHostIsOutUntilItEnrolsAnew) {
  const auto first = Enrol("web1", Token(), key_);
  ASSERT_TRUE(enrolment_.Revoke("web1", "admin/a", kPeer, kNow).ok());
  EXPECT_FALSE(Admit(*first).ok());
  EXPECT_FALSE(Renew("web1", key_).ok());
  EXPECT_EQ(enrolment_.Revoke("nobody", "admin/a", kPeer, kNow).code(),
            absl::StatusCode::kNotFound);
  const auto again = Enrol("web1", Token(), other_key_);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_FALSE(Admit(*first).ok());
  EXPECT_TRUE(Admit(*again).ok());
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

TEST_F(EnrolmentTest, AHostShowsWithACertificateThatItHadThatItIsTheOneThatIsKnown) {
  const auto first = Enrol("web1", Token(), key_);
  ASSERT_TRUE(first.ok());
  // Its state directory goes back to before a renewal, and its certificate expires.
  const auto renewed = Renew("web1", other_key_);
  ASSERT_TRUE(renewed.ok() && Admit(*renewed).ok());
  ASSERT_FALSE(Admit(*first).ok());
  const absl::Time later = kNow + absl::Minutes(50);
  const KeyPtr third = *MakeKey();
  const auto again = Enrol("web1", Token(), third, later, CallerWith(*first));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(Admit(*again).ok());
  EXPECT_FALSE(Admit(*renewed).ok());
}

TEST_F(EnrolmentTest, ACertificateOfAnotherHostShowsNothing) {
  const auto other = Enrol("web2", Token(), other_key_);
  ASSERT_TRUE(Enrol("web1", Token(), key_).ok());
  const KeyPtr third = *MakeKey();
  EXPECT_EQ(Enrol("web1", Token(), third, kNow, CallerWith(*other)).status().code(),
            absl::StatusCode::kAlreadyExists);
}

TEST_F(EnrolmentTest, ATokenThatIsForAHostReplacesItsKey) {
  ASSERT_TRUE(Enrol("web1", Token(), key_).ok());
  const std::string token = Token(1, 3600, "", "web1");
  EXPECT_THAT(std::string(Enrol("web2", token, other_key_).status().message()),
              HasSubstr("the enrolment token is for host web1"));
  const auto again = Enrol("web1", token, other_key_);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(Admit(*again).ok());
  EXPECT_EQ(Enrol("web1", Token(), key_).status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(EnrolmentTest, AHostThatComesAgainGetsTheTokensLabelsOrKeepsItsOwn) {
  const auto first = Enrol("web1", Token(), key_);
  const auto labels = [&] { return registry_->Find("web1")->record.labels; };
  auto again = Enrol("web1", Token(1, 3600, ""), key_, kNow, CallerWith(*first));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(labels(), ElementsAre(Pair("role", "web")));
  again = Enrol("web1", Token(1, 3600, "db"), key_, kNow, CallerWith(*again));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(labels(), ElementsAre(Pair("role", "db")));
  EXPECT_EQ(again->labels().at("role"), "db");
  // A revoked one too: without labels no policy would select it, and it would be open.
  ASSERT_TRUE(enrolment_.Revoke("web1", "admin/a", kPeer, kNow).ok());
  ASSERT_TRUE(Enrol("web1", Token(1, 3600, ""), other_key_).ok());
  EXPECT_THAT(labels(), ElementsAre(Pair("role", "db")));
}

// A fleet's token file is replaced every week, and its hosts restart.
TEST_F(EnrolmentTest, AHostThatIsWellUsesUpNoTokenThatChangesNothing) {
  const std::string token = Token(2);
  const auto first = Enrol("web1", token, key_);
  const std::string next = Token(1);
  const auto again = Enrol("web1", next, other_key_, kNow, CallerWith(*first));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(Admit(*again).ok());
  EXPECT_TRUE(Enrol("web2", next, *MakeKey()).ok());
  // It is used up now: also for hosts that are known.
  EXPECT_FALSE(Enrol("web1", next, *MakeKey(), kNow, CallerWith(*again)).ok());
}

TEST_F(EnrolmentTest, AForgottenHostsNameIsFreeAndARevokedOnesTokensStayBarred) {
  const std::string token = Token(5);
  const auto first = Enrol("web1", token, key_);
  ASSERT_TRUE(enrolment_.Forget("web1", "admin/a", kPeer, kNow).ok());
  EXPECT_FALSE(Admit(*first).ok());
  EXPECT_TRUE(absl::IsNotFound(enrolment_.Forget("web1", "admin/a", kPeer, kNow)));
  ASSERT_TRUE(Enrol("web1", token, other_key_).ok());
  ASSERT_TRUE(enrolment_.Revoke("web1", "admin/a", kPeer, kNow).ok());
  ASSERT_TRUE(enrolment_.Forget("web1", "admin/a", kPeer, kNow).ok());
  EXPECT_THAT(std::string(Enrol("web1", token, key_).status().message()),
              HasSubstr("made before that"));
  EXPECT_TRUE(Enrol("web1", Token(), key_).ok());
}

TEST_F(EnrolmentTest, AnOperatorSetsAndRemovesLabels) {
  ASSERT_TRUE(Enrol("web1", Token(), key_).ok());
  v1::SetHostLabelsRequest request;
  request.set_name("web1");
  (*request.mutable_set())["site"] = "berlin";
  request.add_remove("role");
  const auto labels = enrolment_.SetLabels(request, "", "admin/a", kPeer, kNow);
  ASSERT_TRUE(labels.ok()) << labels.status();
  EXPECT_THAT(*labels, ElementsAre(Pair("site", "berlin")));
  EXPECT_EQ(registry_->Find("web1")->record.labels, *labels);
  EXPECT_TRUE(absl::IsInvalidArgument(
      enrolment_.SetLabels(request, "", "admin/a", kPeer, kNow).status()));  // role is gone
  request.clear_remove();
  (*request.mutable_set())["a b"] = "c";
  EXPECT_TRUE(
      absl::IsInvalidArgument(enrolment_.SetLabels(request, "", "admin/a", kPeer, kNow).status()));
  request.set_name("nobody");
  request.mutable_set()->erase("a b");
  EXPECT_TRUE(absl::IsNotFound(enrolment_.SetLabels(request, "", "admin/a", kPeer, kNow).status()));
}

TEST_F(EnrolmentTest, AHostThatRenewsAllTheTimeIsToldToWait) {
  ASSERT_TRUE(Enrol("web1", Token(), key_).ok());
  int renewed = 0;
  for (int i = 0; i < 1000; ++i) renewed += Renew("web1", key_).ok() ? 1 : 0;
  EXPECT_EQ(renewed, RenewalBudget::kBurst);
  EXPECT_TRUE(absl::IsResourceExhausted(Renew("web1", key_).status()));
}

}  // namespace
}  // namespace firebreak::controller
