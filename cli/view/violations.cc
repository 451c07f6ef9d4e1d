// SPDX-License-Identifier: Apache-2.0
#include "cli/view/violations.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/text/escape.h"
#include "cli/output/colour.h"
#include "policy/invariant/violation_text.h"

namespace firebreak::cli {
namespace {

bool IsRefused(const v1::Violation& violation) {
  return !violation.warns_only() && !violation.before();
}

}  // namespace

bool AnyRefused(const Violations& violations) {
  return std::any_of(violations.begin(), violations.end(), IsRefused);
}

std::string ViolationLines(const Violations& violations, bool colours) {
  std::string text;
  for (const v1::Violation& violation : violations) {
    absl::StrAppend(&text,
                    IsRefused(violation) ? Paint("broken ", Colour::kRed, colours)
                                         : Paint("warning", Colour::kYellow, colours),
                    "  ", Escape(policy::ViolationText(violation)));
    const v1::PacketRuling& ruling = violation.packets().after();
    if (!ruling.file().empty()) {
      absl::StrAppend(&text, " (", Escape(ruling.file()), ":", ruling.line(), ")");
    }
    absl::StrAppend(&text, violation.before() ? "; it did not before either\n" : "\n");
  }
  return text;
}

std::string ViolationPage(const v1::ListViolationsResponse& response, bool colours) {
  std::string text = ViolationLines(response.violations(), colours);
  if (!response.complete()) {
    absl::StrAppend(&text, "there are too many policies to check the invariants completely\n");
  } else if (response.violations().empty()) {
    absl::StrAppend(&text, response.invariants(),
                    response.invariants() == 1 ? " invariant holds" : " invariants hold",
                    " for all packets on every host, as of revision ", response.revision(), "\n");
  }
  return text;
}

}  // namespace firebreak::cli
