// SPDX-License-Identifier: Apache-2.0
#include "agent/location/statement.h"

#include <sys/socket.h>

#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/address/address.h"
#include "base/openssl/openssl.h"
#include "proto/endpoint/beacon.h"

namespace firebreak::agent {
namespace {

bool IsSignedBy(EVP_PKEY* key, const std::string& bytes, const std::string& signature) {
  const DigestPtr digest(EVP_MD_CTX_new());
  return digest != nullptr &&
         EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, key) == 1 &&
         EVP_DigestVerify(digest.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                          bytes.size()) == 1;
}

}  // namespace

absl::Status CheckAnswer(const v1::BeaconAnswer& answer, const ExpectedStatement& expected,
                         EVP_PKEY* beacon_key) {
  if (!answer.error().empty()) {
    return absl::PermissionDeniedError(
        absl::StrCat("the beacon says: ", absl::CHexEscape(answer.error())));
  }
  v1::BeaconStatement statement;
  if (beacon_key == nullptr ||
      !IsSignedBy(beacon_key, SignedBeaconBytes(answer.statement()), answer.signature()) ||
      !statement.ParseFromString(answer.statement())) {
    return absl::PermissionDeniedError("the answer is not signed with the beacon's key");
  }
  if (statement.location() != expected.location) {
    return absl::PermissionDeniedError(absl::StrCat("the beacon proves another location, ",
                                                    absl::CHexEscape(statement.location())));
  }
  if (statement.nonce() != expected.nonce) {
    return absl::PermissionDeniedError("the answer is to another question, perhaps an old one");
  }
  if (statement.channel_binding() != expected.channel_binding) {
    return absl::PermissionDeniedError(
        "the answer was given to another connection: something stands in between");
  }
  if (statement.seen_address() != expected.own_address ||
      statement.seen_port() != expected.own_port) {
    return absl::PermissionDeniedError(
        absl::StrCat("the beacon sees this host as ",
                     AddressAndPortText(statement.seen_address(), statement.seen_port()),
                     ", not as ", AddressAndPortText(expected.own_address, expected.own_port),
                     ": a proxy or a NAT stands in between"));
  }
  return absl::OkStatus();
}

}  // namespace firebreak::agent
