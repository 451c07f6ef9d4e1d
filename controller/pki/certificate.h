#ifndef FIREBREAK_CONTROLLER_PKI_CERTIFICATE_H_
#define FIREBREAK_CONTROLLER_PKI_CERTIFICATE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/openssl/openssl.h"

namespace firebreak::controller {

// Reads the first certificate of a PEM text.
absl::StatusOr<CertificatePtr> ReadCertificate(absl::string_view pem);
absl::StatusOr<std::string> CertificatePem(X509* certificate);

// SHA-256 of the certificate, DER: its name in the store.
absl::StatusOr<std::string> Fingerprint(X509* certificate);

absl::StatusOr<absl::Time> NotBefore(const X509* certificate);
absl::StatusOr<absl::Time> NotAfter(const X509* certificate);

// True once half of the certificate's life is over, or if that cannot be read.
bool PastHalfLife(const X509* certificate, absl::Time now);

// The subject alternative names as "URI:…", "DNS:…", "IP:…" (hex of the address), in order.
std::vector<std::string> AlternativeNames(const X509* certificate);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_PKI_CERTIFICATE_H_
