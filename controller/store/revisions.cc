#include "controller/store/revisions.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace firebreak::controller {

absl::StatusOr<uint64_t> LatestRevision(Connection& connection) {
  int64_t number = 0;
  absl::Status status =
      connection.Query("SELECT max(number) FROM revisions", {}, [&](const Row& row) {
        number = row.Integer(0);
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return static_cast<uint64_t>(number);
}

absl::Status AppendRevision(Connection& connection, const Revision& revision) {
  return connection.Execute(
      "INSERT INTO revisions (number, at, author, address, summary) VALUES (?, ?, ?, ?, ?)",
      {static_cast<int64_t>(revision.number), Stored(revision.at), revision.author,
       revision.address, revision.summary});
}

absl::StatusOr<std::vector<StoredResource>> LoadResources(Connection& connection) {
  std::vector<StoredResource> resources;
  absl::Status status = connection.Query(
      "SELECT kind, name, body FROM resources", {}, [&](const Row& row) -> absl::Status {
        StoredResource resource{.kind = row.Bytes(0), .name = row.Bytes(1)};
        if (!resource.body.ParseFromString(row.Bytes(2))) {
          return absl::DataLossError(absl::StrCat(resource.kind, "/", resource.name,
                                                  " in the database cannot be read; restore the "
                                                  "data directory from a backup"));
        }
        resources.push_back(std::move(resource));
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return resources;
}

absl::Status PutResource(Connection& connection, uint64_t revision,
                         const StoredResource& resource) {
  const std::string body = resource.body.SerializeAsString();
  return connection.Execute(
      "INSERT INTO resources (kind, name, revision, body) VALUES (?, ?, ?, ?)"
      " ON CONFLICT (kind, name) DO UPDATE SET revision = excluded.revision, body = excluded.body",
      {resource.kind, resource.name, static_cast<int64_t>(revision), Blob{body}});
}

absl::Status DeleteResource(Connection& connection, const std::string& kind,
                            const std::string& name) {
  return connection.Execute("DELETE FROM resources WHERE kind = ? AND name = ?", {kind, name});
}

}  // namespace firebreak::controller
