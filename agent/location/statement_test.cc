// SPDX-License-Identifier: Apache-2.0
#include "agent/location/statement.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>

#include <memory>
#include <string>

#include "base/openssl/openssl.h"
#include "proto/endpoint/beacon.h"

namespace firebreak::agent {
namespace {

class StatementTest : public testing::Test {
 protected:
  StatementTest() : key_(EVP_EC_gen("P-256")) {
    expected_ = {.location = "corp",
                 .nonce = std::string(kBeaconNonceBytes, 'n'),
                 .channel_binding = std::string(kChannelBindingBytes, 'b'),
                 .own_address = std::string("\x0a\x00\x00\x05", 4),
                 .own_port = 40000};
    statement_.set_location(expected_.location);
    statement_.set_nonce(expected_.nonce);
    statement_.set_channel_binding(expected_.channel_binding);
    statement_.set_seen_address(expected_.own_address);
    statement_.set_seen_port(expected_.own_port);
  }

  v1::BeaconAnswer Signed(EVP_PKEY* key) const {
    v1::BeaconAnswer answer;
    answer.set_statement(statement_.SerializeAsString());
    const std::string bytes = SignedBeaconBytes(answer.statement());
    const DigestPtr digest(EVP_MD_CTX_new());
    std::string signature(128, '\0');
    size_t size = signature.size();
    EXPECT_EQ(EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key), 1);
    EXPECT_EQ(
        EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()),
        1);
    signature.resize(size);
    answer.set_signature(signature);
    return answer;
  }

  absl::Status Check() const { return CheckAnswer(Signed(key_.get()), expected_, key_.get()); }

  KeyPtr key_;
  ExpectedStatement expected_;
  v1::BeaconStatement statement_;
};

TEST_F(StatementTest, WhatIsExpectedProves) { EXPECT_TRUE(Check().ok()) << Check(); }

TEST_F(StatementTest, AnotherLocationDoesNot) {
  statement_.set_location("branch");
  EXPECT_TRUE(absl::IsPermissionDenied(Check()));
}

TEST_F(StatementTest, AnOldAnswerDoesNot) {
  statement_.set_nonce(std::string(kBeaconNonceBytes, 'o'));
  EXPECT_TRUE(absl::IsPermissionDenied(Check()));
}

TEST_F(StatementTest, AnAnswerToAnotherConnectionDoesNot) {
  statement_.set_channel_binding(std::string(kChannelBindingBytes, 'c'));
  EXPECT_TRUE(absl::IsPermissionDenied(Check()));
}

TEST_F(StatementTest, ANatDoesNot) {
  statement_.set_seen_address(std::string("\x0a\x00\x00\x06", 4));
  EXPECT_TRUE(absl::IsPermissionDenied(Check()));
  statement_.set_seen_address(expected_.own_address);
  statement_.set_seen_port(40001);
  EXPECT_TRUE(absl::IsPermissionDenied(Check()));
}

TEST_F(StatementTest, AnotherKeyDoesNot) {
  const KeyPtr other(EVP_EC_gen("P-256"));
  EXPECT_TRUE(absl::IsPermissionDenied(CheckAnswer(Signed(other.get()), expected_, key_.get())));
  EXPECT_TRUE(absl::IsPermissionDenied(CheckAnswer(Signed(key_.get()), expected_, nullptr)));
  EXPECT_TRUE(absl::IsPermissionDenied(CheckAnswer({}, expected_, key_.get())));
}

TEST_F(StatementTest, AnyChangeOfABitDoesNot) {
  const v1::BeaconAnswer good = Signed(key_.get());
  for (size_t i = 0; i < good.statement().size(); ++i) {
    v1::BeaconAnswer bad = good;
    (*bad.mutable_statement())[i] ^= 1;
    EXPECT_FALSE(CheckAnswer(bad, expected_, key_.get()).ok()) << "byte " << i;
  }
}

TEST_F(StatementTest, ARefusalIsTold) {
  v1::BeaconAnswer answer;
  answer.set_error("this beacon proves another location");
  EXPECT_NE(CheckAnswer(answer, expected_, key_.get()).message().find("another location"),
            std::string::npos);
}

}  // namespace
}  // namespace firebreak::agent
