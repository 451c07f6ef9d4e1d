// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_PKI_AUTHORITY_H_
#define FIREBREAK_CONTROLLER_PKI_AUTHORITY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/openssl/openssl.h"
#include "controller/pki/secret.h"

namespace firebreak::controller {

// A certificate just issued.
struct IssuedCertificate {
  std::string pem;
  std::string fingerprint;  // SHA-256 of the certificate's DER
  absl::Time not_after;
};

// The fleet's certificate authority: one self-signed ECDSA P-256 certificate and its key. It issues
// end-entity certificates only. They are backdated, so that a host whose clock is a little slow
// accepts them at once: by kMaxBackdating, or by a tenth of a short lifetime, because otherwise
// half of that lifetime might seem over at once. Immutable, so thread-safe.
class Authority {
 public:
  static constexpr absl::Duration kMaxBackdating = absl::Hours(24);

  static absl::StatusOr<Authority> Make(absl::Time now);
  static absl::StatusOr<Authority> Load(absl::string_view certificate_pem,
                                        absl::string_view key_pem);

  // Issues a client certificate for firebreak://host/NAME or firebreak://admin/NAME. `lifetime`
  // counts from `now` and is cut at the authority's own end. `number` is stored in the certificate,
  // where CertificateNumber finds it; it must not be negative.
  absl::StatusOr<IssuedCertificate> IssueClient(const std::string& uri, EVP_PKEY* public_key,
                                                absl::Duration lifetime, absl::Time now,
                                                int64_t number = 0) const;

  // Issues the controller's server certificate for kControllerTlsName and `names` (DNS names and
  // addresses).
  absl::StatusOr<IssuedCertificate> IssueController(const std::vector<std::string>& names,
                                                    EVP_PKEY* public_key, absl::Duration lifetime,
                                                    absl::Time now) const;

  // Returns an ECDSA signature with SHA-256, DER-encoded. `labelled` must begin with a label of its
  // use, so that the signature cannot be taken for one of another use.
  absl::StatusOr<std::string> Sign(absl::string_view labelled) const;

  // Whether `signature` was made by Sign, now or in an earlier run.
  bool Verify(absl::string_view labelled, absl::string_view signature) const;

  const std::string& certificate_pem() const { return pem_; }
  const std::string& fingerprint() const { return fingerprint_; }
  absl::StatusOr<absl::Time> Ends() const;
  absl::StatusOr<Secret> key_pem() const;

 private:
  Authority(CertificatePtr certificate, KeyPtr key, std::string pem, std::string fingerprint)
      : certificate_(std::move(certificate)),
        key_(std::move(key)),
        pem_(std::move(pem)),
        fingerprint_(std::move(fingerprint)) {}

  static absl::StatusOr<Authority> Of(CertificatePtr certificate, KeyPtr key);
  absl::StatusOr<IssuedCertificate> Issue(const std::string& alternative_names,
                                          const char* extended_key_usage, EVP_PKEY* public_key,
                                          absl::Duration lifetime, absl::Time now,
                                          int64_t number) const;

  CertificatePtr certificate_;
  KeyPtr key_;
  std::string pem_;
  std::string fingerprint_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_PKI_AUTHORITY_H_
