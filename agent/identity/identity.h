#ifndef FIREBREAK_AGENT_IDENTITY_IDENTITY_H_
#define FIREBREAK_AGENT_IDENTITY_IDENTITY_H_

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

  Identity() = default;
  Identity(const Identity&) = default;
  Identity(Identity&&) = default;
  // By value: the old key goes with `other`, which wipes it.
  Identity& operator=(Identity other) noexcept;
  ~Identity();

  // When half of the certificate's life is over.
  absl::Time RenewAt() const { return not_before + (not_after - not_before) / 2; }
};

// A new ECDSA P-256 key and a request (PKCS #10, DER) that proves its possession.
struct KeyAndRequest {
  std::string key;  // PEM
  std::string signing_request;

  KeyAndRequest() = default;
  KeyAndRequest(KeyAndRequest&&) = default;
  KeyAndRequest& operator=(KeyAndRequest&&) = default;
  ~KeyAndRequest();
};
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
