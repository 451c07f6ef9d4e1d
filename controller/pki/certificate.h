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

// Reads the first certificate of a PEM text.
absl::StatusOr<CertificatePtr> ReadCertificate(absl::string_view pem);
absl::StatusOr<std::string> CertificatePem(X509* certificate);

// SHA-256 of the certificate, DER: its name in the store.
absl::StatusOr<std::string> Fingerprint(X509* certificate);

absl::StatusOr<absl::Time> NotBefore(const X509* certificate);
absl::StatusOr<absl::Time> NotAfter(const X509* certificate);

// True in the first half of the certificate's life: not before it, when a clock was ahead as it was
// issued, and not if the times cannot be read.
bool InFirstHalfOfLife(const X509* certificate, absl::Time now);

// The number that the authority was given with the certificate; 0 if it was given none.
int64_t CertificateNumber(const X509* certificate);
// The first byte of a serial number that holds one. Serial numbers of other certificates begin with
// 0x40 or more.
inline constexpr unsigned char kNumberedSerial = 0x20;

// The subject alternative names as "URI:…", "DNS:…", "IP:…" (hex of the address), in order.
std::vector<std::string> AlternativeNames(const X509* certificate);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_PKI_CERTIFICATE_H_
