// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/pem.h"

#include <openssl/err.h>
#include <openssl/x509.h>

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace firebreak::policy {
namespace {

constexpr absl::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr absl::string_view kEnd = "-----END CERTIFICATE-----";
constexpr size_t kMaxPem = 64 << 10;

bool IsCertificate(const std::string& der) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
  const auto* const end = bytes + der.size();
  X509* certificate = d2i_X509(nullptr, &bytes, static_cast<long>(der.size()));
  X509_free(certificate);
  ERR_clear_error();
  return certificate != nullptr && bytes == end;
}

}  // namespace

absl::Status CheckPemCertificates(absl::string_view text) {
  if (absl::StrContains(text, "PRIVATE KEY")) {
    return absl::InvalidArgumentError(
        "this holds a private key, which belongs to nobody but its owner: give the certificate "
        "alone, and replace the key");
  }
  if (text.size() > kMaxPem) {
    return absl::InvalidArgumentError("the certificates are longer than 64 KiB");
  }
  absl::string_view rest = absl::StripAsciiWhitespace(text);
  do {
    const size_t end = rest.find(kEnd);
    if (!absl::ConsumePrefix(&rest, kBegin) || end == absl::string_view::npos) {
      return absl::InvalidArgumentError(
          "not a certificate in PEM: it begins with \"-----BEGIN CERTIFICATE-----\" and ends with "
          "\"-----END CERTIFICATE-----\"");
    }
    const absl::string_view base64 = rest.substr(0, end - kBegin.size());
    std::string der;
    if (!absl::Base64Unescape(base64, &der) || !IsCertificate(der)) {
      return absl::InvalidArgumentError(
          "not a certificate in PEM: what stands between its first and last line is damaged");
    }
    rest = absl::StripLeadingAsciiWhitespace(rest.substr(base64.size() + kEnd.size()));
  } while (!rest.empty());
  return absl::OkStatus();
}

}  // namespace firebreak::policy
