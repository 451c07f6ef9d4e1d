// SPDX-License-Identifier: Apache-2.0
#include "proto/endpoint/standing.h"

#include <openssl/ssl.h>

#include "absl/strings/str_cat.h"

namespace firebreak {

// The error codes are chosen by ssl_x509err2alert of OpenSSL 3.0 (ssl/statem/statem_lib.c).
int VerifyErrorFor(Standing standing) {
  switch (standing) {
    case Standing::kMember: return X509_V_OK;
    case Standing::kStranger: return X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
    case Standing::kExpired: return X509_V_ERR_CERT_HAS_EXPIRED;
    case Standing::kUnknown: return X509_V_ERR_NO_EXPLICIT_POLICY;  // a code that it does not list
    case Standing::kRevoked: return X509_V_ERR_CERT_REVOKED;
    case Standing::kSuperseded: return X509_V_ERR_CERT_REJECTED;
  }
  return X509_V_ERR_UNSPECIFIED;
}

std::optional<Standing> StandingByAlert(int alert) {
  switch (alert) {
    case SSL_AD_UNKNOWN_CA:
    case SSL_AD_CERTIFICATE_REQUIRED: return Standing::kStranger;
    case SSL_AD_CERTIFICATE_EXPIRED: return Standing::kExpired;
    case SSL_AD_CERTIFICATE_UNKNOWN: return Standing::kUnknown;
    case SSL_AD_CERTIFICATE_REVOKED: return Standing::kRevoked;
    case SSL_AD_BAD_CERTIFICATE: return Standing::kSuperseded;
    default: return std::nullopt;
  }
}

std::string WhyRefused(Standing standing, absl::string_view name) {
  switch (standing) {
    case Standing::kMember: return "";
    case Standing::kStranger:
      return "the certificate is not of this fleet (unknown CA); start the host's agent with a "
             "token of this controller (firebreak token create)";
    case Standing::kExpired:
      return "the host's certificate has expired; start its agent with a new token (firebreak "
             "token create)";
    case Standing::kUnknown:
      return absl::StrCat("host ", name,
                          " is not known here: it was forgotten, or enrolled after this database "
                          "was last saved; start its agent with a new token (firebreak token "
                          "create)");
    case Standing::kRevoked:
      return absl::StrCat("host ", name,
                          " has been revoked; to let it in again, start its agent with a new token "
                          "(firebreak token create)");
    case Standing::kSuperseded:
      return absl::StrCat(
          "host ", name,
          " has a newer certificate than this one: its state directory was put back to an earlier "
          "state, or was copied to a second machine; start this machine's agent with a new token "
          "(firebreak token create), and with a --name of its own if it is a second one");
  }
  return "";
}

}  // namespace firebreak
