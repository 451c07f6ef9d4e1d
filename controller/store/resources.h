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

// What each revision consists of. A resource's serialized bytes are its content, stored once by
// their digest; from which revision on a resource has had which content is a row for each change,
// so a revision costs what it changes.

struct StoredResource {
  std::string kind;  // "Policy"
  std::string name;
  v1::Resource body;
};

struct ResourceContent {
  std::string kind;
  std::string name;
  std::string digest;  // SHA-256 of its bytes
  uint64_t since = 0;  // the revision that gave the resource this content

  friend bool operator==(const ResourceContent&, const ResourceContent&) = default;
};

// The resources of the revision, which must be a kept one, by kind and name. DataLoss: one of them
// cannot be read, or is not what was stored.
absl::StatusOr<std::vector<StoredResource>> LoadResources(Connection& connection,
                                                          uint64_t revision);
absl::StatusOr<std::vector<ResourceContent>> ListContents(Connection& connection,
                                                          uint64_t revision);

// The resource has these bytes from the revision on, which is the newest.
absl::Status PutResource(Connection& connection, uint64_t revision, absl::string_view kind,
                         absl::string_view name, absl::string_view bytes);
// It is gone from the revision on.
absl::Status DeleteResource(Connection& connection, uint64_t revision, absl::string_view kind,
                            absl::string_view name);

// DataLoss: a stored content is not what its digest says; the message names the resource.
absl::Status CheckContents(Connection& connection);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_RESOURCES_H_
