// SPDX-License-Identifier: Apache-2.0
#include "tests/statements/statements.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "base/status/status.h"

namespace firebreak::statements {
namespace {

using Said = Statement::Said;

constexpr absl::string_view kReasonMark = "#    ";

std::optional<Said> SaidBy(absl::string_view line) {
  if (absl::StartsWith(line, "#> ")) return Said::kInFull;
  if (absl::StartsWith(line, "#= ")) return Said::kByItself;
  if (absl::StartsWith(line, "#~ ")) return Said::kInPart;
  if (absl::StartsWith(line, "#! ")) return Said::kNotAtAll;
  return std::nullopt;
}

absl::StatusOr<Translation> Read(const std::filesystem::path& path) {
  std::ifstream file(path);
  Translation translation = {.file = path.filename().string(),
                             .title = "",
                             .text = std::string(std::istreambuf_iterator<char>(file), {}),
                             .statements = {}};
  const std::vector<std::string> lines = absl::StrSplit(translation.text, '\n');
  if (!absl::StartsWith(lines[0], "# ")) {
    return absl::InvalidArgumentError(absl::StrCat(translation.file, ":1: no title"));
  }
  translation.title = lines[0].substr(2);
  for (size_t i = 0; i < lines.size(); ++i) {
    const absl::string_view line = absl::StripLeadingAsciiWhitespace(lines[i]);
    const std::optional<Said> said = SaidBy(line);
    if (!said.has_value()) continue;
    Statement statement = {.said = *said, .text = std::string(line.substr(3)), .reason = ""};
    if (*said == Said::kInPart || *said == Said::kNotAtAll) {
      const absl::string_view next =
          i + 1 < lines.size() ? absl::StripLeadingAsciiWhitespace(lines[i + 1]) : "";
      if (!absl::StartsWith(next, kReasonMark)) {
        return absl::InvalidArgumentError(
            absl::StrCat(translation.file, ":", i + 1, ": a statement without its reason"));
      }
      statement.reason = std::string(next.substr(kReasonMark.size()));
    }
    translation.statements.push_back(std::move(statement));
  }
  return translation;
}

size_t Count(const Translation& translation, Said said) {
  const auto& all = translation.statements;
  return static_cast<size_t>(std::count_if(all.begin(), all.end(),
                                           [&](const Statement& one) { return one.said == said; }));
}

std::string Row(absl::string_view name, size_t all, size_t in_full, size_t in_part,
                size_t not_at_all) {
  return absl::StrCat("| ", name, " | ", all, " | ", in_full, " | ", in_part, " | ", not_at_all,
                      " |\n");
}

}  // namespace

absl::StatusOr<std::vector<Translation>> ReadTranslations(const std::string& directory) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".yaml") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::vector<Translation> translations;
  for (const std::filesystem::path& path : paths) {
    ASSIGN_OR_RETURN(Translation translation, Read(path));
    translations.push_back(std::move(translation));
  }
  return translations;
}

std::string Document(const std::vector<Translation>& translations) {
  std::string rows, unsaid;
  size_t all = 0, in_full = 0, in_part = 0, not_at_all = 0;
  for (const Translation& one : translations) {
    const size_t full = Count(one, Said::kInFull) + Count(one, Said::kByItself);
    const size_t part = Count(one, Said::kInPart), none = Count(one, Said::kNotAtAll);
    const std::string name = absl::StrCat("[", one.file.substr(0, one.file.rfind('.')),
                                          "](../tests/statements/", one.file, ")");
    absl::StrAppend(&rows, Row(name, one.statements.size(), full, part, none));
    all += one.statements.size();
    in_full += full;
    in_part += part;
    not_at_all += none;
    for (const Statement& statement : one.statements) {
      if (statement.reason.empty()) continue;
      const std::string text = absl::StrReplaceAll(statement.text, {{"|", "\\|"}});
      absl::StrAppend(&unsaid, "| `", text, "` | ",
                      statement.said == Said::kInPart ? "in part: " : "", statement.reason, " |\n");
    }
  }
  return absl::StrFormat(
      R"(# What other firewalls say, in Firebreak's words

%d configurations, each after the manner of a real one, were carried over statement by statement. Of %d statements
%d (%.1f %%) are said in full, which includes what Firebreak does whatever a policy says; %d in part, %d not at all.
Each file has every statement above the lines that say it, so the files also serve as a phrase book. Where a program
can do it, [`firebreak import`](import.md) does.

This page is made from `tests/statements` (`bazel run --config=opt //tests/statements:write_document`); a test keeps the two
equal, and applies each file.

| configuration | statements | in full | in part | not at all |
| --- | ---: | ---: | ---: | ---: |
%s%s
## What cannot be said

| statement | why |
| --- | --- |
%s)",
      translations.size(), all, in_full,
      100.0 * static_cast<double>(in_full) / static_cast<double>(all), in_part, not_at_all, rows,
      Row("all", all, in_full, in_part, not_at_all), unsaid);
}

}  // namespace firebreak::statements
