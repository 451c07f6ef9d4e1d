// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_ICMP_OPTIONS_H_
#define FIREBREAK_POLICY_RESOURCES_ICMP_OPTIONS_H_

#include <optional>
#include <span>

#include "absl/strings/string_view.h"

namespace firebreak::policy {

// The options of a policy's `icmp`. All other ICMP belongs to a flow, is needed for the network to
// work, or is let in only by mappings.
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
  // In both directions.
  kRedirect,
};

// Returns the options in the order of the enum.
std::span<const IcmpOption> AllIcmpOptions();

// Returns the option in a policy's spelling, such as "echo-request". The text lives forever.
absl::string_view IcmpOptionName(IcmpOption option);

// Stands for all options in a policy's list.
inline constexpr absl::string_view kAllIcmpOptionsName = "all";

// Parses an option. Also accepts "router-request" for "router-solicitation", to match the other
// requests' names.
std::optional<IcmpOption> ParseIcmpOption(absl::string_view name);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_ICMP_OPTIONS_H_
