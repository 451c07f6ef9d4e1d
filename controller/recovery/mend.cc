// SPDX-License-Identifier: Apache-2.0
#include "controller/recovery/mend.h"

#include <cstdint>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"
#include "controller/store/check.h"
#include "controller/store/resources.h"
#include "controller/store/revisions.h"
#include "controller/store/row_digests.h"

namespace firebreak::controller {
namespace {

constexpr size_t kAllRows = 1'000'000;

// Deletes a damaged row and everything that depends on it.
absl::Status Drop(Connection& connection, const DamagedRow& row) {
  const int64_t id = row.rowid;
  if (row.table == "hosts") {
    return connection.Execute("DELETE FROM hosts WHERE rowid = ?", {id});
  }
  if (row.table == "host_labels") {
    // With wrong labels the host would get the wrong policies, so the host is deleted.
    return connection.Execute(
        "DELETE FROM hosts WHERE name = (SELECT host FROM host_labels WHERE rowid = ?)", {id});
  }
  if (row.table == "tokens") {
    return connection.Execute("DELETE FROM tokens WHERE rowid = ?", {id});
  }
  if (row.table == "token_labels") {
    return connection.Execute(
        "DELETE FROM tokens WHERE id = (SELECT token FROM token_labels WHERE rowid = ?)", {id});
  }
  if (row.table == "token_hosts") {
    // Without this row the token would be valid for any host, so the token is deleted.
    return connection.Execute(
        "DELETE FROM tokens WHERE id = (SELECT token FROM token_hosts WHERE rowid = ?)", {id});
  }
  if (row.table == "rollouts") {
    // The caller makes a newer revision that goes to all hosts, so the rollout is obsolete.
    return connection.Execute("DELETE FROM rollouts WHERE rowid = ?", {id});
  }
  if (row.table == "host_certificates") {
    return connection.Execute("DELETE FROM host_certificates WHERE rowid = ?", {id});
  }
  if (row.table == "forgotten_hosts") {
    // The host's name may be damaged, but bars all tokens made so far, which is safe.
    return connection.Execute(
        "UPDATE forgotten_hosts SET barred_tokens = coalesce("
        " (SELECT seq FROM sqlite_sequence WHERE name = 'tokens'), barred_tokens)"
        " WHERE rowid = ?",
        {id});
  }
  if (row.table == "host_events") {
    return connection.Execute("DELETE FROM host_events WHERE rowid = ?", {id});
  }
  if (row.table == "drifts") {
    return connection.Execute("DELETE FROM drifts WHERE rowid = ?", {id});
  }
  if (row.table == "witnesses") {
    return connection.Execute("DELETE FROM witnesses WHERE rowid = ?", {id});
  }
  if (row.table == "restores") {
    return connection.Execute("DELETE FROM restores WHERE rowid = ?", {id});
  }
  // The resources of a revision are checked separately, so at this point only its author or a
  // similar field can be wrong.
  if (row.table == "revisions") return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("a row of the table ", row.table, " is damaged; restore a backup"));
}

struct Content {
  std::string kind;
  std::string name;
  std::string bytes;
};

// Returns the revision's resources, or nullopt if one of them is damaged.
std::optional<std::vector<Content>> WholeResources(Connection& connection,
                                                   const Revision& revision) {
  const auto contents = ListContents(connection, revision.number);
  if (!contents.ok() || RevisionDigest(revision, *contents) != revision.digest) {
    return std::nullopt;
  }
  std::vector<Content> resources;
  for (const ResourceContent& content : *contents) {
    std::optional<std::string> bytes;
    const absl::Status status = connection.Query("SELECT body FROM contents WHERE digest = ?",
                                                 {Blob{content.digest}}, [&](const Row& row) {
                                                   bytes = row.Bytes(0);
                                                   return absl::OkStatus();
                                                 });
    if (!status.ok() || !bytes.has_value() || Sha256(*bytes) != content.digest) {
      return std::nullopt;
    }
    resources.push_back({content.kind, content.name, *std::move(bytes)});
  }
  return resources;
}

absl::Status BeginHistoryAnew(Connection& connection, std::vector<std::string>& notes) {
  ASSIGN_OR_RETURN(const auto revisions, ListRevisions(connection, UINT64_MAX, -1));
  for (const Revision& revision : revisions) {
    if (!revision.kept) continue;
    const auto whole = WholeResources(connection, revision);
    if (!whole.has_value()) continue;
    notes.push_back(absl::StrCat("the resources are those of revision ", revision.number,
                                 ", the newest that is whole; those of all other revisions are "
                                 "gone"));
    RETURN_IF_ERROR(
        connection.ExecuteScript("DELETE FROM resource_versions; DELETE FROM contents;"
                                 "UPDATE revisions SET kept = 0"));
    // The resources become those of the newest revision, because the caller's own revision follows
    // it.
    for (const Content& content : *whole) {
      RETURN_IF_ERROR(PutResource(connection, revisions.front().number, content.kind, content.name,
                                  content.bytes));
    }
    return absl::OkStatus();
  }
  return absl::DataLossError("no revision is whole; restore a backup");
}

}  // namespace

absl::Status Mend(Connection& connection, std::vector<std::string>& notes) {
  RETURN_IF_ERROR(CheckStructure(connection));
  ASSIGN_OR_RETURN(const auto damaged, FindDamagedRows(connection, kAllRows));
  absl::Status history = CheckContents(connection);
  for (const DamagedRow& row : damaged) {
    if (row.table == "resource_versions") {
      history.Update(DamageStatus(row));
      continue;
    }
    notes.push_back(std::string(DamageStatus(row).message()));
    RETURN_IF_ERROR(Drop(connection, row));
  }
  history.Update(CheckRevisions(connection));
  if (!history.ok()) {
    notes.push_back(std::string(history.message()));
    RETURN_IF_ERROR(BeginHistoryAnew(connection, notes));
  }
  RETURN_IF_ERROR(connection.Execute(
      "UPDATE sqlite_sequence SET seq = max(seq, coalesce((SELECT max(number) FROM tokens), 0),"
      " coalesce((SELECT max(barred_tokens) FROM hosts), 0)) WHERE name = 'tokens'"));
  return SealAllRows(connection);
}

}  // namespace firebreak::controller
