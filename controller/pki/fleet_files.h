#ifndef FIREBREAK_CONTROLLER_PKI_FLEET_FILES_H_
#define FIREBREAK_CONTROLLER_PKI_FLEET_FILES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/pki/authority.h"
#include "controller/pki/data_directory.h"

namespace firebreak::controller {

// The files of the data directory that hold keys and certificates, all PEM.
inline constexpr char kDatabaseFile[] = "firebreak.db";
inline constexpr char kAuthorityFile[] = "ca.crt";
inline constexpr char kAuthorityKeyFile[] = "ca.key";
inline constexpr char kControllerFile[] = "controller.crt";
inline constexpr char kControllerKeyFile[] = "controller.key";
inline constexpr char kAdminContextFile[] = "admin.yaml";

inline constexpr absl::Duration kControllerLifetime = absl::Hours(24 * 90);
inline constexpr absl::Duration kAdminLifetime = absl::Hours(24 * 365);

// The fleet's authority; made if the directory is new. DataLoss if a part of it is gone: a second
// authority would disown every host.
absl::StatusOr<Authority> LoadOrMakeAuthority(const DataDirectory& directory, absl::Time now);

// Sees to a controller certificate for `names`, issued by `authority`, that is in the first half
// of its life. Its key stays the same when it is renewed, so that whoever reads the two files
// meanwhile gets a matching pair.
absl::Status RefreshController(const DataDirectory& directory, const Authority& authority,
                               const std::vector<std::string>& names, absl::Time now);

// Sees to a client context for the CLI, likewise: `address` (HOST:PORT), the CA, an
// administrator's certificate and its key.
absl::Status RefreshAdminContext(const DataDirectory& directory, const Authority& authority,
                                 const std::string& address, absl::Time now);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_PKI_FLEET_FILES_H_
