// SPDX-License-Identifier: Apache-2.0
#include "cli/input/resource_name.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/text/escape.h"

namespace firebreak::cli {
namespace {

struct Kind {
  absl::string_view singular;
  absl::string_view plural;
};

constexpr Kind kKinds[] = {
    {"edit", "edits"},
    {"group", "groups"},
    {"invariant", "invariants"},
    {"location", "locations"},
    {"policy", "policies"},
    {"probe", "probes"},
    {"rolloutstrategy", "rolloutstrategies"},
    {"service", "services"},
};

}  // namespace

absl::StatusOr<ResourceName> ParseResourceName(absl::string_view kind, absl::string_view name) {
  const size_t slash = kind.find('/');
  if (slash != absl::string_view::npos) {
    if (!name.empty() || slash + 1 == kind.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", Escape(kind), "' is not a kind; write KIND NAME or KIND/NAME"));
    }
    name = kind.substr(slash + 1);
    kind = kind.substr(0, slash);
  }
  const std::string lower = absl::AsciiStrToLower(kind);
  if (lower == "all") {
    if (name.empty()) return ResourceName{};
    return absl::InvalidArgumentError("'all' takes no name; write the kind in its place");
  }
  for (const Kind& known : kKinds) {
    if (lower == known.singular || lower == known.plural) {
      return ResourceName{std::string(known.singular), std::string(name)};
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", Escape(kind),
                   "' is not a kind; there are edit, group, invariant, location, policy, probe, "
                   "rolloutstrategy and "
                   "service"));
}

}  // namespace firebreak::cli
