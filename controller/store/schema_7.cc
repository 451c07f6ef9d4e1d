// SPDX-License-Identifier: Apache-2.0
#include "absl/status/status.h"
#include "controller/store/connection.h"
#include "controller/store/migrations.h"

namespace firebreak::controller {
namespace {

// Times are microseconds since 1970. `body`, `receipt`, `refusal`, `facts` and `drift` are the
// serialized messages of proto/firebreak/v1.
//
// Every database, new or old, begins with this schema and then takes the steps of migrations.cc, so
// this text never changes.
constexpr char kSchema[] = R"sql(
  CREATE TABLE resources (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    revision INTEGER NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (kind, name)
  ) STRICT;

  CREATE TABLE revisions (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    address TEXT NOT NULL,
    summary TEXT NOT NULL
  ) STRICT;

  -- Numbers are in the order in which tokens were made, and never used again.
  CREATE TABLE tokens (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id BLOB NOT NULL UNIQUE,
    secret_sha256 BLOB NOT NULL,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    uses_left INTEGER NOT NULL CHECK (uses_left >= 0)
  ) STRICT;

  CREATE TABLE token_labels (
    token BLOB NOT NULL REFERENCES tokens (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (token, key)
  ) STRICT;

  CREATE TABLE hosts (
    name TEXT PRIMARY KEY,
    key_sha256 BLOB NOT NULL,
    token BLOB NOT NULL,
    fingerprint BLOB NOT NULL,
    next_fingerprint BLOB NOT NULL,
    certificate_ends INTEGER NOT NULL,
    enrolled_at INTEGER NOT NULL,
    revoked_at INTEGER,
    barred_tokens INTEGER NOT NULL,
    last_seen INTEGER,
    address TEXT NOT NULL,
    agent_version TEXT NOT NULL,
    receipt BLOB NOT NULL,
    refusal BLOB NOT NULL,
    facts BLOB NOT NULL
  ) STRICT;

  CREATE TABLE host_labels (
    host TEXT NOT NULL REFERENCES hosts (name) ON DELETE CASCADE,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (host, key)
  ) STRICT;

  -- A chain (proto/audit/chain.h), to which rows are only ever added.
  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    peer TEXT NOT NULL,
    action TEXT NOT NULL,
    object TEXT NOT NULL,
    result TEXT NOT NULL,
    detail TEXT NOT NULL,
    content_digest BLOB NOT NULL,
    hash BLOB NOT NULL,
    dropped INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX audit_refused ON audit (seq) WHERE result = 'refused' AND dropped = 0;

  CREATE TABLE audit_heads (
    number INTEGER PRIMARY KEY,
    hash BLOB NOT NULL,
    at INTEGER NOT NULL,
    signature BLOB NOT NULL
  ) STRICT;

  CREATE TRIGGER audit_append BEFORE INSERT ON audit
  WHEN NEW.seq != (SELECT coalesce(max(seq), 0) + 1 FROM audit)
  BEGIN SELECT RAISE(ABORT, 'the audit trail only grows at its end'); END;

  CREATE TRIGGER audit_keep BEFORE DELETE ON audit
  BEGIN SELECT RAISE(ABORT, 'nothing is taken out of the audit trail'); END;

  -- The one change that is let through drops the texts of a refused attempt.
  CREATE TRIGGER audit_fixed BEFORE UPDATE ON audit
  WHEN NOT (OLD.result = 'refused' AND NEW.dropped = 1 AND NEW.seq = OLD.seq AND NEW.at = OLD.at
            AND NEW.result = OLD.result AND NEW.content_digest = OLD.content_digest
            AND NEW.hash = OLD.hash AND NEW.actor = '' AND NEW.peer = '' AND NEW.action = ''
            AND NEW.object = '' AND NEW.detail = '')
  BEGIN SELECT RAISE(ABORT, 'nothing is changed in the audit trail'); END;

  CREATE TRIGGER audit_heads_keep BEFORE DELETE ON audit_heads
  BEGIN SELECT RAISE(ABORT, 'nothing is taken out of the audit trail'); END;

  CREATE TRIGGER audit_heads_fixed BEFORE UPDATE ON audit_heads
  BEGIN SELECT RAISE(ABORT, 'nothing is changed in the audit trail'); END;

  -- Up to where the numbered events of each host have been taken, and how many were missing that
  -- no row of the audit trail tells yet.
  CREATE TABLE host_events (
    host TEXT PRIMARY KEY,
    epoch INTEGER NOT NULL,
    number INTEGER NOT NULL,
    lost INTEGER NOT NULL
  ) STRICT;

  -- The last drift of each host that is in the audit trail.
  CREATE TABLE drifts (
    host TEXT PRIMARY KEY,
    drift BLOB NOT NULL
  ) STRICT;
)sql";

}  // namespace

absl::Status MakeSchema7(Connection& connection) { return connection.ExecuteScript(kSchema); }

}  // namespace firebreak::controller
