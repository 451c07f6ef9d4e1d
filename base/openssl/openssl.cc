// SPDX-License-Identifier: Apache-2.0
#include "base/openssl/openssl.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/sha.h>

#include "absl/strings/str_cat.h"

namespace firebreak {

absl::Status OpensslError(absl::string_view operation) {
  char text[256] = "unknown error";
  if (const unsigned long code = ERR_get_error(); code != 0) {
    ERR_error_string_n(code, text, sizeof text);
  }
  ERR_clear_error();
  return absl::InternalError(absl::StrCat(operation, ": ", text));
}

BioPtr ReadFrom(absl::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string Written(BIO* bio) {
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(bio, &bytes);
  return std::string(bytes, static_cast<size_t>(size));
}

CertificatePtr ReadCertificate(absl::string_view pem) {
  CertificatePtr certificate(PEM_read_bio_X509(ReadFrom(pem).get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return certificate;
}

std::string Pem(const X509& certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  return PEM_write_bio_X509(bio.get(), &certificate) == 1 ? Written(bio.get()) : "";
}

void Wipe(std::string& secret) { OPENSSL_cleanse(secret.data(), secret.size()); }

std::string Sha256(absl::string_view bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

}  // namespace firebreak
