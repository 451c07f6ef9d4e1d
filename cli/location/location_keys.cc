// SPDX-License-Identifier: Apache-2.0
#include "cli/location/location_keys.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/openssl/openssl.h"
#include "proto/endpoint/beacon.h"

namespace firebreak::cli {
namespace {

// Certificates are backdated, so that a host whose clock is a little slow accepts them at once.
constexpr absl::Duration kBackdating = absl::Minutes(5);

// `value` is in the syntax of x509v3_config(5); its parts have been checked.
bool AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// Begins a certificate with what both kinds have in common. The name is set if it is not empty.
CertificatePtr Begin(EVP_PKEY* key, const std::string& common_name, absl::Time now) {
  CertificatePtr certificate(X509_new());
  X509* x = certificate.get();
  const BignumPtr serial(BN_new());
  // RFC 5280, 4.1.2.2: a serial number is positive and has at most 20 bytes.
  if (x == nullptr || serial == nullptr || X509_set_version(x, X509_VERSION_3) != 1 ||
      BN_rand(serial.get(), 159, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) != 1 ||
      BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(x)) == nullptr ||
      ASN1_TIME_set(X509_getm_notBefore(x), absl::ToTimeT(now - kBackdating)) == nullptr ||
      ASN1_TIME_set(X509_getm_notAfter(x), absl::ToTimeT(now + kLocationKeysLifetime)) == nullptr ||
      X509_set_pubkey(x, key) != 1) {
    return nullptr;
  }
  if (!common_name.empty() &&
      X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(common_name.c_str()), -1,
                                 -1, 0) != 1) {
    return nullptr;
  }
  return certificate;
}

CertificatePtr MakeAuthority(EVP_PKEY* key, const std::string& location, absl::Time now) {
  // RFC 5280 limits a common name to 64 characters; it only informs people.
  CertificatePtr certificate =
      Begin(key, absl::StrCat("Firebreak location ", location).substr(0, 64), now);
  X509* x = certificate.get();
  if (x == nullptr || X509_set_issuer_name(x, X509_get_subject_name(x)) != 1 ||
      !AddExtension(x, x, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
      !AddExtension(x, x, NID_key_usage, "critical,keyCertSign,cRLSign") ||
      !AddExtension(x, x, NID_subject_key_identifier, "hash") ||
      X509_sign(x, key, EVP_sha256()) == 0) {
    return nullptr;
  }
  return certificate;
}

CertificatePtr IssueBeacon(EVP_PKEY* key, const std::string& location,
                           const std::string& server_name, X509* authority, EVP_PKEY* authority_key,
                           absl::Time now) {
  CertificatePtr certificate = Begin(key, "", now);
  X509* x = certificate.get();
  // The subject is empty, so the alternative name must be critical (RFC 5280, 4.2.1.6).
  if (x == nullptr || X509_set_issuer_name(x, X509_get_subject_name(authority)) != 1 ||
      !AddExtension(x, authority, NID_basic_constraints, "critical,CA:FALSE") ||
      !AddExtension(x, authority, NID_key_usage, "critical,digitalSignature") ||
      !AddExtension(x, authority, NID_ext_key_usage, "serverAuth") ||
      !AddExtension(x, authority, NID_subject_key_identifier, "hash") ||
      !AddExtension(x, authority, NID_authority_key_identifier, "keyid:always") ||
      !AddExtension(
          x, authority, NID_subject_alt_name,
          absl::StrCat("critical,DNS:", server_name, ",URI:", kLocationUriPrefix, location)) ||
      X509_sign(x, authority_key, EVP_sha256()) == 0) {
    return nullptr;
  }
  return certificate;
}

// Returns the key followed by the certificate. The memory of a secure BIO is wiped when it is
// freed.
std::string KeyFile(EVP_PKEY* key, X509* certificate) {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1 ||
      PEM_write_bio_X509(bio.get(), certificate) != 1) {
    return "";
  }
  return Written(bio.get());
}

}  // namespace

LocationKeys::~LocationKeys() {
  Wipe(ca_file);
  Wipe(beacon_file);
}

absl::StatusOr<LocationKeys> MakeLocationKeys(const std::string& location,
                                              const std::string& server_name, std::string ca_file,
                                              absl::Time now) {
  LocationKeys keys;
  KeyPtr authority_key;
  CertificatePtr authority;
  if (ca_file.empty()) {
    authority_key.reset(EVP_EC_gen("P-256"));
    if (authority_key != nullptr) authority = MakeAuthority(authority_key.get(), location, now);
    if (authority == nullptr) return OpensslError("make the location's CA");
    keys.ca_file = KeyFile(authority_key.get(), authority.get());
  } else {
    const BioPtr bio = ReadFrom(ca_file);
    // The empty passphrase keeps OpenSSL from asking for one at the terminal.
    authority_key.reset(
        PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, const_cast<char*>("")));
    authority.reset(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    keys.ca_file = std::move(ca_file);
    if (authority_key == nullptr || authority == nullptr ||
        X509_check_private_key(authority.get(), authority_key.get()) != 1) {
      ERR_clear_error();
      return absl::InvalidArgumentError("it does not hold a key and its certificate");
    }
  }
  keys.ca = Pem(*authority);
  const KeyPtr beacon_key(EVP_EC_gen("P-256"));
  if (beacon_key == nullptr) return OpensslError("make the beacon's key");
  const CertificatePtr beacon = IssueBeacon(beacon_key.get(), location, server_name,
                                            authority.get(), authority_key.get(), now);
  if (beacon == nullptr) return OpensslError("issue the beacon's certificate");
  keys.beacon_file = KeyFile(beacon_key.get(), beacon.get());
  if (keys.ca.empty() || keys.ca_file.empty() || keys.beacon_file.empty()) {
    return OpensslError("write the location's keys");
  }
  return keys;
}

}  // namespace firebreak::cli
