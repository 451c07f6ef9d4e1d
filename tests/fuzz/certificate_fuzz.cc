// SPDX-License-Identifier: Apache-2.0

// What a stranger's certificate and signing request say: whoever they name, reading them ends, and
// says the same when they are written and read again.

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/openssl/openssl.h"
#include "controller/pki/certificate.h"
#include "controller/pki/signing_request.h"

using namespace firebreak;
using namespace firebreak::controller;

namespace {

void ReadAsCertificate(const uint8_t* data, size_t size) {
  const unsigned char* end = data;
  const CertificatePtr certificate(d2i_X509(nullptr, &end, static_cast<long>(size)));
  ERR_clear_error();
  if (certificate == nullptr) return;
  const auto names = AlternativeNames(certificate.get());
  const int64_t number = CertificateNumber(certificate.get());
  const auto not_after = NotAfter(certificate.get());
  InFirstHalfOfLife(certificate.get(), absl::UnixEpoch());
  const auto pem = CertificatePem(certificate.get());
  if (!pem.ok()) return;
  const auto again = controller::ReadCertificate(*pem);
  ERR_clear_error();
  if (!again.ok()) return;
  if (AlternativeNames(again->get()) != names || CertificateNumber(again->get()) != number ||
      NotAfter(again->get()).ok() != not_after.ok() ||
      *Fingerprint(again->get()) != *Fingerprint(certificate.get())) {
    __builtin_trap();
  }
  ERR_clear_error();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  ReadAsCertificate(data, size);
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  // What is behind a request is no part of it.
  if (PublicKeyOfRequest(bytes).ok() && PublicKeyOfRequest(std::string(bytes) + "x").ok()) {
    __builtin_trap();
  }
  return 0;
}
