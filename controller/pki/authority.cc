// SPDX-License-Identifier: Apache-2.0
#include "controller/pki/authority.h"

#include <arpa/inet.h>
#include <openssl/rand.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "controller/pki/certificate.h"
#include "controller/pki/key.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::controller {
namespace {

constexpr absl::Duration kAuthorityLifetime = absl::Hours(24 * 365 * 20);
// The authority is valid from before the first fleet was made until long after this program was
// written, so that a controller that first starts with a wrong clock still makes a valid authority.
constexpr absl::Time kAuthorityBegins = absl::FromUnixSeconds(1'577'836'800);  // 2020
constexpr absl::Time kWritten = absl::FromUnixSeconds(1'767'225'600);          // 2026

bool SetTime(ASN1_TIME* field, absl::Time time) {
  return ASN1_TIME_set(field, absl::ToTimeT(time)) != nullptr;
}

// A serial number is kNumberedSerial, the number and 80 random bits; certificate.cc reads it.
bool SetSerial(X509* certificate, int64_t number) {
  // RFC 5280, 4.1.2.2: a serial number is positive and has at most 20 bytes.
  unsigned char bytes[1 + 8 + 10] = {kNumberedSerial};
  for (int i = 0; i < 8; ++i) bytes[8 - i] = static_cast<unsigned char>(number >> (8 * i));
  if (RAND_bytes(bytes + 9, 10) != 1) return false;
  const BignumPtr serial(BN_bin2bn(bytes, sizeof bytes, nullptr));
  return serial != nullptr &&
         BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr;
}

// `value` is in the syntax of x509v3_config(5); the callers check its parts.
bool AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool SetName(X509_NAME* name, const char* common_name) {
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name), -1, -1,
                                    0) == 1;
}

bool IsAddress(const std::string& text) {
  unsigned char bytes[16];
  return inet_pton(AF_INET, text.c_str(), bytes) == 1 ||
         inet_pton(AF_INET6, text.c_str(), bytes) == 1;
}

bool IsDnsName(const std::string& text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

}  // namespace

absl::StatusOr<Authority> Authority::Of(CertificatePtr certificate, KeyPtr key) {
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return OpensslError("the fleet CA's key does not belong to its certificate");
  }
  ASSIGN_OR_RETURN(auto pem, CertificatePem(certificate.get()));
  ASSIGN_OR_RETURN(auto fingerprint, Fingerprint(certificate.get()));
  return Authority(std::move(certificate), std::move(key), std::move(pem), std::move(fingerprint));
}

absl::StatusOr<Authority> Authority::Make(absl::Time now) {
  ASSIGN_OR_RETURN(auto key, MakeKey());
  CertificatePtr certificate(X509_new());
  X509* x = certificate.get();
  // The name contains random bytes, so that the authorities of two fleets can be told apart at a
  // glance.
  unsigned char distinct[4] = {};
  if (x == nullptr || RAND_bytes(distinct, sizeof(distinct)) != 1) {
    return OpensslError("make the fleet CA");
  }
  const std::string name = absl::StrCat(
      "Firebreak fleet ",
      absl::BytesToHexString({reinterpret_cast<const char*>(distinct), sizeof(distinct)}));
  if (!X509_set_version(x, X509_VERSION_3) || !SetSerial(x, 0) ||
      !SetName(X509_get_subject_name(x), name.c_str()) ||
      !X509_set_issuer_name(x, X509_get_subject_name(x)) ||
      !SetTime(X509_getm_notBefore(x), kAuthorityBegins) ||
      !SetTime(X509_getm_notAfter(x), std::max(now, kWritten) + kAuthorityLifetime) ||
      !X509_set_pubkey(x, key.get()) ||
      !AddExtension(x, x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !AddExtension(x, x, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !AddExtension(x, x, NID_subject_key_identifier, "hash") ||
      X509_sign(x, key.get(), EVP_sha256()) == 0) {
    return OpensslError("make the fleet CA");
  }
  return Of(std::move(certificate), std::move(key));
}

absl::StatusOr<Authority> Authority::Load(absl::string_view certificate_pem,
                                          absl::string_view key_pem) {
  ASSIGN_OR_RETURN(auto certificate, ReadCertificate(certificate_pem));
  ASSIGN_OR_RETURN(auto key, ReadPrivateKey(key_pem));
  return Of(std::move(certificate), std::move(key));
}

absl::StatusOr<Secret> Authority::key_pem() const { return PrivateKeyPem(key_.get()); }

absl::StatusOr<std::string> Authority::Sign(absl::string_view labelled) const {
  const DigestPtr context(EVP_MD_CTX_new());
  const auto* bytes = reinterpret_cast<const unsigned char*>(labelled.data());
  size_t length = 0;
  if (context == nullptr ||
      EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &length, bytes, labelled.size()) != 1) {
    return OpensslError("sign with the CA's key");
  }
  std::string signature(length, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length,
                     bytes, labelled.size()) != 1) {
    return OpensslError("sign with the CA's key");
  }
  signature.resize(length);
  return signature;
}

bool Authority::Verify(absl::string_view labelled, absl::string_view signature) const {
  const DigestPtr context(EVP_MD_CTX_new());
  return context != nullptr &&
         EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr,
                              X509_get0_pubkey(certificate_.get())) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(labelled.data()),
                          labelled.size()) == 1;
}

absl::StatusOr<absl::Time> Authority::Ends() const { return NotAfter(certificate_.get()); }

absl::StatusOr<IssuedCertificate> Authority::IssueClient(const std::string& uri,
                                                         EVP_PKEY* public_key,
                                                         absl::Duration lifetime, absl::Time now,
                                                         int64_t number) const {
  return Issue(absl::StrCat("URI:", uri), "clientAuth", public_key, lifetime, now, number);
}

absl::StatusOr<IssuedCertificate> Authority::IssueController(const std::vector<std::string>& names,
                                                             EVP_PKEY* public_key,
                                                             absl::Duration lifetime,
                                                             absl::Time now) const {
  std::string alternative = absl::StrCat("DNS:", kControllerTlsName, ",URI:", kControllerUri);
  for (const std::string& name : names) {
    if (IsAddress(name)) {
      absl::StrAppend(&alternative, ",IP:", name);
    } else if (IsDnsName(name)) {
      absl::StrAppend(&alternative, ",DNS:", name);
    } else {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", absl::CHexEscape(name), "\" is neither a DNS name nor an address"));
    }
  }
  return Issue(alternative, "serverAuth", public_key, lifetime, now, 0);
}

absl::StatusOr<IssuedCertificate> Authority::Issue(const std::string& alternative_names,
                                                   const char* extended_key_usage,
                                                   EVP_PKEY* public_key, absl::Duration lifetime,
                                                   absl::Time now, int64_t number) const {
  ASSIGN_OR_RETURN(const auto end, NotAfter(certificate_.get()));
  const CertificatePtr certificate(X509_new());
  X509* x = certificate.get();
  X509* issuer = certificate_.get();
  // The subject is empty, so the alternative name must be critical (RFC 5280, 4.2.1.6).
  if (x == nullptr || !X509_set_version(x, X509_VERSION_3) || !SetSerial(x, number) ||
      !X509_set_issuer_name(x, X509_get_subject_name(issuer)) ||
      !SetTime(X509_getm_notBefore(x), now - std::min(kMaxBackdating, lifetime / 10)) ||
      !SetTime(X509_getm_notAfter(x), std::min(now + lifetime, end)) ||
      !X509_set_pubkey(x, public_key) ||
      !AddExtension(x, issuer, NID_basic_constraints, "critical,CA:FALSE") ||
      !AddExtension(x, issuer, NID_key_usage, "critical,digitalSignature") ||
      !AddExtension(x, issuer, NID_ext_key_usage, extended_key_usage) ||
      !AddExtension(x, issuer, NID_subject_key_identifier, "hash") ||
      !AddExtension(x, issuer, NID_authority_key_identifier, "keyid:always") ||
      !AddExtension(x, issuer, NID_subject_alt_name,
                    absl::StrCat("critical,", alternative_names)) ||
      X509_sign(x, key_.get(), EVP_sha256()) == 0) {
    return OpensslError("issue a certificate");
  }
  ASSIGN_OR_RETURN(auto pem, CertificatePem(x));
  ASSIGN_OR_RETURN(auto fingerprint, Fingerprint(x));
  ASSIGN_OR_RETURN(const auto not_after, NotAfter(x));
  return IssuedCertificate{std::move(pem), std::move(fingerprint), not_after};
}

}  // namespace firebreak::controller
