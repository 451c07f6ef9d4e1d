#include "proto/endpoint/token.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace firebreak {
namespace {

constexpr absl::string_view kPrefix = "fb1.";
constexpr size_t kBytes = 8 + 16 + 32;
constexpr size_t kEncodedBytes = (kBytes * 8 + 5) / 6;

}  // namespace

std::string EncodeToken(const Token& token) {
  std::string bytes;
  bytes.reserve(kBytes);
  bytes.append(token.id.begin(), token.id.end());
  bytes.append(token.secret.begin(), token.secret.end());
  bytes.append(token.ca_fingerprint.begin(), token.ca_fingerprint.end());
  return absl::StrCat(kPrefix, absl::WebSafeBase64Escape(bytes));
}

absl::StatusOr<Token> DecodeToken(absl::string_view text) {
  absl::string_view rest = absl::StripAsciiWhitespace(text);
  if (!absl::ConsumePrefix(&rest, kPrefix)) {
    return absl::InvalidArgumentError("not an enrolment token: it does not begin with \"fb1.\"");
  }
  std::string bytes;
  if (rest.size() != kEncodedBytes || !absl::WebSafeBase64Unescape(rest, &bytes) ||
      bytes.size() != kBytes || absl::WebSafeBase64Escape(bytes) != rest) {
    return absl::InvalidArgumentError("not an enrolment token: it is cut short or damaged");
  }
  Token token;
  auto from = bytes.begin();
  std::copy_n(from, token.id.size(), token.id.begin());
  std::copy_n(from += token.id.size(), token.secret.size(), token.secret.begin());
  std::copy_n(from += token.secret.size(), token.ca_fingerprint.size(),
              token.ca_fingerprint.begin());
  return token;
}

}  // namespace firebreak
