// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_PKI_SIGNING_REQUEST_H_
#define FIREBREAK_CONTROLLER_PKI_SIGNING_REQUEST_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl/openssl.h"

namespace firebreak::controller {

// Returns the public key of a PKCS #10 request (DER), after checking the request's signature, which
// shows that the sender holds the private key. Everything else in the request is ignored.
// InvalidArgument if `der` is not exactly one request with a P-256 key.
absl::StatusOr<KeyPtr> PublicKeyOfRequest(absl::string_view der);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_PKI_SIGNING_REQUEST_H_
