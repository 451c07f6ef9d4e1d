// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_PKI_FLEET_FILES_H_
#define FIREBREAK_CONTROLLER_PKI_FLEET_FILES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/pki/authority.h"
#include "controller/pki/data_directory.h"
#include "controller/pki/secret.h"

namespace firebreak::controller {

// The files of the data directory. Those with a key or a certificate are PEM; kAdminContextFile
// contains PEM texts too.
inline constexpr char kDatabaseFile[] = "firebreak.db";
inline constexpr char kAuthorityFile[] = "ca.crt";
inline constexpr char kAuthorityKeyFile[] = "ca.key";
inline constexpr char kControllerFile[] = "controller.crt";
inline constexpr char kControllerKeyFile[] = "controller.key";
inline constexpr char kAdminContextFile[] = "admin.yaml";

inline constexpr absl::Duration kControllerLifetime = absl::Hours(24 * 90);
inline constexpr absl::Duration kAdminLifetime = absl::Hours(24 * 365);

// Reads the fleet's authority, or makes one if the directory is new. DataLoss if a part of the
// authority is missing: hosts would not accept a new authority.
absl::StatusOr<Authority> LoadOrMakeAuthority(const DataDirectory& directory, absl::Time now);

// Ensures that there is a controller certificate for `names` that `authority` has issued and that
// is in the first half of its lifetime. A renewal keeps the key, so that a process that reads the
// two files meanwhile gets a matching pair.
absl::Status RefreshController(const DataDirectory& directory, const Authority& authority,
                               const std::vector<std::string>& names, absl::Time now);

// The controller's certificate with its chain, and its key, PEM. NotFound: RefreshController has
// not been called.
struct ControllerCertificate {
  std::string chain;
  Secret key;
};
absl::StatusOr<ControllerCertificate> ReadController(const DataDirectory& directory);
// Returns when that certificate ends.
absl::StatusOr<absl::Time> ControllerCertificateEnd(const DataDirectory& directory);

// Ensures the same for a client context for the CLI: `address` (HOST:PORT), the CA, and an
// administrator's certificate and key.
absl::Status RefreshAdminContext(const DataDirectory& directory, const Authority& authority,
                                 const std::string& address, absl::Time now);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_PKI_FLEET_FILES_H_
