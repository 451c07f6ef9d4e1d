// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_CONNTRACK_HELPERS_H_
#define FIREBREAK_POLICY_RESOURCES_CONNTRACK_HELPERS_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {

// A helper of the kernel that reads the control connections of one protocol, so that the flows that
// they announce are let in. A helper parses bytes of strangers in the kernel, so none is on unless
// a policy names it, and then only on its ports.
struct ConntrackHelperKind {
  absl::string_view name;    // the name that users write
  absl::string_view module;  // the kernel's name
  uint8_t protocol;          // IPPROTO_*
  uint16_t port;             // the port that IANA assigns to the protocol
};

// Returns the helpers by name. A name may stand for several: H.323 has a registration and a call
// protocol.
std::span<const ConntrackHelperKind> ConntrackHelperKinds();

// Returns the kernel's name of the helper, or an empty text if there is no such helper.
absl::string_view ConntrackHelperModule(absl::string_view name, uint32_t protocol);

// Parses an item of Policy.helpers: "ftp", bound to its own ports, or "ftp:tcp/2121".
// InvalidArgument gives the reason.
absl::StatusOr<std::vector<v1::Helper>> ParseConntrackHelper(absl::string_view text);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_CONNTRACK_HELPERS_H_
