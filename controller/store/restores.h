// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_STORE_RESTORES_H_
#define FIREBREAK_CONTROLLER_STORE_RESTORES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "controller/store/connection.h"

namespace firebreak::controller {

// How often the fleet's state was set back on purpose. Each push carries this number, so that hosts
// accept an older revision only if that is intended.
absl::StatusOr<uint64_t> CountRestores(Connection& connection);
// `number` must be higher than CountRestores.
absl::Status AppendRestore(Connection& connection, uint64_t number, absl::Time at,
                           absl::string_view reason);

// A host that has proven a revision which the database does not know, which shows that the database
// has lost something.
struct Witness {
  std::string host;
  uint64_t revision = 0;
  uint64_t restores = 0;  // the number of restores in that revision's push
  absl::Time at;

  friend bool operator==(const Witness&, const Witness&) = default;
};

// Returns the newest witness of each host, ordered by host.
absl::StatusOr<std::vector<Witness>> ListWitnesses(Connection& connection);
absl::Status PutWitness(Connection& connection, const Witness& witness);
// Deletes the witnesses; called once their loss has been accepted.
absl::Status ForgetWitnesses(Connection& connection);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_RESTORES_H_
