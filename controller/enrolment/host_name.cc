#include "controller/enrolment/host_name.h"

#include <algorithm>

namespace firebreak::controller {

absl::Status CheckHostName(absl::string_view name) {
  const auto alphanumeric = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  const bool good = !name.empty() && name.size() <= 63 && alphanumeric(name.front()) &&
                    alphanumeric(name.back()) && std::all_of(name.begin(), name.end(), [&](char c) {
                      return alphanumeric(c) || c == '.' || c == '_' || c == '-';
                    });
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(
      "a host's name has 1 to 63 characters of a-z, 0-9, \".\", \"_\" and \"-\", and begins and "
      "ends with a letter or a digit; give the agent another one with --name");
}

}  // namespace firebreak::controller
