// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_IDENTITY_IDENTITY_H_
#define FIREBREAK_AGENT_IDENTITY_IDENTITY_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firebreak::agent {

// The identity of this host: its key, which was made here and is never sent anywhere, and the
// certificate by the fleet's CA. All texts are PEM. The key is wiped when the object is destroyed.
struct Identity {
  std::string key;
  std::string certificate;  // the host's own certificate comes first
  std::string ca;
  // The name in the host's own certificate.
  std::string name;
  absl::Time not_before;
  absl::Time not_after;
  // When the host got the certificate, by the host's clock; InfinitePast if the file does not say.
  absl::Time obtained = absl::InfinitePast();
  // The id of the token with which the host last enrolled; empty if the file does not say.
  std::string token;

  Identity() = default;
  Identity(const Identity&) = default;
  Identity(Identity&&) = default;
  // Takes `other` by value, so that the old key is moved into `other`, whose destructor wipes it.
  Identity& operator=(Identity other) noexcept;
  ~Identity();

  absl::Duration lifetime() const { return not_after - not_before; }

  // When the certificate is to be renewed: when half of its lifetime has passed since the host got
  // it. Both times are by this host's clock, so the difference to the controller's clock does not
  // matter. The times in the certificate count only if the host's clock has been set back since;
  // InfinitePast means at once.
  absl::Time RenewAt(absl::Time now) const;

  // Whether the certificate was issued by the fleet that the token is for.
  bool IsOfFleet(const std::array<uint8_t, 32>& ca_fingerprint) const;
};

// A key, and a request (PKCS #10, DER) that proves possession of the key.
struct KeyAndRequest {
  std::string key;  // PEM
  std::string signing_request;

  KeyAndRequest() = default;
  KeyAndRequest(KeyAndRequest&&) = default;
  KeyAndRequest& operator=(KeyAndRequest&&) = default;
  ~KeyAndRequest();
};
// Makes a new ECDSA P-256 key (PEM). The caller wipes it.
absl::StatusOr<std::string> MakePrivateKey();
absl::StatusOr<KeyAndRequest> MakeRequest(absl::string_view key);
// Makes a new key, and a request for a certificate of the key.
absl::StatusOr<KeyAndRequest> MakeKeyAndRequest();

// Checks that the certificate is for this key, was issued by this CA, and names a host.
absl::StatusOr<Identity> MakeIdentity(absl::string_view key, absl::string_view certificate,
                                      absl::string_view ca);

// Writes key and certificates to one file (mode 0600), so that they always belong together.
absl::Status WriteIdentity(const std::string& path, const Identity& identity);
// NotFound: this host has not enrolled.
absl::StatusOr<Identity> ReadIdentity(const std::string& path);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_IDENTITY_IDENTITY_H_
