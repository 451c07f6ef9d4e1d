// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_ADDRESS_LIST_H_
#define FIREBREAK_POLICY_RESOURCES_ADDRESS_LIST_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firebreak/v1/effective.pb.h"
#include "google/protobuf/repeated_ptr_field.h"
#include "policy/resources/prefix.h"

namespace firebreak::policy {

// The prefixes that a text stands for: a prefix, an address alone, or a range of addresses
// "10.0.0.5-10.0.0.9", which comes to as few prefixes as it can. InvalidArgument with the reason.
absl::StatusOr<std::vector<Prefix>> ParseAddresses(absl::string_view text);

using InternedStrings = google::protobuf::RepeatedPtrField<std::string>;

// What a list says, but for its exceptions, as prefixes. An empty list stands for all addresses:
// with no exceptions either it gives none, which means any. A list of prefixes alone is given as it
// is written.
//
// InvalidArgument if the exceptions leave nothing, or if it comes to more than `most`; texts that
// are no addresses are left out.
absl::StatusOr<std::vector<v1::Prefix>> SpellAddresses(const InternedStrings& list,
                                                       const InternedStrings& except, size_t most);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_ADDRESS_LIST_H_
