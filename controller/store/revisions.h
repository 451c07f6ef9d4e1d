#ifndef FIREBREAK_CONTROLLER_STORE_REVISIONS_H_
#define FIREBREAK_CONTROLLER_STORE_REVISIONS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "controller/store/connection.h"
#include "firebreak/v1/resources.pb.h"

namespace firebreak::controller {

// One state of the fleet's configuration and who made it. Numbers count up from 1; 0 is the empty
// configuration that a controller begins with.
struct Revision {
  uint64_t number = 0;
  absl::Time at;
  std::string author;
  std::string address;
  std::string summary;
};

// A resource under its kind ("Policy") and name.
struct StoredResource {
  std::string kind;
  std::string name;
  v1::Resource body;
};

// 0 if there is none yet.
absl::StatusOr<uint64_t> LatestRevision(Connection& connection);
absl::Status AppendRevision(Connection& connection, const Revision& revision);

absl::StatusOr<std::vector<StoredResource>> LoadResources(Connection& connection);
absl::Status PutResource(Connection& connection, uint64_t revision, const StoredResource& resource);
absl::Status DeleteResource(Connection& connection, const std::string& kind,
                            const std::string& name);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_REVISIONS_H_
