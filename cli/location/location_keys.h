// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_LOCATION_LOCATION_KEYS_H_
#define FIREBREAK_CLI_LOCATION_LOCATION_KEYS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firebreak::cli {

// The keys that make a location provable: those of its own certificate authority, and of a beacon
// with a certificate from that authority. ECDSA on P-256, PEM.
struct LocationKeys {
  std::string ca;           // the authority's certificate, not secret; it goes into the resource
  std::string ca_file;      // the authority's key and certificate
  std::string beacon_file;  // the beacon's key and certificate

  LocationKeys() = default;
  LocationKeys(LocationKeys&&) = default;
  LocationKeys& operator=(LocationKeys&&) = default;
  ~LocationKeys();  // wipes the keys
};

inline constexpr absl::Duration kLocationKeysLifetime = absl::Hours(24 * 3650);

// Makes a beacon's key, with a certificate for the location and the DNS name `server_name`. The
// authority is read from `ca_file`; if that is empty, a new one is made.
absl::StatusOr<LocationKeys> MakeLocationKeys(const std::string& location,
                                              const std::string& server_name, std::string ca_file,
                                              absl::Time now);

// Durably writes a new file of mode 0600. AlreadyExists: a file exists there; keys are never
// overwritten.
absl::Status WriteSecretFile(const std::string& path, absl::string_view bytes);

// NotFound: the file does not exist. FailedPrecondition: others can read it.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_LOCATION_LOCATION_KEYS_H_
