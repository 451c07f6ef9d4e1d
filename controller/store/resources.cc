// SPDX-License-Identifier: Apache-2.0
#include "controller/store/resources.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"

namespace firebreak::controller {
namespace {

absl::Status Damaged(absl::string_view kind, absl::string_view name) {
  return absl::DataLossError(
      absl::StrCat(kind, "/", name, " in the database is damaged: it is not what was stored"));
}

absl::Status End(Connection& connection, uint64_t revision, absl::string_view kind,
                 absl::string_view name) {
  return connection.Execute(
      "UPDATE resource_versions SET until = ? WHERE kind = ? AND name = ? AND until IS NULL",
      {static_cast<int64_t>(revision), kind, name});
}

}  // namespace

absl::StatusOr<std::vector<StoredResource>> LoadResources(Connection& connection,
                                                          uint64_t revision) {
  std::vector<StoredResource> resources;
  const auto number = static_cast<int64_t>(revision);
  RETURN_IF_ERROR(connection.Query(
      "SELECT v.kind, v.name, v.content, c.body FROM resource_versions AS v"
      " LEFT JOIN contents AS c ON c.digest = v.content"
      " WHERE v.since <= ? AND (v.until IS NULL OR v.until > ?) ORDER BY v.kind, v.name",
      {number, number}, [&](const Row& row) -> absl::Status {
        StoredResource resource{.kind = row.Bytes(0), .name = row.Bytes(1), .body = {}};
        const std::string bytes = row.Bytes(3);
        if (row.IsNull(3) || Sha256(bytes) != row.Bytes(2) ||
            !resource.body.ParseFromString(bytes)) {
          return Damaged(resource.kind, resource.name);
        }
        resources.push_back(std::move(resource));
        return absl::OkStatus();
      }));
  return resources;
}

absl::StatusOr<std::vector<ResourceContent>> ListContents(Connection& connection,
                                                          uint64_t revision) {
  std::vector<ResourceContent> contents;
  const auto number = static_cast<int64_t>(revision);
  RETURN_IF_ERROR(
      connection.Query("SELECT kind, name, content, since FROM resource_versions"
                       " WHERE since <= ? AND (until IS NULL OR until > ?) ORDER BY kind, name",
                       {number, number}, [&](const Row& row) {
                         contents.push_back({row.Bytes(0), row.Bytes(1), row.Bytes(2),
                                             static_cast<uint64_t>(row.Integer(3))});
                         return absl::OkStatus();
                       }));
  return contents;
}

absl::Status PutResource(Connection& connection, uint64_t revision, absl::string_view kind,
                         absl::string_view name, absl::string_view bytes) {
  const std::string digest = Sha256(bytes);
  RETURN_IF_ERROR(End(connection, revision, kind, name));
  RETURN_IF_ERROR(
      connection.Execute("INSERT INTO contents (digest, body) VALUES (?, ?) ON CONFLICT DO NOTHING",
                         {Blob{digest}, Blob{bytes}}));
  return connection.Execute(
      "INSERT INTO resource_versions (kind, name, since, until, content)"
      " VALUES (?, ?, ?, NULL, ?)",
      {kind, name, static_cast<int64_t>(revision), Blob{digest}});
}

absl::Status DeleteResource(Connection& connection, uint64_t revision, absl::string_view kind,
                            absl::string_view name) {
  return End(connection, revision, kind, name);
}

absl::Status CheckContents(Connection& connection) {
  return connection.Query(
      "SELECT c.digest, c.body, v.kind, v.name FROM contents AS c"
      " LEFT JOIN resource_versions AS v ON v.content = c.digest GROUP BY c.digest",
      {}, [&](const Row& row) {
        return Sha256(row.Bytes(1)) == row.Bytes(0) ? absl::OkStatus()
                                                    : Damaged(row.Bytes(2), row.Bytes(3));
      });
}

}  // namespace firebreak::controller
