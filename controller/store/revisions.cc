// SPDX-License-Identifier: Apache-2.0
#include "controller/store/revisions.h"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"

namespace firebreak::controller {
namespace {

constexpr absl::string_view kLabel{"firebreak revision\0", 19};

void AppendNumber(uint64_t number, std::string& text) {
  for (int shift = 56; shift >= 0; shift -= 8) text.push_back(static_cast<char>(number >> shift));
}

void AppendText(absl::string_view part, std::string& text) {
  AppendNumber(part.size(), text);
  text.append(part.data(), part.size());
}

Revision ReadRow(const Row& row) {
  return {.number = static_cast<uint64_t>(row.Integer(0)),
          .at = row.Time(1),
          .author = row.Bytes(2),
          .address = row.Bytes(3),
          .summary = row.Bytes(4),
          .digest = row.Bytes(5),
          .kept = row.Integer(6) != 0};
}

// A change that a row of resource_versions makes at a revision.
struct Step {
  std::string kind;
  std::string name;
  std::string content;  // empty: the resource is removed
};

absl::StatusOr<std::multimap<uint64_t, Step>> ReadSteps(Connection& connection) {
  std::multimap<uint64_t, Step> steps;
  // The ends are read before the beginnings, so that a new content at the same revision prevails.
  RETURN_IF_ERROR(connection.Query(
      "SELECT until, kind, name, x'' FROM resource_versions WHERE until IS NOT NULL", {},
      [&](const Row& row) {
        steps.emplace(static_cast<uint64_t>(row.Integer(0)), Step{row.Bytes(1), row.Bytes(2), ""});
        return absl::OkStatus();
      }));
  RETURN_IF_ERROR(connection.Query("SELECT since, kind, name, content FROM resource_versions", {},
                                   [&](const Row& row) {
                                     steps.emplace(static_cast<uint64_t>(row.Integer(0)),
                                                   Step{row.Bytes(1), row.Bytes(2), row.Bytes(3)});
                                     return absl::OkStatus();
                                   }));
  return steps;
}

}  // namespace

std::string RevisionDigest(const Revision& revision, std::span<const ResourceContent> resources) {
  std::string text(kLabel);
  AppendNumber(revision.number, text);
  AppendNumber(static_cast<uint64_t>(Stored(revision.at)), text);
  AppendText(revision.author, text);
  AppendText(revision.address, text);
  AppendText(revision.summary, text);
  for (const ResourceContent& resource : resources) {
    AppendText(resource.kind, text);
    AppendText(resource.name, text);
    AppendText(resource.digest, text);
  }
  return Sha256(text);
}

std::string DigestNote(absl::string_view digest) {
  return absl::StrCat(kDigestLabel, absl::BytesToHexString(digest));
}

absl::StatusOr<uint64_t> LatestRevision(Connection& connection) {
  int64_t number = 0;
  RETURN_IF_ERROR(connection.Query("SELECT max(number) FROM revisions", {}, [&](const Row& row) {
    number = row.Integer(0);
    return absl::OkStatus();
  }));
  return static_cast<uint64_t>(number);
}

absl::StatusOr<std::optional<Revision>> FindRevision(Connection& connection, uint64_t number) {
  std::optional<Revision> revision;
  RETURN_IF_ERROR(connection.Query(
      "SELECT number, at, author, address, summary, digest, kept FROM revisions WHERE number = ?",
      {static_cast<int64_t>(number)}, [&](const Row& row) {
        revision = ReadRow(row);
        return absl::OkStatus();
      }));
  return revision;
}

absl::StatusOr<std::vector<Revision>> ListRevisions(Connection& connection, uint64_t before,
                                                    int64_t limit) {
  std::vector<Revision> revisions;
  const auto bound =
      static_cast<int64_t>(std::min<uint64_t>(before, std::numeric_limits<int64_t>::max()));
  RETURN_IF_ERROR(
      connection.Query("SELECT number, at, author, address, summary, digest, kept FROM revisions"
                       " WHERE number < ? ORDER BY number DESC LIMIT ?",
                       {bound, limit}, [&](const Row& row) {
                         revisions.push_back(ReadRow(row));
                         return absl::OkStatus();
                       }));
  return revisions;
}

absl::Status AppendRevision(Connection& connection, const Revision& revision) {
  return connection.Execute(
      "INSERT INTO revisions (number, at, author, address, summary, digest, kept)"
      " VALUES (?, ?, ?, ?, ?, ?, ?)",
      {static_cast<int64_t>(revision.number), Stored(revision.at), revision.author,
       revision.address, revision.summary, Blob{revision.digest},
       static_cast<int64_t>(revision.kept)});
}

absl::Status ForgetOldResources(Connection& connection, int64_t keep,
                                std::optional<uint64_t> needed) {
  int64_t oldest = 0;
  RETURN_IF_ERROR(connection.Query(
      "SELECT number FROM revisions WHERE kept = 1 ORDER BY number DESC LIMIT 1 OFFSET ?",
      {std::max<int64_t>(keep, 1) - 1}, [&](const Row& row) {
        oldest = row.Integer(0);
        return absl::OkStatus();
      }));
  if (oldest == 0) return absl::OkStatus();
  if (needed.has_value()) oldest = std::min(oldest, static_cast<int64_t>(*needed));
  RETURN_IF_ERROR(
      connection.Execute("UPDATE revisions SET kept = 0 WHERE number < ? AND kept = 1", {oldest}));
  std::vector<std::string> contents;
  RETURN_IF_ERROR(
      connection.Query("SELECT DISTINCT content FROM resource_versions WHERE until <= ?", {oldest},
                       [&](const Row& row) {
                         contents.push_back(row.Bytes(0));
                         return absl::OkStatus();
                       }));
  RETURN_IF_ERROR(connection.Execute("DELETE FROM resource_versions WHERE until <= ?", {oldest}));
  for (const std::string& content : contents) {
    RETURN_IF_ERROR(
        connection.Execute("DELETE FROM contents WHERE digest = ?"
                           " AND NOT EXISTS (SELECT 1 FROM resource_versions WHERE content = ?)",
                           {Blob{content}, Blob{content}}));
  }
  return absl::OkStatus();
}

absl::Status CheckRevisions(Connection& connection) {
  ASSIGN_OR_RETURN(const auto steps, ReadSteps(connection));
  std::vector<Revision> kept;
  RETURN_IF_ERROR(
      connection.Query("SELECT number, at, author, address, summary, digest, kept FROM revisions"
                       " WHERE kept = 1 ORDER BY number",
                       {}, [&](const Row& row) {
                         kept.push_back(ReadRow(row));
                         return absl::OkStatus();
                       }));
  std::map<std::pair<std::string, std::string>, std::string> state;
  auto next = steps.begin();
  for (const Revision& revision : kept) {
    for (; next != steps.end() && next->first <= revision.number; ++next) {
      const Step& step = next->second;
      if (step.content.empty()) {
        state.erase({step.kind, step.name});
      } else {
        state[{step.kind, step.name}] = step.content;
      }
    }
    std::vector<ResourceContent> resources;
    resources.reserve(state.size());
    for (const auto& [key, content] : state) {
      resources.push_back({key.first, key.second, content, 0});
    }
    if (RevisionDigest(revision, resources) == revision.digest) continue;
    return absl::DataLossError(
        absl::StrCat("revision ", revision.number,
                     " in the database is damaged: its resources are not those that its digest "
                     "covers"));
  }
  return absl::OkStatus();
}

}  // namespace firebreak::controller
