// SPDX-License-Identifier: Apache-2.0
#include "controller/store/drifts.h"

namespace firebreak::controller {

absl::StatusOr<std::map<std::string, v1::Drift, std::less<>>> ReadAuditedDrifts(
    Connection& connection) {
  std::map<std::string, v1::Drift, std::less<>> drifts;
  absl::Status status =
      connection.Query("SELECT host, drift FROM drifts", {}, [&](const Row& row) -> absl::Status {
        if (drifts[row.Bytes(0)].ParseFromString(row.Bytes(1))) return absl::OkStatus();
        return absl::DataLossError("the table drifts has been damaged");
      });
  if (!status.ok()) return status;
  return drifts;
}

absl::Status PutAuditedDrift(Connection& connection, const std::string& host,
                             const v1::Drift& drift) {
  v1::Drift kept;
  *kept.mutable_at() = drift.at();
  kept.set_times(drift.times());
  return connection.Execute(
      "INSERT INTO drifts (host, drift) VALUES (?, ?)"
      " ON CONFLICT (host) DO UPDATE SET drift = excluded.drift",
      {host, Blob{kept.SerializeAsString()}});
}

}  // namespace firebreak::controller
