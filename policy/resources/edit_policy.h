#ifndef FIREBREAK_POLICY_RESOURCES_EDIT_POLICY_H_
#define FIREBREAK_POLICY_RESOURCES_EDIT_POLICY_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/resources/configuration.h"
#include "policy/resources/edits.h"

namespace firebreak::policy {

// One kind of policy that verbs keep.
struct EditKind {
  absl::string_view prefix;  // of its names
  int priority;              // of those for a host at one location
};

// The policy of this kind for the target, and for one interface unless that is empty: as it is, or
// new. InvalidArgument, with a reason for the user, if the target is not one, or if there is a
// policy of that name which is for somebody else.
absl::StatusOr<v1::Policy> EditPolicy(const Configuration& current, const EditKind& kind,
                                      const EditTarget& target, absl::string_view interface_name);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_EDIT_POLICY_H_
