// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <vector>

#include "base/openssl/openssl.h"
#include "base/status/status.h"
#include "controller/store/migrations.h"
#include "controller/store/resources.h"
#include "controller/store/revisions.h"

namespace firebreak::controller {
namespace {

constexpr char kTables[] = R"sql(
  -- The bytes of resources, by their SHA-256.
  CREATE TABLE contents (
    digest BLOB PRIMARY KEY,
    body BLOB NOT NULL
  ) STRICT;

  -- A resource has the content from revision `since` on, and no longer from `until` on.
  CREATE TABLE resource_versions (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER,
    content BLOB NOT NULL REFERENCES contents (digest),
    PRIMARY KEY (kind, name, since)
  ) STRICT;
  CREATE INDEX resource_versions_content ON resource_versions (content);
  CREATE INDEX resource_versions_until ON resource_versions (until);

  ALTER TABLE revisions ADD COLUMN digest BLOB NOT NULL DEFAULT x'';
  ALTER TABLE revisions ADD COLUMN kept INTEGER NOT NULL DEFAULT 0;

  -- Each time that the fleet's state was set back on purpose.
  CREATE TABLE restores (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    reason TEXT NOT NULL
  ) STRICT;

  -- Hosts that proved a revision which this database does not know.
  CREATE TABLE witnesses (
    host TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    restores INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) STRICT;
)sql";

struct OldResource {
  std::string kind;
  std::string name;
  std::string body;
};

}  // namespace

absl::Status MigrateTo8(Connection& connection) {
  RETURN_IF_ERROR(connection.ExecuteScript(kTables));
  // The old schema recorded which revision last changed a resource, but not its content before. So
  // only the newest revision gets its resources.
  ASSIGN_OR_RETURN(const uint64_t newest, LatestRevision(connection));
  std::vector<OldResource> resources;
  RETURN_IF_ERROR(
      connection.Query("SELECT kind, name, body FROM resources", {}, [&](const Row& row) {
        resources.push_back({row.Bytes(0), row.Bytes(1), row.Bytes(2)});
        return absl::OkStatus();
      }));
  for (const OldResource& resource : resources) {
    RETURN_IF_ERROR(PutResource(connection, newest, resource.kind, resource.name, resource.body));
  }
  RETURN_IF_ERROR(connection.ExecuteScript("DROP TABLE resources"));
  ASSIGN_OR_RETURN(const auto revision, FindRevision(connection, newest));
  if (!revision.has_value()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto contents, ListContents(connection, newest));
  return connection.Execute(
      "UPDATE revisions SET digest = ?, kept = 1 WHERE number = ?",
      {Blob{RevisionDigest(*revision, contents)}, static_cast<int64_t>(newest)});
}

}  // namespace firebreak::controller
