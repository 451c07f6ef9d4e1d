// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/test_certificate.h"

#include <openssl/pem.h>

#include "absl/strings/str_cat.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::agent {

TestAuthority::TestAuthority()
    : key_(EVP_EC_gen("P-256")),
      certificate_(CertificateFor(key_.get(), "", absl::FromUnixSeconds(0),
                                  absl::FromUnixSeconds(4'000'000'000))) {}

std::string TestAuthority::CertificateFor(EVP_PKEY* key, const std::string& names,
                                          absl::Time not_before, absl::Time not_after) const {
  const CertificatePtr certificate(X509_new());
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  ASN1_TIME_set(X509_getm_notBefore(certificate.get()), absl::ToTimeT(not_before));
  ASN1_TIME_set(X509_getm_notAfter(certificate.get()), absl::ToTimeT(not_after));
  X509_set_pubkey(certificate.get(), key);
  if (!names.empty()) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    const ExtensionPtr extension(
        X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, names.c_str()));
    X509_add_ext(certificate.get(), extension.get(), -1);
  }
  X509_sign(certificate.get(), key_.get(), EVP_sha256());
  return Pem(*certificate);
}

std::array<uint8_t, 32> TestAuthority::Fingerprint() const {
  std::array<uint8_t, 32> digest;
  X509_digest(ReadCertificate(certificate_).get(), EVP_sha256(), digest.data(), nullptr);
  return digest;
}

Identity TestAuthority::Issue(const std::string& host, absl::Time not_before,
                              absl::Time not_after) const {
  const std::string pem = *MakePrivateKey();
  const KeyPtr key(PEM_read_bio_PrivateKey(ReadFrom(pem).get(), nullptr, nullptr, nullptr));
  return *MakeIdentity(
      pem,
      CertificateFor(key.get(), absl::StrCat("URI:", kHostUriPrefix, host), not_before, not_after),
      certificate_);
}

}  // namespace firebreak::agent
