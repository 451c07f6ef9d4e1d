// SPDX-License-Identifier: Apache-2.0
#include "cli/input/resource_name.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/text/escape.h"
#include "firebreak/v1/resources.pb.h"

namespace firebreak::cli {
namespace {

std::string Plural(absl::string_view kind) {
  if (absl::ConsumeSuffix(&kind, "y")) return absl::StrCat(kind, "ies");
  return absl::StrCat(kind, "s");
}

}  // namespace

std::vector<std::string> ResourceKinds() {
  const google::protobuf::OneofDescriptor& kinds =
      *v1::Resource::descriptor()->FindOneofByName("kind");
  std::vector<std::string> names;
  for (int i = 0; i < kinds.field_count(); ++i) {
    names.push_back(absl::AsciiStrToLower(kinds.field(i)->message_type()->name()));
  }
  std::sort(names.begin(), names.end());
  return names;
}

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
  const std::vector<std::string> kinds = ResourceKinds();
  for (const std::string& known : kinds) {
    if (lower == known || lower == Plural(known)) return ResourceName{known, std::string(name)};
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "'", Escape(kind), "' is not a kind; the kinds are ", absl::StrJoin(kinds, ", ")));
}

}  // namespace firebreak::cli
