// SPDX-License-Identifier: Apache-2.0
#include "controller/pki/authority.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/pki/certificate.h"
#include "controller/pki/chain.h"
#include "controller/pki/key.h"
#include "controller/pki/signing_request.h"

namespace firebreak::controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr char kUri[] = "firebreak://host/web1";

// Checks `pem` as a client's certificate against `authority`.
absl::Status Verify(const Authority& authority, const std::string& pem) {
  const auto chain = ChainVerifier::Make(authority.certificate_pem());
  EXPECT_TRUE(chain.ok()) << chain.status();
  const auto certificate = ReadCertificate(pem);
  EXPECT_TRUE(certificate.ok()) << certificate.status();
  return chain->Verify(certificate->get());
}

std::string Request(EVP_PKEY* key, EVP_PKEY* signer) {
  const RequestPtr request(X509_REQ_new());
  X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(request.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("somebody else"), -1, -1, 0);
  X509_REQ_set_pubkey(request.get(), key);
  X509_REQ_sign(request.get(), signer, EVP_sha256());
  unsigned char* der = nullptr;
  const int size = i2d_X509_REQ(request.get(), &der);
  std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

class AuthorityTest : public testing::Test {
 protected:
  const Authority authority_ = *Authority::Make(kNow);
  const KeyPtr key_ = *MakeKey();
};

TEST_F(AuthorityTest, AHostsCertificateHoldsForItsLifetime) {
  const auto issued = authority_.IssueClient(kUri, key_.get(), absl::Hours(1), kNow);
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_TRUE(Verify(authority_, issued->pem).ok());
  EXPECT_EQ(issued->not_after, kNow + absl::Hours(1));
  const auto certificate = ReadCertificate(issued->pem);
  EXPECT_EQ(*NotAfter(certificate->get()), kNow + absl::Hours(1));
  EXPECT_EQ(*NotBefore(certificate->get()), kNow - absl::Minutes(6));
  EXPECT_THAT(AlternativeNames(certificate->get()), ElementsAre("URI:firebreak://host/web1"));
}

TEST_F(AuthorityTest, HalfOfAShortLifeIsNotOverAtOnce) {
  const auto issued = authority_.IssueClient(kUri, key_.get(), absl::Seconds(20), kNow);
  ASSERT_TRUE(issued.ok()) << issued.status();
  const auto certificate = ReadCertificate(issued->pem);
  EXPECT_TRUE(InFirstHalfOfLife(certificate->get(), kNow + absl::Seconds(8)));
  EXPECT_FALSE(InFirstHalfOfLife(certificate->get(), kNow + absl::Seconds(10)));
  EXPECT_FALSE(InFirstHalfOfLife(certificate->get(), kNow - absl::Seconds(10)));
}

TEST_F(AuthorityTest, AClientsCertificateHoldsTheNumberThatItWasGiven) {
  for (const int64_t number : {int64_t{0}, int64_t{1}, int64_t{300}, int64_t{1} << 40}) {
    const auto issued = authority_.IssueClient(kUri, key_.get(), absl::Hours(1), kNow, number);
    ASSERT_TRUE(issued.ok()) << issued.status();
    EXPECT_EQ(CertificateNumber(ReadCertificate(issued->pem)->get()), number);
  }
  const auto one = authority_.IssueClient(kUri, key_.get(), absl::Hours(1), kNow, 7);
  const auto other = authority_.IssueClient(kUri, key_.get(), absl::Hours(1), kNow, 7);
  EXPECT_NE(ASN1_INTEGER_cmp(X509_get0_serialNumber(ReadCertificate(one->pem)->get()),
                             X509_get0_serialNumber(ReadCertificate(other->pem)->get())),
            0);
}

TEST_F(AuthorityTest, IsInForceWhateverTheClockShowedWhenItWasMade) {
  for (const absl::Time made : {absl::FromUnixSeconds(0), kNow + absl::Hours(24 * 60)}) {
    const Authority authority = *Authority::Make(made);
    const auto certificate = ReadCertificate(authority.certificate_pem());
    EXPECT_LT(*NotBefore(certificate->get()), kNow);
    EXPECT_GT(*NotAfter(certificate->get()), kNow + absl::Hours(24 * 365 * 10));
  }
}

TEST_F(AuthorityTest, AnotherFleetsCertificateIsRefused) {
  const Authority other = *Authority::Make(kNow);
  const auto issued = other.IssueClient(kUri, key_.get(), absl::Hours(1), kNow);
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_THAT(std::string(Verify(authority_, issued->pem).message()), HasSubstr("unknown CA"));
}

TEST_F(AuthorityTest, TheControllersCertificateIsNoClientCertificate) {
  const auto issued = authority_.IssueController({"ctl.example", "192.0.2.1", "::1"}, key_.get(),
                                                 absl::Hours(1), kNow);
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_FALSE(Verify(authority_, issued->pem).ok());
  const auto certificate = ReadCertificate(issued->pem);
  EXPECT_THAT(AlternativeNames(certificate->get()),
              ElementsAre("DNS:controller.firebreak", "URI:firebreak://controller/",
                          "DNS:ctl.example", "IP:c0000201", "IP:00000000000000000000000000000001"));
}

TEST_F(AuthorityTest, NamesCannotSmuggleInOtherNames) {
  for (const char* name : {"a,URI:firebreak://admin/x", "", "a b", "a\nb", "dirName:x"}) {
    EXPECT_FALSE(authority_.IssueController({name}, key_.get(), absl::Hours(1), kNow).ok()) << name;
  }
}

TEST_F(AuthorityTest, AHostCannotSignForAnother) {
  const auto host = authority_.IssueClient(kUri, key_.get(), absl::Hours(1), kNow);
  const auto key_pem = PrivateKeyPem(key_.get());
  const auto rogue = Authority::Load(host->pem, key_pem->view());
  ASSERT_TRUE(rogue.ok()) << rogue.status();
  const auto forged = rogue->IssueClient("firebreak://admin/x", key_.get(), absl::Minutes(1), kNow);
  // The issuer has an empty name and must not sign; either may be the reason for the refusal.
  if (forged.ok()) {
    EXPECT_FALSE(Verify(authority_, forged->pem).ok());
  }
}

TEST_F(AuthorityTest, StaysTheSameWhenLoadedAgain) {
  const auto key = authority_.key_pem();
  ASSERT_TRUE(key.ok());
  const auto loaded = Authority::Load(authority_.certificate_pem(), key->view());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ(loaded->fingerprint(), authority_.fingerprint());
  const auto issued = loaded->IssueClient(kUri, key_.get(), absl::Hours(1), kNow);
  EXPECT_TRUE(Verify(authority_, issued->pem).ok());
}

TEST_F(AuthorityTest, RefusesAKeyThatIsNotItsOwn) {
  const auto key = PrivateKeyPem(key_.get());
  EXPECT_FALSE(Authority::Load(authority_.certificate_pem(), key->view()).ok());
}

TEST_F(AuthorityTest, TakesOnlyTheKeyOfASigningRequest) {
  const std::string request = Request(key_.get(), key_.get());
  const auto key = PublicKeyOfRequest(request);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(*PublicKeySha256(key->get()), *PublicKeySha256(key_.get()));
  const auto issued = authority_.IssueClient(kUri, key->get(), absl::Hours(1), kNow);
  const auto certificate = ReadCertificate(issued->pem);
  EXPECT_EQ(X509_NAME_entry_count(X509_get_subject_name(certificate->get())), 0);
}

TEST_F(AuthorityTest, RefusesOtherSigningRequests) {
  const KeyPtr other = *MakeKey();
  EXPECT_FALSE(PublicKeyOfRequest(Request(key_.get(), other.get())).ok());
  EXPECT_FALSE(PublicKeyOfRequest("").ok());
  EXPECT_FALSE(PublicKeyOfRequest("rubbish").ok());
  const std::string good = Request(key_.get(), key_.get());
  EXPECT_FALSE(PublicKeyOfRequest(good + "x").ok());
  EXPECT_FALSE(PublicKeyOfRequest(good.substr(0, good.size() - 1)).ok());
  const KeyPtr p384(EVP_EC_gen("P-384"));
  EXPECT_FALSE(PublicKeyOfRequest(Request(p384.get(), p384.get())).ok());
  const KeyPtr rsa(EVP_RSA_gen(2048));
  EXPECT_FALSE(PublicKeyOfRequest(Request(rsa.get(), rsa.get())).ok());
}

}  // namespace
}  // namespace firebreak::controller
