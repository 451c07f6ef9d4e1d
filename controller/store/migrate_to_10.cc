// SPDX-License-Identifier: Apache-2.0
#include "controller/store/migrations.h"

namespace firebreak::controller {

absl::Status MigrateTo10(Connection& connection) {
  return connection.ExecuteScript(R"sql(
    -- The number of the newest certificate that a host was given. Certificates hold their numbers,
    -- so one with a higher number shows that this database was put back to an earlier state.
    CREATE TABLE host_certificates (
      host TEXT PRIMARY KEY REFERENCES hosts (name) ON DELETE CASCADE,
      number INTEGER NOT NULL,
      row_digest BLOB NOT NULL DEFAULT x''
    ) STRICT;

    -- Of hosts that were revoked and then forgotten: tokens up to this number enrol none again.
    CREATE TABLE forgotten_hosts (
      name TEXT PRIMARY KEY,
      barred_tokens INTEGER NOT NULL,
      row_digest BLOB NOT NULL DEFAULT x''
    ) STRICT;

    -- Tokens that are for one host, of this name.
    CREATE TABLE token_hosts (
      token BLOB PRIMARY KEY REFERENCES tokens (id) ON DELETE CASCADE,
      host TEXT NOT NULL,
      row_digest BLOB NOT NULL DEFAULT x''
    ) STRICT;
  )sql");
}

}  // namespace firebreak::controller
