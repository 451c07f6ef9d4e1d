// SPDX-License-Identifier: Apache-2.0
#include "controller/store/rollouts.h"

#include "base/status/status.h"

namespace firebreak::controller {

absl::StatusOr<std::optional<v1::StagedRollout>> LatestRollout(Connection& connection) {
  std::optional<v1::StagedRollout> latest;
  RETURN_IF_ERROR(connection.Query(
      "SELECT record FROM rollouts ORDER BY revision DESC LIMIT 1", {}, [&](const Row& row) {
        if (!latest.emplace().ParseFromString(row.Bytes(0))) {
          return absl::DataLossError("the record of the newest rollout cannot be read");
        }
        return absl::OkStatus();
      }));
  return latest;
}

absl::Status PutRollout(Connection& connection, const v1::StagedRollout& rollout) {
  const std::string bytes = rollout.SerializeAsString();
  return connection.Execute(
      "INSERT INTO rollouts (revision, record) VALUES (?, ?)"
      " ON CONFLICT (revision) DO UPDATE SET record = excluded.record",
      {static_cast<int64_t>(rollout.revision()), Blob{bytes}});
}

}  // namespace firebreak::controller
