// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/history.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "base/time/timestamp.h"
#include "controller/store/revisions.h"

namespace firebreak::controller {
namespace {

// The largest number of revisions that fit into a message.
constexpr uint32_t kMaxListed = 1000;

absl::Status NoRevision(Connection& connection, uint64_t revision, bool known) {
  ASSIGN_OR_RETURN(const uint64_t newest, LatestRevision(connection));
  if (!known) {
    return absl::NotFoundError(
        absl::StrCat("there is no revision ", revision, "; the newest is ", newest));
  }
  uint64_t oldest = 0;
  RETURN_IF_ERROR(
      connection.Query("SELECT min(number) FROM revisions WHERE kept = 1", {}, [&](const Row& row) {
        oldest = static_cast<uint64_t>(row.Integer(0));
        return absl::OkStatus();
      }));
  return absl::NotFoundError(absl::StrCat("the resources of revision ", revision,
                                          " are not kept any more; the oldest that are kept are "
                                          "those of revision ",
                                          oldest));
}

v1::Revision View(const Revision& revision) {
  v1::Revision view;
  view.set_number(revision.number);
  *view.mutable_at() = ToTimestamp(revision.at);
  view.set_author(revision.author);
  view.set_address(revision.address);
  view.set_summary(revision.summary);
  view.set_digest(revision.digest);
  view.set_kept(revision.kept);
  return view;
}

}  // namespace

absl::StatusOr<policy::Configuration> LoadConfiguration(Database& database, uint64_t revision) {
  policy::Configuration configuration;
  absl::Status missing;
  RETURN_IF_ERROR(database.Transact("load a revision", [&](Connection& connection) -> absl::Status {
    // Revision 0 is the empty configuration and has no row.
    if (revision != 0) {
      ASSIGN_OR_RETURN(const auto found, FindRevision(connection, revision));
      if (!found.has_value() || !found->kept) {
        missing = NoRevision(connection, revision, found.has_value());
        return absl::OkStatus();
      }
    }
    ASSIGN_OR_RETURN(auto resources, LoadResources(connection, revision));
    for (StoredResource& resource : resources) configuration.Put(std::move(resource.body));
    return absl::OkStatus();
  }));
  if (!missing.ok()) return missing;
  return configuration;
}

absl::StatusOr<uint64_t> RevisionBefore(Database& database, uint64_t revision) {
  std::optional<uint64_t> before;
  RETURN_IF_ERROR(database.Transact("find a revision", [&](Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(const auto list, controller::ListRevisions(connection, revision, 1));
    if (!list.empty() && list.front().kept) before = list.front().number;
    if (list.empty() && revision > 0) before = 0;
    return absl::OkStatus();
  }));
  if (before.has_value()) return *before;
  return absl::NotFoundError(
      absl::StrCat("the resources of the revision before ", revision, " are not kept"));
}

absl::StatusOr<v1::ListRevisionsResponse> ListRevisions(Database& database,
                                                        const v1::ListRevisionsRequest& request) {
  const uint32_t limit = request.limit() == 0 ? kMaxListed : std::min(request.limit(), kMaxListed);
  const uint64_t before = request.before() == 0 ? UINT64_MAX : request.before();
  v1::ListRevisionsResponse response;
  RETURN_IF_ERROR(database.Transact("list revisions", [&](Connection& connection) -> absl::Status {
    ASSIGN_OR_RETURN(const auto list, controller::ListRevisions(connection, before, limit));
    for (const Revision& revision : list) *response.add_revisions() = View(revision);
    return absl::OkStatus();
  }));
  return response;
}

}  // namespace firebreak::controller
