// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_STORE_RESOURCES_H_
#define FIREBREAK_CONTROLLER_STORE_RESOURCES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "controller/store/connection.h"
#include "firebreak/v1/resources.pb.h"

namespace firebreak::controller {

// The resources of each revision. A resource's serialized bytes are its content, which is stored
// once under its digest. A row for each change says from which revision on a resource has which
// content, so a revision takes space only for what it changes.

struct StoredResource {
  std::string kind;  // "Policy"
  std::string name;
  v1::Resource body;
};

struct ResourceContent {
  std::string kind;
  std::string name;
  std::string digest;  // SHA-256 of the content
  uint64_t since = 0;  // the revision that gave the resource this content

  friend bool operator==(const ResourceContent&, const ResourceContent&) = default;
};

// Returns the resources of the revision by kind and name. The revision's resources must not have
// been forgotten. DataLoss: a resource cannot be read, or is not what was stored.
absl::StatusOr<std::vector<StoredResource>> LoadResources(Connection& connection,
                                                          uint64_t revision);
absl::StatusOr<std::vector<ResourceContent>> ListContents(Connection& connection,
                                                          uint64_t revision);

// Gives the resource this content from `revision` on, which must be the newest.
absl::Status PutResource(Connection& connection, uint64_t revision, absl::string_view kind,
                         absl::string_view name, absl::string_view bytes);
// Removes the resource from `revision` on.
absl::Status DeleteResource(Connection& connection, uint64_t revision, absl::string_view kind,
                            absl::string_view name);

// DataLoss: a stored content does not match its digest; the message names the resource.
absl::Status CheckContents(Connection& connection);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_RESOURCES_H_
