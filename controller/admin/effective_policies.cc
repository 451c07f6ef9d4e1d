// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/effective_policies.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace firebreak::controller {

std::string HostsText(const std::vector<std::string>& names) {
  constexpr size_t kMost = 5;  // host names in one text
  const auto end = names.begin() + static_cast<std::ptrdiff_t>(std::min(names.size(), kMost));
  const size_t more = names.size() > kMost ? names.size() - kMost : 0;
  return absl::StrCat(names.size() == 1 ? "host " : "hosts ",
                      absl::StrJoin(names.begin(), end, ", "),
                      more == 0 ? "" : absl::StrCat(" and ", more, " more"));
}

}  // namespace firebreak::controller
