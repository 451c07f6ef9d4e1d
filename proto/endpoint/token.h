// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_ENDPOINT_TOKEN_H_
#define FIREBREAK_PROTO_ENDPOINT_TOKEN_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak {

// An enrolment token: "fb1." and base64url (RFC 4648, no padding) of the three fields in order.
// Wiped on destruction.
struct Token {
  std::array<uint8_t, 8> id;       // identifies the token in the controller's store; not secret
  std::array<uint8_t, 16> secret;  // random; the controller keeps only its SHA-256
  std::array<uint8_t, 32> ca_fingerprint;  // SHA-256 of the fleet CA's certificate, DER

  ~Token();

  friend bool operator==(const Token&, const Token&) = default;
};

// The caller must wipe the result.
std::string EncodeToken(const Token& token);

// InvalidArgument for a text that EncodeToken does not produce; the message contains no part of
// `text`. Surrounding white space is ignored, because tokens are pasted and read from files.
absl::StatusOr<Token> DecodeToken(absl::string_view text);

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_ENDPOINT_TOKEN_H_
