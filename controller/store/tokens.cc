// SPDX-License-Identifier: Apache-2.0
#include "controller/store/tokens.h"

namespace firebreak::controller {

absl::Status InsertToken(Connection& connection, const TokenRow& token) {
  absl::Status status = connection.Execute("DELETE FROM tokens WHERE expires_at < ?",
                                           {Stored(token.created_at - absl::Hours(7 * 24))});
  if (!status.ok()) return status;
  status = connection.Execute(
      "INSERT INTO tokens (id, secret_sha256, created_by, created_at, expires_at, uses_left)"
      " VALUES (?, ?, ?, ?, ?, ?)",
      {Blob{token.id}, Blob{token.secret_sha256}, token.created_by, Stored(token.created_at),
       Stored(token.expires_at), token.uses_left});
  if (status.ok() && !token.host.empty()) {
    status = connection.Execute("INSERT INTO token_hosts (token, host) VALUES (?, ?)",
                                {Blob{token.id}, token.host});
  }
  for (const auto& [key, value] : token.labels) {
    if (!status.ok()) return status;
    status = connection.Execute("INSERT INTO token_labels (token, key, value) VALUES (?, ?, ?)",
                                {Blob{token.id}, key, value});
  }
  return status;
}

absl::StatusOr<int64_t> LastTokenNumber(Connection& connection) {
  int64_t number = 0;
  // Older tokens are deleted, so the table may not contain the highest number that was given.
  absl::Status status = connection.Query("SELECT seq FROM sqlite_sequence WHERE name = 'tokens'",
                                         {}, [&](const Row& row) {
                                           number = row.Integer(0);
                                           return absl::OkStatus();
                                         });
  if (!status.ok()) return status;
  return number;
}

absl::StatusOr<TokenRow> FindToken(Connection& connection, absl::string_view id) {
  TokenRow token;
  bool found = false;
  absl::Status status = connection.Query(
      "SELECT secret_sha256, created_by, created_at, expires_at, uses_left, number FROM tokens"
      " WHERE id = ?",
      {Blob{id}}, [&](const Row& row) {
        found = true;
        token.id = std::string(id);
        token.secret_sha256 = row.Bytes(0);
        token.created_by = row.Bytes(1);
        token.created_at = row.Time(2);
        token.expires_at = row.Time(3);
        token.uses_left = row.Integer(4);
        token.number = row.Integer(5);
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  if (!found) return absl::NotFoundError("no such token");
  status = connection.Query("SELECT host FROM token_hosts WHERE token = ?", {Blob{id}},
                            [&](const Row& row) {
                              token.host = row.Bytes(0);
                              return absl::OkStatus();
                            });
  if (!status.ok()) return status;
  status = connection.Query("SELECT key, value FROM token_labels WHERE token = ?", {Blob{id}},
                            [&](const Row& row) {
                              token.labels[row.Bytes(0)] = row.Bytes(1);
                              return absl::OkStatus();
                            });
  if (!status.ok()) return status;
  return token;
}

absl::Status UseToken(Connection& connection, absl::string_view id) {
  absl::Status status = connection.Execute(
      "UPDATE tokens SET uses_left = uses_left - 1 WHERE id = ? AND uses_left > 0", {Blob{id}});
  if (status.ok() && connection.changes() != 1) {
    return absl::FailedPreconditionError("the token has no use left");
  }
  return status;
}

}  // namespace firebreak::controller
