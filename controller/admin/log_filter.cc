// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/log_filter.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace firebreak::controller {

absl::StatusOr<v1::LogFilter> ResolveGroups(const v1::LogFilter& filter, const Registry& registry,
                                            const policy::Selector& selector) {
  v1::LogFilter resolved = filter;
  for (v1::LogTerm& term : *resolved.mutable_terms()) {
    if (term.field() != v1::LogTerm::GROUP) continue;
    const std::vector<std::string> groups(term.values().begin(), term.values().end());
    std::vector<bool> found(groups.size());
    term.clear_values();
    term.set_field(v1::LogTerm::HOST);
    for (const StoredHost& host : registry.All()) {
      const std::vector<std::string> in = selector.GroupsOf(host.record.labels);
      bool is_in = false;
      for (size_t i = 0; i < groups.size(); ++i) {
        if (std::find(in.begin(), in.end(), groups[i]) == in.end() &&
            groups[i] != absl::StrCat("host:", host.record.name)) {
          continue;
        }
        is_in = found[i] = true;
      }
      if (is_in) term.add_values(host.record.name);
    }
    for (size_t i = 0; i < groups.size(); ++i) {
      if (found[i]) continue;
      return absl::NotFoundError(absl::StrCat("no host is in group '", groups[i], "'"));
    }
  }
  return resolved;
}

}  // namespace firebreak::controller
