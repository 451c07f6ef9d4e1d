#ifndef FIREBREAK_CONTROLLER_STORE_REVISIONS_H_
#define FIREBREAK_CONTROLLER_STORE_REVISIONS_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "controller/store/connection.h"
#include "controller/store/resources.h"

namespace firebreak::controller {

// One state of the fleet's configuration and who made it. Numbers only grow, by one but for a
// restore, which may leave some out; 0 is the empty configuration that a controller begins with.
struct Revision {
  uint64_t number = 0;
  absl::Time at;
  std::string author;
  std::string address;
  std::string summary;
  // RevisionDigest; empty for a revision of a program that kept no resources.
  std::string digest = {};
  // Whether its resources are still there: they go with time, who made the revision stays.
  bool kept = true;
};

// SHA-256 of everything about the revision and of its resources, which must be in the order of
// ListContents.
std::string RevisionDigest(const Revision& revision, std::span<const ResourceContent> resources);

// What a row of the audit trail about a revision ends with, so that the trail's chain and its seals
// cover the resources too.
inline constexpr absl::string_view kDigestLabel = "; sha256 ";
std::string DigestNote(absl::string_view digest);

// 0 if there is none yet.
absl::StatusOr<uint64_t> LatestRevision(Connection& connection);
absl::StatusOr<std::optional<Revision>> FindRevision(Connection& connection, uint64_t number);
// Up to `limit` with a number below `before`, the newest first.
absl::StatusOr<std::vector<Revision>> ListRevisions(Connection& connection, uint64_t before,
                                                    int64_t limit);

// Behind the revision's resources: its digest must cover them.
absl::Status AppendRevision(Connection& connection, const Revision& revision);

// Forgets the resources of all but the newest `keep` revisions, at least one.
absl::Status ForgetOldResources(Connection& connection, int64_t keep);

// DataLoss: the resources of a kept revision are not those that its digest covers; the message
// names the revision.
absl::Status CheckRevisions(Connection& connection);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_REVISIONS_H_
