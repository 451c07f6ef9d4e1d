// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_IDENTITY_CALLER_H_
#define FIREBREAK_CONTROLLER_IDENTITY_CALLER_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/openssl/openssl.h"
#include "controller/pki/chain.h"

namespace firebreak::controller {

enum class Role { kHost, kAdmin };

// Who a client certificate says is calling.
struct Caller {
  Role role = Role::kHost;
  std::string name;
  std::string fingerprint;  // SHA-256 of the certificate, DER
  std::string key_sha256;   // of its public key (SubjectPublicKeyInfo, DER)
  absl::Time not_after;
  // The certificate's number. A host's later certificates have higher ones; 0: it has none.
  int64_t number = 0;
  // From where he calls, with the port; empty: not known.
  std::string address;

  // "host/web1" or "admin/admin", as in the audit trail.
  std::string Text() const;
};

// The caller whom the certificate names; TLS proves that he holds the key. Unauthenticated, with
// the reason, unless `chain` vouches for it and its only alternative name is one of Firebreak's
// URIs. Who has called is known also if the certificate has expired.
absl::StatusOr<Caller> IdentifyCaller(const ChainVerifier& chain, X509* certificate);

// Unauthenticated if the certificate has expired. One that is not valid yet is good: this
// controller has issued it itself, by a clock that was ahead.
absl::Status CheckInForce(const Caller& caller, absl::Time now);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_IDENTITY_CALLER_H_
