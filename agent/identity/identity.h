#ifndef FIREBREAK_AGENT_IDENTITY_IDENTITY_H_
#define FIREBREAK_AGENT_IDENTITY_IDENTITY_H_

#include <array>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firebreak::agent {

// Who this host is: its key, made here and never sent anywhere, and what the fleet's CA said about
// it. PEM texts. The key is wiped when the object goes.
struct Identity {
  std::string key;
  std::string certificate;  // the host's own first
  std::string ca;
  // Of the host's own certificate.
  std::string name;
  absl::Time not_before;
  absl::Time not_after;
  // When it came, by this host's clock; InfinitePast: the file does not say.
  absl::Time obtained = absl::InfinitePast();
  // The id of the token that the host last enrolled with; empty: the file does not say.
  std::string token;

  Identity() = default;
  Identity(const Identity&) = default;
  Identity(Identity&&) = default;
  // By value: the old key goes with `other`, which wipes it.
  Identity& operator=(Identity other) noexcept;
  ~Identity();

  absl::Duration lifetime() const { return not_after - not_before; }

  // When the certificate is to be renewed: half of its life after it came. Both are by this host's
  // clock, so that it does not matter by how much that differs from the controller's. The
  // certificate's own times count only if the clock has been set back since; InfinitePast: at once.
  absl::Time RenewAt(absl::Time now) const;

  // Whether the fleet that the token is for has issued it.
  bool IsOfFleet(const std::array<uint8_t, 32>& ca_fingerprint) const;
};

// A key and a request (PKCS #10, DER) that proves its possession.
struct KeyAndRequest {
  std::string key;  // PEM
  std::string signing_request;

  KeyAndRequest() = default;
  KeyAndRequest(KeyAndRequest&&) = default;
  KeyAndRequest& operator=(KeyAndRequest&&) = default;
  ~KeyAndRequest();
};
// A new ECDSA P-256 key, PEM. The caller wipes it.
absl::StatusOr<std::string> MakePrivateKey();
absl::StatusOr<KeyAndRequest> MakeRequest(absl::string_view key);
// Makes a new key, and a request for a certificate of it.
absl::StatusOr<KeyAndRequest> MakeKeyAndRequest();

// Checks that the certificate is for this key, by this CA, and names a host.
absl::StatusOr<Identity> MakeIdentity(absl::string_view key, absl::string_view certificate,
                                      absl::string_view ca);

// One file (mode 0600) holds all of it, so that key and certificate always belong together.
absl::Status WriteIdentity(const std::string& path, const Identity& identity);
// NotFound: this host has not enrolled.
absl::StatusOr<Identity> ReadIdentity(const std::string& path);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_IDENTITY_IDENTITY_H_
