// SPDX-License-Identifier: Apache-2.0
#include "controller/store/rollouts.h"

#include <algorithm>

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

absl::StatusOr<std::vector<v1::StagedRollout>> ListRollouts(Connection& connection, int64_t limit) {
  std::vector<v1::StagedRollout> rollouts;
  RETURN_IF_ERROR(connection.Query(
      "SELECT record FROM rollouts ORDER BY revision DESC LIMIT ?", {limit}, [&](const Row& row) {
        if (!rollouts.emplace_back().ParseFromString(row.Bytes(0))) {
          return absl::DataLossError("the record of a rollout cannot be read");
        }
        return absl::OkStatus();
      }));
  return rollouts;
}

absl::StatusOr<std::optional<uint64_t>> OldestRevisionOfRollout(Connection& connection) {
  ASSIGN_OR_RETURN(const std::optional<v1::StagedRollout> latest, LatestRollout(connection));
  if (!latest.has_value() || latest->has_ended_at()) return std::nullopt;
  uint64_t oldest = latest->from();
  for (const v1::RevisionHosts& keeps : latest->keeps()) {
    oldest = std::min(oldest, keeps.revision());
  }
  return oldest;
}

absl::Status PutRollout(Connection& connection, const v1::StagedRollout& rollout) {
  const std::string bytes = rollout.SerializeAsString();
  RETURN_IF_ERROR(
      connection.Execute("INSERT INTO rollouts (revision, record) VALUES (?, ?)"
                         " ON CONFLICT (revision) DO UPDATE SET record = excluded.record",
                         {static_cast<int64_t>(rollout.revision()), Blob{bytes}}));
  return connection.Execute(
      "DELETE FROM rollouts WHERE revision NOT IN"
      " (SELECT revision FROM rollouts ORDER BY revision DESC LIMIT ?)",
      {kRolloutsKept});
}

}  // namespace firebreak::controller
