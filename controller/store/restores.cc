// SPDX-License-Identifier: Apache-2.0
#include "controller/store/restores.h"

#include "base/status/status.h"

namespace firebreak::controller {

absl::StatusOr<uint64_t> CountRestores(Connection& connection) {
  uint64_t number = 0;
  RETURN_IF_ERROR(connection.Query("SELECT max(number) FROM restores", {}, [&](const Row& row) {
    number = static_cast<uint64_t>(row.Integer(0));
    return absl::OkStatus();
  }));
  return number;
}

absl::Status AppendRestore(Connection& connection, uint64_t number, absl::Time at,
                           absl::string_view reason) {
  return connection.Execute("INSERT INTO restores (number, at, reason) VALUES (?, ?, ?)",
                            {static_cast<int64_t>(number), Stored(at), reason});
}

absl::StatusOr<std::vector<Witness>> ListWitnesses(Connection& connection) {
  std::vector<Witness> witnesses;
  RETURN_IF_ERROR(connection.Query(
      "SELECT host, revision, restores, at FROM witnesses ORDER BY host", {}, [&](const Row& row) {
        witnesses.push_back({row.Bytes(0), static_cast<uint64_t>(row.Integer(1)),
                             static_cast<uint64_t>(row.Integer(2)), row.Time(3)});
        return absl::OkStatus();
      }));
  return witnesses;
}

absl::Status PutWitness(Connection& connection, const Witness& witness) {
  return connection.Execute(
      "INSERT INTO witnesses (host, revision, restores, at) VALUES (?, ?, ?, ?)"
      " ON CONFLICT (host) DO UPDATE SET revision = excluded.revision,"
      " restores = excluded.restores, at = excluded.at",
      {witness.host, static_cast<int64_t>(witness.revision), static_cast<int64_t>(witness.restores),
       Stored(witness.at)});
}

absl::Status ForgetWitnesses(Connection& connection) {
  return connection.Execute("DELETE FROM witnesses");
}

}  // namespace firebreak::controller
