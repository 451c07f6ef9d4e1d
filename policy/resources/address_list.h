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

// Returns the prefixes that a text stands for: a prefix, an address, or a range of addresses
// "10.0.0.5-10.0.0.9", which becomes as few prefixes as possible. Returns InvalidArgument with the
// reason.
absl::StatusOr<std::vector<Prefix>> ParseAddresses(absl::string_view text);

using InternedStrings = google::protobuf::RepeatedPtrField<std::string>;

// Returns a list without its exceptions as prefixes. An empty list stands for all addresses; if
// there are no exceptions either, the result is empty, which means any. A list that consists of
// prefixes only, without exceptions, is returned as it is.
//
// Returns InvalidArgument if the exceptions leave nothing, or if the result has more than `most`
// prefixes. Texts that are no addresses are ignored.
absl::StatusOr<std::vector<v1::Prefix>> SpellAddresses(const InternedStrings& list,
                                                       const InternedStrings& except, size_t most);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_ADDRESS_LIST_H_
