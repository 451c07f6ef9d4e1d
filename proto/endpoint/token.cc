// SPDX-License-Identifier: Apache-2.0
#include "proto/endpoint/token.h"

#include <openssl/crypto.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/openssl/openssl.h"

namespace firebreak {
namespace {

constexpr absl::string_view kPrefix = "fb1.";
constexpr size_t kBytes = 8 + 16 + 32;
constexpr size_t kEncodedBytes = (kBytes * 8 + 5) / 6;

}  // namespace

Token::~Token() { OPENSSL_cleanse(secret.data(), secret.size()); }

std::string EncodeToken(const Token& token) {
  std::string bytes;
  bytes.reserve(kBytes);
  bytes.append(token.id.begin(), token.id.end());
  bytes.append(token.secret.begin(), token.secret.end());
  bytes.append(token.ca_fingerprint.begin(), token.ca_fingerprint.end());
  std::string encoded = absl::WebSafeBase64Escape(bytes);
  std::string text = absl::StrCat(kPrefix, encoded);
  Wipe(bytes);
  Wipe(encoded);
  return text;
}

absl::StatusOr<Token> DecodeToken(absl::string_view text) {
  absl::string_view rest = absl::StripAsciiWhitespace(text);
  if (!absl::ConsumePrefix(&rest, kPrefix)) {
    return absl::InvalidArgumentError("not an enrolment token: it does not begin with \"fb1.\"");
  }
  std::string bytes;
  std::string canonical;
  if (rest.size() == kEncodedBytes && absl::WebSafeBase64Unescape(rest, &bytes)) {
    canonical = absl::WebSafeBase64Escape(bytes);
  }
  Token token;
  const bool whole = bytes.size() == kBytes && canonical == rest;
  if (whole) {
    auto from = bytes.begin();
    std::copy_n(from, token.id.size(), token.id.begin());
    std::copy_n(from += token.id.size(), token.secret.size(), token.secret.begin());
    std::copy_n(from += token.secret.size(), token.ca_fingerprint.size(),
                token.ca_fingerprint.begin());
  }
  Wipe(bytes);
  Wipe(canonical);
  if (!whole) {
    return absl::InvalidArgumentError("not an enrolment token: it is cut short or damaged");
  }
  return token;
}

}  // namespace firebreak
