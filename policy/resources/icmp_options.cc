// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/icmp_options.h"

namespace firebreak::policy {
namespace {

constexpr IcmpOption kAll[] = {
    IcmpOption::kEchoRequest,
    IcmpOption::kTimestampRequest,
    IcmpOption::kAddressMaskRequest,
    IcmpOption::kRouterRequest,
    IcmpOption::kDestinationUnreachable,
    IcmpOption::kSourceQuench,
    IcmpOption::kParameterProblem,
    IcmpOption::kTimeExceeded,
    IcmpOption::kRedirect,
};

}  // namespace

std::span<const IcmpOption> AllIcmpOptions() { return kAll; }

absl::string_view IcmpOptionName(IcmpOption option) {
  switch (option) {
    case IcmpOption::kEchoRequest: return "echo-request";
    case IcmpOption::kTimestampRequest: return "timestamp-request";
    case IcmpOption::kAddressMaskRequest: return "address-mask-request";
    case IcmpOption::kRouterRequest: return "router-solicitation";
    case IcmpOption::kDestinationUnreachable: return "destination-unreachable";
    case IcmpOption::kSourceQuench: return "source-quench";
    case IcmpOption::kParameterProblem: return "parameter-problem";
    case IcmpOption::kTimeExceeded: return "time-exceeded";
    case IcmpOption::kRedirect: return "redirect";
  }
  return "";
}

std::optional<IcmpOption> ParseIcmpOption(absl::string_view name) {
  if (name == "router-request") return IcmpOption::kRouterRequest;
  for (IcmpOption option : kAll) {
    if (IcmpOptionName(option) == name) return option;
  }
  return std::nullopt;
}

}  // namespace firebreak::policy
