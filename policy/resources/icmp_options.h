// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_ICMP_OPTIONS_H_
#define FIREBREAK_POLICY_RESOURCES_ICMP_OPTIONS_H_

#include <optional>
#include <span>

#include "absl/strings/string_view.h"

namespace firebreak::policy {

// What a policy's `icmp` can allow. Everything else of ICMP is either part of a flow, or needed
// for the network to work, or never let in.
enum class IcmpOption {
  // Incoming requests that the host answers.
  kEchoRequest,
  kTimestampRequest,    // IPv4
  kAddressMaskRequest,  // IPv4
  kRouterRequest,
  // Errors that the host sends.
  kDestinationUnreachable,
  kSourceQuench,  // IPv4
  kParameterProblem,
  kTimeExceeded,
  // Both ways.
  kRedirect,
};

// In the order of the enum.
std::span<const IcmpOption> AllIcmpOptions();

// As a policy writes it: "echo-request". Lives forever.
absl::string_view IcmpOptionName(IcmpOption option);

// In a policy's list it stands for all of them.
inline constexpr absl::string_view kAllIcmpOptionsName = "all";

// Takes "router-request", the counterpart of the other requests' names, for "router-solicitation".
std::optional<IcmpOption> ParseIcmpOption(absl::string_view name);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_ICMP_OPTIONS_H_
