// SPDX-License-Identifier: Apache-2.0
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

// One state of the fleet's configuration and its author. Numbers only grow, by one, except that a
// restore may leave some out; 0 is the empty configuration with which a controller begins.
struct Revision {
  uint64_t number = 0;
  absl::Time at;
  std::string author;
  std::string address;
  std::string summary;
  // RevisionDigest; empty for a revision made by a program that kept no resources.
  std::string digest = {};
  // Whether its resources are still stored. They are deleted with time; the other fields stay.
  bool kept = true;
};

// SHA-256 over all fields of the revision and its resources, which must be in the order of
// ListContents.
std::string RevisionDigest(const Revision& revision, std::span<const ResourceContent> resources);

// A row of the audit trail about a revision ends with this label and the digest, so that the
// trail's chain and its seals cover the resources too.
inline constexpr absl::string_view kDigestLabel = "; sha256 ";
std::string DigestNote(absl::string_view digest);

// 0 if there is no revision yet.
absl::StatusOr<uint64_t> LatestRevision(Connection& connection);
absl::StatusOr<std::optional<Revision>> FindRevision(Connection& connection, uint64_t number);
// Returns up to `limit` revisions with numbers below `before`, newest first.
absl::StatusOr<std::vector<Revision>> ListRevisions(Connection& connection, uint64_t before,
                                                    int64_t limit);

// Call this after storing the revision's resources, because its digest must cover them.
absl::Status AppendRevision(Connection& connection, const Revision& revision);

// Deletes the resources of all but the newest `keep` revisions; always keeps at least one, and
// those from `needed` on.
absl::Status ForgetOldResources(Connection& connection, int64_t keep,
                                std::optional<uint64_t> needed = std::nullopt);

// DataLoss: the stored resources of a revision do not match its digest; the message names the
// revision.
absl::Status CheckRevisions(Connection& connection);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_REVISIONS_H_
