// SPDX-License-Identifier: Apache-2.0
#include "cli/audit/verify.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "base/status/status.h"

namespace firebreak::cli {
namespace {

// A CA with a key of its own.
class Ca {
 public:
  Ca() : key_(EVP_EC_gen("P-256"), EVP_PKEY_free) {
    const std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), X509_free);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key_.get());
    X509_sign(certificate.get(), key_.get(), EVP_sha256());
    const std::unique_ptr<BIO, int (*)(BIO*)> text(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_X509(text.get(), certificate.get());
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(text.get(), &bytes);
    pem_.assign(bytes, static_cast<size_t>(size));
  }

  const std::string& pem() const { return pem_; }

  v1::AuditHead Sign(const v1::AuditRow& last) const {
    v1::AuditHead head;
    head.set_number(last.number());
    head.set_hash(last.hash());
    head.mutable_at()->set_seconds(1'795'262'400);
    const std::string statement = AuditHeadStatement(head);
    const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(),
                                                                     EVP_MD_CTX_free);
    unsigned char signature[256];
    size_t length = sizeof signature;
    EXPECT_EQ(EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()), 1);
    EXPECT_EQ(
        EVP_DigestSign(context.get(), signature, &length,
                       reinterpret_cast<const unsigned char*>(statement.data()), statement.size()),
        1);
    head.set_signature(signature, length);
    return head;
  }

 private:
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
  std::string pem_;
};

std::vector<v1::AuditRow> Trail(uint64_t rows) {
  std::vector<v1::AuditRow> trail;
  std::string hash = FirstAuditHash();
  for (uint64_t i = 1; i <= rows; ++i) {
    v1::AuditRow& row = trail.emplace_back();
    row.set_number(i);
    row.set_actor("admin/admin");
    row.set_result("done");
    row.set_content_digest(AuditContentDigest(row));
    hash = NextAuditHash(hash, row);
    row.set_hash(hash);
  }
  return trail;
}

// Passes the trail to the verifier in parts, as it arrives.
absl::Status Verify(const std::string& ca, const std::optional<Anchor>& anchor,
                    const std::vector<v1::AuditHead>& earlier, const v1::AuditHead& head,
                    const std::vector<v1::AuditRow>& trail, v1::AuditReport* report = nullptr) {
  TrailVerifier verifier(ca, anchor);
  v1::AuditRows first;
  *first.mutable_head() = head;
  for (const v1::AuditHead& one : earlier) *first.add_earlier() = one;
  RETURN_IF_ERROR(verifier.Add(first));
  for (const v1::AuditRow& row : trail) {
    v1::AuditRows part;
    *part.add_rows() = row;
    RETURN_IF_ERROR(verifier.Add(part));
  }
  if (report != nullptr) *report = verifier.Report();
  return verifier.Finish();
}

TEST(TrailVerifier, FindsAWholeTrailWhole) {
  const Ca ca;
  const auto trail = Trail(9);
  const Anchor seen = {.number = 4, .hash = trail[3].hash()};
  v1::AuditReport report;
  const absl::Status status = Verify(ca.pem(), seen, {ca.Sign(trail[2]), ca.Sign(trail[6])},
                                     ca.Sign(trail[8]), trail, &report);
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(report.rows(), 9u);
  EXPECT_EQ(report.seals(), 2u);
  EXPECT_EQ(report.hash(), trail[8].hash());
}

TEST(TrailVerifier, ATrailOfNothingIsWhole) {
  const Ca ca;
  v1::AuditRow none;
  none.set_hash(FirstAuditHash());
  EXPECT_TRUE(Verify(ca.pem(), std::nullopt, {}, ca.Sign(none), {}).ok());
}

TEST(TrailVerifier, SeesThatTheEndWasCutOff) {
  const Ca ca;
  const auto trail = Trail(9);
  const auto cut = Trail(6);
  // The controller signs a shorter trail. This machine detects that if it has seen a longer one.
  const Anchor seen = {.number = 9, .hash = trail[8].hash()};
  EXPECT_TRUE(absl::IsDataLoss(Verify(ca.pem(), seen, {}, ca.Sign(cut[5]), cut)));
  // The shorter trail is also detected if a longer one was sealed.
  EXPECT_TRUE(
      absl::IsDataLoss(Verify(ca.pem(), std::nullopt, {ca.Sign(trail[8])}, ca.Sign(cut[5]), cut)));
  EXPECT_TRUE(Verify(ca.pem(), std::nullopt, {}, ca.Sign(cut[5]), cut).ok());
}

TEST(TrailVerifier, SeesThatTheTrailWasWrittenAnew) {
  const Ca ca;
  const auto trail = Trail(9);
  const Anchor seen = {.number = 4, .hash = trail[4].hash()};
  EXPECT_TRUE(absl::IsDataLoss(Verify(ca.pem(), seen, {}, ca.Sign(trail[8]), trail)));
}

TEST(TrailVerifier, BelievesNoOtherKey) {
  const Ca ca;
  const Ca other;
  const auto trail = Trail(3);
  EXPECT_FALSE(Verify(ca.pem(), std::nullopt, {}, other.Sign(trail[2]), trail).ok());
  EXPECT_FALSE(
      Verify(ca.pem(), std::nullopt, {other.Sign(trail[1])}, ca.Sign(trail[2]), trail).ok());
  TrailVerifier headless(ca.pem(), std::nullopt);
  EXPECT_TRUE(absl::IsDataLoss(headless.Finish()));
}

class AnchorTest : public testing::Test {
 protected:
  AnchorTest() {
    char name[] = "/tmp/anchor-test-XXXXXX";
    directory_ = mkdtemp(name);
    path_ = directory_ + "/new/anchor";
  }
  ~AnchorTest() override { std::filesystem::remove_all(directory_); }

  std::string directory_;
  std::string path_;
};

TEST_F(AnchorTest, IsReadAsItWasWritten) {
  const auto none = ReadAnchor(path_);
  ASSERT_TRUE(none.ok());
  EXPECT_FALSE(none->has_value());
  for (const uint64_t number : {7, 8}) {
    const Anchor anchor = {.number = number, .hash = std::string(kAuditHashBytes, '\xfe')};
    ASSERT_TRUE(WriteAnchor(path_, anchor).ok());
    const auto read = ReadAnchor(path_);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(*read, anchor);
  }
}

TEST_F(AnchorTest, WhatIsNoneIsRefused) {
  std::filesystem::create_directory(directory_ + "/new");
  for (const char* text : {"", "7", "7 fe", "x fefe", "rubbish\n"}) {
    std::ofstream(path_, std::ios::trunc) << text;
    EXPECT_TRUE(absl::IsDataLoss(ReadAnchor(path_).status())) << text;
  }
}

TEST_F(AnchorTest, EachFleetHasItsOwn) {
  EXPECT_NE(AnchorPath("one"), AnchorPath("other"));
  EXPECT_EQ(AnchorPath("one"), AnchorPath("one"));
}

}  // namespace
}  // namespace firebreak::cli
