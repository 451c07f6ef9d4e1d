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

// What reads one protocol's control connections, so that the flows that they announce are let in.
// A helper runs in the kernel on bytes of strangers: none is on unless named, and only on its
// ports.
struct ConntrackHelperKind {
  absl::string_view name;    // as users write it
  absl::string_view module;  // as the kernel calls it
  uint8_t protocol;          // IPPROTO_*
  uint16_t port;             // its own, by IANA
};

// By name; one may need several: H.323 has a registration and a call protocol.
std::span<const ConntrackHelperKind> ConntrackHelperKinds();

// The kernel's name for it; empty for one that there is not.
absl::string_view ConntrackHelperModule(absl::string_view name, uint32_t protocol);

// One of Policy.helpers: "ftp", bound to its own ports, or "ftp:tcp/2121". InvalidArgument with the
// reason.
absl::StatusOr<std::vector<v1::Helper>> ParseConntrackHelper(absl::string_view text);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_CONNTRACK_HELPERS_H_
