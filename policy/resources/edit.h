#ifndef FIREBREAK_POLICY_RESOURCES_EDIT_H_
#define FIREBREAK_POLICY_RESOURCES_EDIT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "firebreak/v1/resources.pb.h"
#include "policy/resources/configuration.h"

namespace firebreak::policy {

// What an Edit means. Pure functions.

// "edit-12". Such a name stands where that of a policy is expected, so no policy may have one.
std::string EditName(uint64_t number);

// The number in such a name; 0 if it is none.
uint64_t EditNumber(absl::string_view name);

// Whether `a` stands above `b`: host over group, interface over all, location over any, newest
// last. Edits with the same number, which checking refuses, are ordered by nothing.
bool Outranks(const v1::Edit& a, const v1::Edit& b);

// Whether only their numbers decide between the two.
bool SameRank(const v1::Edit& a, const v1::Edit& b);

// Whether both are for the same group, interface and location.
bool SameScope(const v1::Edit& a, const v1::Edit& b);

// All edits, the highest first. They live as long as the configuration.
std::vector<const v1::Edit*> EditsOf(const Configuration& configuration);

// The policy that does what the edit says, under the edit's name.
v1::Policy PolicyOf(const v1::Edit& edit);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_EDIT_H_
