// SPDX-License-Identifier: Apache-2.0
#include "agent/identity/identity.h"

#include <openssl/crypto.h>
#include <openssl/pem.h>

#include <algorithm>
#include <ctime>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "agent/state/sealed_file.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::agent {
namespace {

constexpr char kCertificateMark[] = "-----BEGIN CERTIFICATE-----";
constexpr char kBreak[] = "\n\n";
constexpr char kObtained[] = "obtained ";
constexpr char kToken[] = "token ";

absl::StatusOr<std::string> KeyPem(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return OpensslError("write the host's key");
  }
  return Written(bio.get());
}

KeyPtr ReadKey(absl::string_view pem) {
  return KeyPtr(PEM_read_bio_PrivateKey(ReadFrom(pem).get(), nullptr, nullptr, nullptr));
}

// Returns the host's name from the certificate's URI, or an empty text if it has none.
std::string HostName(const X509& certificate) {
  std::string name;
  auto* names = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* entry = sk_GENERAL_NAME_value(names, i);
    if (entry->type != GEN_URI) continue;
    const ASN1_IA5STRING* uri = entry->d.uniformResourceIdentifier;
    absl::string_view text(reinterpret_cast<const char*>(ASN1_STRING_get0_data(uri)),
                           static_cast<size_t>(ASN1_STRING_length(uri)));
    if (absl::ConsumePrefix(&text, kHostUriPrefix)) name = std::string(text);
  }
  GENERAL_NAMES_free(names);
  return name;
}

// Parses the lines behind the certificates. Files of older agents have no such lines.
void ReadMore(absl::string_view text, Identity& identity) {
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    int64_t seconds = 0;
    if (absl::ConsumePrefix(&line, kObtained) && absl::SimpleAtoi(line, &seconds)) {
      identity.obtained = absl::FromUnixSeconds(seconds);
    } else if (absl::ConsumePrefix(&line, kToken) && line.size() % 2 == 0 &&
               std::all_of(line.begin(), line.end(), absl::ascii_isxdigit)) {
      identity.token = absl::HexStringToBytes(line);
    }
  }
}

absl::Time ReadTime(const ASN1_TIME* time) {
  std::tm fields = {};
  if (ASN1_TIME_to_tm(time, &fields) != 1) return absl::InfinitePast();
  return absl::FromTimeT(timegm(&fields));
}

}  // namespace

Identity& Identity::operator=(Identity other) noexcept {
  std::swap(key, other.key);
  std::swap(certificate, other.certificate);
  std::swap(ca, other.ca);
  std::swap(name, other.name);
  std::swap(not_before, other.not_before);
  std::swap(not_after, other.not_after);
  std::swap(obtained, other.obtained);
  std::swap(token, other.token);
  return *this;
}

Identity::~Identity() { Wipe(key); }
KeyAndRequest::~KeyAndRequest() { Wipe(key); }

absl::Time Identity::RenewAt(absl::Time now) const {
  if (obtained <= now && obtained != absl::InfinitePast()) return obtained + lifetime() / 2;
  return not_before > now ? absl::InfinitePast() : not_before + lifetime() / 2;
}

bool Identity::IsOfFleet(const std::array<uint8_t, 32>& ca_fingerprint) const {
  const CertificatePtr authority = ReadCertificate(ca);
  std::array<uint8_t, 32> digest;
  unsigned int length = 0;
  return authority != nullptr &&
         X509_digest(authority.get(), EVP_sha256(), digest.data(), &length) == 1 &&
         length == digest.size() && digest == ca_fingerprint;
}

absl::StatusOr<std::string> MakePrivateKey() {
  const KeyPtr key(EVP_EC_gen("P-256"));
  if (key == nullptr) return OpensslError("make the host's key");
  return KeyPem(key.get());
}

absl::StatusOr<KeyAndRequest> MakeRequest(absl::string_view key) {
  const KeyPtr own = ReadKey(key);
  if (own == nullptr) return OpensslError("read the host's key");
  const RequestPtr request(X509_REQ_new());
  // The CA takes only the public key from a request, and knows the requester's name itself.
  if (X509_REQ_set_pubkey(request.get(), own.get()) != 1 ||
      X509_REQ_sign(request.get(), own.get(), EVP_sha256()) <= 0) {
    return OpensslError("sign the certificate request");
  }
  unsigned char* der = nullptr;
  const int length = i2d_X509_REQ(request.get(), &der);
  if (length <= 0) return OpensslError("encode the certificate request");
  KeyAndRequest result;
  result.signing_request.assign(reinterpret_cast<char*>(der), static_cast<size_t>(length));
  OPENSSL_free(der);
  result.key = std::string(key);
  return result;
}

absl::StatusOr<KeyAndRequest> MakeKeyAndRequest() {
  ASSIGN_OR_RETURN(std::string key, MakePrivateKey());
  absl::StatusOr<KeyAndRequest> made = MakeRequest(key);
  Wipe(key);
  return made;
}

absl::StatusOr<Identity> MakeIdentity(absl::string_view key, absl::string_view certificate,
                                      absl::string_view ca) {
  const KeyPtr own_key = ReadKey(key);
  const CertificatePtr own = ReadCertificate(certificate);
  const CertificatePtr authority = ReadCertificate(ca);
  if (own_key == nullptr || own == nullptr || authority == nullptr) {
    return absl::InvalidArgumentError("the host's key, certificate or CA cannot be read");
  }
  if (X509_check_private_key(own.get(), own_key.get()) != 1) {
    return absl::InvalidArgumentError("the certificate is for another key");
  }
  if (X509_verify(own.get(), X509_get0_pubkey(authority.get())) != 1) {
    return absl::InvalidArgumentError("the certificate is not signed by the fleet's CA");
  }
  Identity identity;
  identity.key = std::string(key);
  identity.certificate = std::string(certificate);
  identity.ca = std::string(ca);
  identity.name = HostName(*own);
  identity.not_before = ReadTime(X509_get0_notBefore(own.get()));
  identity.not_after = ReadTime(X509_get0_notAfter(own.get()));
  if (identity.name.empty()) return absl::InvalidArgumentError("the certificate names no host");
  return identity;
}

// The file holds the key and the host's chain; behind an empty line the CA; behind another empty
// line what else is known about them.
absl::Status WriteIdentity(const std::string& path, const Identity& identity) {
  std::string text = absl::StrCat(identity.key, identity.certificate, kBreak, identity.ca, kBreak);
  if (identity.obtained != absl::InfinitePast()) {
    absl::StrAppend(&text, kObtained, absl::ToUnixSeconds(identity.obtained), "\n");
  }
  if (!identity.token.empty()) {
    absl::StrAppend(&text, kToken, absl::BytesToHexString(identity.token), "\n");
  }
  absl::Status status = WriteSealedFile(path, text);
  Wipe(text);
  return status;
}

absl::StatusOr<Identity> ReadIdentity(const std::string& path) {
  ASSIGN_OR_RETURN(std::string text, ReadSealedFile(path));
  const size_t certificate = text.find(kCertificateMark);
  const size_t ca = text.find(kBreak, certificate);
  if (certificate == std::string::npos || ca == std::string::npos) {
    return absl::DataLossError(absl::StrCat(path, " holds no identity"));
  }
  const absl::string_view view(text);
  const absl::string_view behind = absl::StripLeadingAsciiWhitespace(view.substr(ca));
  const size_t more = std::min(behind.find(kBreak), behind.size());
  absl::StatusOr<Identity> identity =
      MakeIdentity(view.substr(0, certificate), view.substr(certificate, ca - certificate),
                   absl::StrCat(behind.substr(0, more), "\n"));
  if (identity.ok()) ReadMore(behind.substr(more), *identity);
  Wipe(text);
  return identity;
}

}  // namespace firebreak::agent
