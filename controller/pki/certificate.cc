// SPDX-License-Identifier: Apache-2.0
#include "controller/pki/certificate.h"

#include <openssl/pem.h>
#include <time.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace firebreak::controller {
namespace {

absl::StatusOr<absl::Time> Read(const ASN1_TIME* time) {
  tm fields = {};
  if (time == nullptr || ASN1_TIME_to_tm(time, &fields) != 1) {
    return OpensslError("read a certificate's time");
  }
  return absl::FromUnixSeconds(timegm(&fields));
}

absl::string_view Bytes(const ASN1_STRING* string) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(string)),
          static_cast<size_t>(ASN1_STRING_length(string))};
}

}  // namespace

absl::StatusOr<CertificatePtr> ReadCertificate(absl::string_view pem) {
  const BioPtr bio = ReadFrom(pem);
  CertificatePtr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) return OpensslError("read a certificate");
  return certificate;
}

absl::StatusOr<std::string> CertificatePem(X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(bio.get(), certificate) != 1) return OpensslError("write a certificate");
  return Written(bio.get());
}

absl::StatusOr<std::string> Fingerprint(X509* certificate) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  if (X509_digest(certificate, EVP_sha256(), reinterpret_cast<unsigned char*>(digest.data()),
                  &size) != 1) {
    return OpensslError("take a certificate's fingerprint");
  }
  digest.resize(size);
  return digest;
}

absl::StatusOr<absl::Time> NotBefore(const X509* certificate) {
  return Read(X509_get0_notBefore(certificate));
}

absl::StatusOr<absl::Time> NotAfter(const X509* certificate) {
  return Read(X509_get0_notAfter(certificate));
}

bool InFirstHalfOfLife(const X509* certificate, absl::Time now) {
  const auto from = NotBefore(certificate);
  const auto to = NotAfter(certificate);
  return from.ok() && to.ok() && now >= *from && now < *from + (*to - *from) / 2;
}

int64_t CertificateNumber(const X509* certificate) {
  const BignumPtr serial(ASN1_INTEGER_to_BN(X509_get0_serialNumber(certificate), nullptr));
  unsigned char bytes[19];
  if (serial == nullptr || BN_num_bytes(serial.get()) != sizeof bytes) return 0;
  BN_bn2bin(serial.get(), bytes);
  if (bytes[0] != kNumberedSerial) return 0;
  uint64_t number = 0;
  for (int i = 1; i <= 8; ++i) number = number << 8 | bytes[i];
  return static_cast<int64_t>(number);
}

std::vector<std::string> AlternativeNames(const X509* certificate) {
  std::vector<std::string> texts;
  const GeneralNamesPtr names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    switch (name->type) {
      case GEN_URI:
        texts.push_back(absl::StrCat("URI:", Bytes(name->d.uniformResourceIdentifier)));
        break;
      case GEN_DNS: texts.push_back(absl::StrCat("DNS:", Bytes(name->d.dNSName))); break;
      case GEN_IPADD:
        texts.push_back(absl::StrCat("IP:", absl::BytesToHexString(Bytes(name->d.iPAddress))));
        break;
      default: texts.push_back("other");
    }
  }
  return texts;
}

}  // namespace firebreak::controller
