// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_PKI_CERTIFICATE_H_
#define FIREBREAK_CONTROLLER_PKI_CERTIFICATE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/openssl/openssl.h"

namespace firebreak::controller {

// Reads the first certificate in a PEM text.
absl::StatusOr<CertificatePtr> ReadCertificate(absl::string_view pem);
absl::StatusOr<std::string> CertificatePem(X509* certificate);

// SHA-256 of the certificate's DER, by which the store knows the certificate.
absl::StatusOr<std::string> Fingerprint(X509* certificate);

absl::StatusOr<absl::Time> NotBefore(const X509* certificate);
absl::StatusOr<absl::Time> NotAfter(const X509* certificate);

// Whether the certificate is in the first half of its lifetime. False if it is not valid yet, for
// example because a clock was ahead when it was issued, and if its times cannot be read.
bool InFirstHalfOfLife(const X509* certificate, absl::Time now);

// The number that the caller gave the authority for this certificate; 0 if the certificate has
// none.
int64_t CertificateNumber(const X509* certificate);
// The first byte of a serial number that contains such a number. Serial numbers of other
// certificates begin with 0x40 or more.
inline constexpr unsigned char kNumberedSerial = 0x20;

// Returns the subject alternative names in order, as "URI:…", "DNS:…" or "IP:…" (the address in
// hex).
std::vector<std::string> AlternativeNames(const X509* certificate);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_PKI_CERTIFICATE_H_
