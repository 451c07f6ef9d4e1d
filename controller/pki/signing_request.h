#ifndef FIREBREAK_CONTROLLER_PKI_SIGNING_REQUEST_H_
#define FIREBREAK_CONTROLLER_PKI_SIGNING_REQUEST_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl/openssl.h"

namespace firebreak::controller {

// The public key of a PKCS #10 request (DER), once the request's signature has shown that the
// sender holds the private one. Whatever else the request asks for is ignored. InvalidArgument
// for anything else than one whole request with a P-256 key.
absl::StatusOr<KeyPtr> PublicKeyOfRequest(absl::string_view der);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_PKI_SIGNING_REQUEST_H_
