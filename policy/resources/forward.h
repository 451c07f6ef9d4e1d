// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_FORWARD_H_
#define FIREBREAK_POLICY_RESOURCES_FORWARD_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// Parses PortMapping.forward_to: "192.168.0.5:3389", "[2001:db8::5]:80", an address alone, or
// ":8080" for another port of this host. InvalidArgument gives the reason.
absl::StatusOr<v1::Forward> ParseForward(absl::string_view text);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_FORWARD_H_
