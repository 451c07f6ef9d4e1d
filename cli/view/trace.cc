// SPDX-License-Identifier: Apache-2.0
#include "cli/view/trace.h"

#include "absl/strings/str_cat.h"
#include "base/text/escape.h"
#include "cli/output/colour.h"

namespace firebreak::cli {
namespace {

constexpr size_t kWidth = 12;  // width of the column with the names

class Page {
 public:
  // Appends a line unless `value` is empty. `name` must be shorter than kWidth and safe to print.
  void Line(absl::string_view name, const std::string& value) {
    if (value.empty()) return;
    absl::StrAppend(&text_, name, std::string(kWidth - name.size(), ' '), Escape(value), "\n");
  }
  void Raw(const std::string& text) { absl::StrAppend(&text_, text); }
  std::string Take() && { return std::move(text_); }

 private:
  std::string text_;
};

Colour ColourOf(const std::string& verdict) {
  return verdict == "accept" ? Colour::kGreen : verdict == "drop" ? Colour::kRed : Colour::kYellow;
}

}  // namespace

std::string TracePage(const v1::TraceAnswer& answer, bool colours) {
  Page page;
  page.Raw(absl::StrCat(
      "verdict     ", Paint(Escape(answer.verdict()), ColourOf(answer.verdict()), colours),
      answer.observed() ? "  (observed: with the firewall on it would be dropped)" : "", "\n"));
  page.Line("reason", answer.detail().empty()
                          ? answer.reason()
                          : absl::StrCat(answer.reason(), ": ", answer.detail()));
  page.Line("hook", answer.hook());
  page.Line("chain", answer.chain());
  page.Line("rule", answer.rule());
  page.Line("element", answer.element());
  page.Line("mapping", answer.mapping());
  page.Line("policy", answer.policy());
  page.Line("program", answer.program());
  page.Line("location", answer.location());
  if (answer.revision() != 0) page.Line("revision", absl::StrCat(answer.revision()));
  page.Line("state", answer.state());
  page.Line("in", answer.in_interface());
  page.Line("out", answer.out_interface());
  page.Line("from", answer.source_after());
  page.Line("to", answer.destination_after());
  if (answer.steps_size() != 0) page.Raw("\n");
  for (const v1::TraceStep& step : answer.steps()) {
    const std::string hook = Escape(step.hook());
    page.Line(hook.size() < kWidth ? hook : hook.substr(0, kWidth - 1),
              absl::StrCat(step.chain(), ": ", step.rule().empty() ? "policy" : step.rule(),
                           step.element().empty() ? "" : "  ", step.element()));
  }
  return std::move(page).Take();
}

}  // namespace firebreak::cli
