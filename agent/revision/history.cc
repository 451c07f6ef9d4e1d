// SPDX-License-Identifier: Apache-2.0
#include "agent/revision/history.h"

#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"

namespace firebreak::agent {

absl::Status CheckNotOlder(const v1::Push& in_force, const v1::Push& push) {
  // Older controllers do not send a history, and the revision numbers of other fleets cannot be
  // compared.
  if (!push.has_history() || in_force.history().fleet() != push.history().fleet()) {
    return absl::OkStatus();
  }
  const std::pair<uint64_t, uint64_t> have = {in_force.history().restores(), in_force.revision()};
  const std::pair<uint64_t, uint64_t> offered = {push.history().restores(), push.revision()};
  if (offered >= have) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "it is older than revision ", in_force.revision(),
      ", which is in force on this host, and the controller does not say that this is intended; if "
      "it is, stop the controller and run `firebreak-controller restore --accept`"));
}

}  // namespace firebreak::agent
