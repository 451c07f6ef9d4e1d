#ifndef FIREBREAK_CLI_LOCATION_LOCATION_KEYS_H_
#define FIREBREAK_CLI_LOCATION_LOCATION_KEYS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace firebreak::cli {

// What makes a location provable: its own certificate authority and a beacon's key with a
// certificate from it. ECDSA on P-256, PEM.
struct LocationKeys {
  std::string ca;           // the authority's certificate: not secret, it goes into the resource
  std::string ca_file;      // its key and certificate
  std::string beacon_file;  // the beacon's key and certificate

  LocationKeys() = default;
  LocationKeys(LocationKeys&&) = default;
  LocationKeys& operator=(LocationKeys&&) = default;
  ~LocationKeys();  // wipes the keys
};

inline constexpr absl::Duration kLocationKeysLifetime = absl::Hours(24 * 3650);

// Makes a beacon's key for the location, which its certificate names, under the DNS name
// `server_name`. The authority is that of `ca_file`, or a new one if that is empty.
absl::StatusOr<LocationKeys> MakeLocationKeys(const std::string& location,
                                              const std::string& server_name, std::string ca_file,
                                              absl::Time now);

// A new file of mode 0600, durably. AlreadyExists if there is one: a key is not overwritten.
absl::Status WriteSecretFile(const std::string& path, absl::string_view bytes);

// NotFound if there is none; FailedPrecondition if others can read it.
absl::StatusOr<std::string> ReadSecretFile(const std::string& path);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_LOCATION_LOCATION_KEYS_H_
