// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/unit_name.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "policy/resources/names.h"

namespace firebreak::policy {
namespace {

constexpr size_t kMostBytes = 255;  // UNIT_NAME_MAX
constexpr const char* kWithPrograms[] = {".service", ".scope", ".slice",
                                         ".socket",  ".mount", ".swap"};
constexpr const char* kWithout[] = {".timer", ".target", ".path", ".device", ".automount"};

bool IsAllowed(const char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::string_view(":-_.\\@").find(c) != absl::string_view::npos;
}

}  // namespace

absl::Status CheckUnitName(const std::string& name) {
  const auto wrong = [&](absl::string_view reason) {
    return absl::InvalidArgumentError(
        absl::StrCat(Quoted(name), " is no unit with programs: ", reason));
  };
  const auto ends = [&](const char* suffix) { return absl::EndsWith(name, suffix); };
  if (name.empty() || name.size() > kMostBytes ||
      !std::all_of(name.begin(), name.end(), IsAllowed)) {
    return wrong("up to 255 letters, digits, \":\", \"-\", \"_\", \".\", \"\\\" and \"@\"");
  }
  if (std::any_of(std::begin(kWithout), std::end(kWithout), ends)) {
    return wrong("such a unit runs none itself; name the service that it starts");
  }
  const auto suffix = std::find_if(std::begin(kWithPrograms), std::end(kWithPrograms), ends);
  if (suffix == std::end(kWithPrograms)) {
    return wrong(absl::StrCat("did you mean ", Quoted(absl::StrCat(name, ".service")), "?"));
  }
  const absl::string_view stem =
      absl::string_view(name).substr(0, name.size() - absl::string_view(*suffix).size());
  if (stem.empty() || stem[0] == '.') return wrong("a name is missing before its kind");
  if (stem == "-" && ends(".slice")) return wrong("it is the slice of all programs");
  if (stem.back() == '@') {
    return wrong(absl::StrCat("it is a template; name an instance, as in ",
                              Quoted(absl::StrCat(stem, "1", *suffix))));
  }
  return absl::OkStatus();
}

}  // namespace firebreak::policy
