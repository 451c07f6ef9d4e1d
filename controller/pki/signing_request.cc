// SPDX-License-Identifier: Apache-2.0
#include "controller/pki/signing_request.h"

#include <openssl/err.h>

#include "controller/pki/key.h"

namespace firebreak::controller {
namespace {

// A request with a P-256 key has about 250 bytes; the limit bounds the work that a stranger can
// cause.
constexpr size_t kMaxBytes = 8192;

}  // namespace

absl::StatusOr<KeyPtr> PublicKeyOfRequest(absl::string_view der) {
  if (der.size() > kMaxBytes) {
    return absl::InvalidArgumentError("the signing request is too long");
  }
  const auto* begin = reinterpret_cast<const unsigned char*>(der.data());
  const unsigned char* end = begin;
  const RequestPtr request(d2i_X509_REQ(nullptr, &end, static_cast<long>(der.size())));
  ERR_clear_error();
  if (request == nullptr || end != begin + der.size()) {
    return absl::InvalidArgumentError("the signing request is not PKCS #10 in DER");
  }
  KeyPtr key(X509_REQ_get_pubkey(request.get()));
  if (!IsP256(key.get())) {
    ERR_clear_error();
    return absl::InvalidArgumentError("the signing request's key is not ECDSA on P-256");
  }
  const bool verified = X509_REQ_verify(request.get(), key.get()) == 1;
  ERR_clear_error();
  if (!verified) {
    return absl::InvalidArgumentError("the signing request's signature is wrong");
  }
  return key;
}

}  // namespace firebreak::controller
