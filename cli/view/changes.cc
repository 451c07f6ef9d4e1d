// SPDX-License-Identifier: Apache-2.0
#include "cli/view/changes.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/text/escape.h"
#include "cli/output/colour.h"
#include "cli/output/unified_diff.h"

namespace firebreak::cli {
namespace {

// Returns an empty text if the kind is not a change.
absl::string_view Verb(v1::Change::Kind kind) {
  switch (kind) {
    case v1::Change::created: return "created";
    case v1::Change::updated: return "updated";
    case v1::Change::deleted: return "deleted";
    default: return "";
  }
}

Colour ColourOf(v1::Change::Kind kind) {
  switch (kind) {
    case v1::Change::created: return Colour::kGreen;
    case v1::Change::deleted: return Colour::kRed;
    default: return Colour::kYellow;
  }
}

}  // namespace

std::string ChangeSummary(const v1::ApplyResponse& response, bool colours) {
  if (!response.changed()) return absl::StrCat("revision ", response.revision(), ": no change\n");
  std::string text = absl::StrCat("revision ", response.revision(), "\n");
  for (const v1::Change& change : response.changes()) {
    const absl::string_view verb = Verb(change.kind());
    if (verb.empty()) continue;
    absl::StrAppend(&text, Paint(verb, ColourOf(change.kind()), colours), "  ",
                    Escape(change.resource()), "\n");
  }
  return text;
}

std::string WarningLines(const google::protobuf::RepeatedPtrField<v1::Problem>& warnings) {
  std::string text;
  for (const v1::Problem& warning : warnings) {
    if (!warning.file().empty()) absl::StrAppend(&text, Escape(warning.file()), ":");
    if (warning.line() > 0) absl::StrAppend(&text, warning.line(), ":");
    absl::StrAppend(&text, text.empty() || text.back() == '\n' ? "" : " ",
                    "warning: ", Escape(warning.reason()), "\n");
  }
  return text;
}

std::string DiffPage(const v1::DiffResponse& response, bool colours) {
  std::string text;
  int created = 0;
  int updated = 0;
  int deleted = 0;
  for (const v1::Change& change : response.changes()) {
    if (Verb(change.kind()).empty()) continue;
    const bool is_new = change.kind() == v1::Change::created;
    const bool is_gone = change.kind() == v1::Change::deleted;
    ++(is_new ? created : is_gone ? deleted : updated);
    const std::string name = Escape(change.resource());
    const std::string before = is_new ? "/dev/null" : absl::StrCat(name, "\tin force");
    const std::string after = is_gone ? "/dev/null" : absl::StrCat(name, "\tafter");
    absl::StrAppend(&text, Paint(absl::StrCat("--- ", before), Colour::kBold, colours), "\n",
                    Paint(absl::StrCat("+++ ", after), Colour::kBold, colours), "\n",
                    UnifiedDiff(change.diff(), colours));
  }
  std::vector<std::string> counts;
  if (created > 0) counts.push_back(absl::StrCat(created, " created"));
  if (updated > 0) counts.push_back(absl::StrCat(updated, " updated"));
  if (deleted > 0) counts.push_back(absl::StrCat(deleted, " deleted"));
  if (counts.empty()) return "no change\n";
  const uint32_t hosts = response.hosts_concerned();
  absl::StrAppend(&text, absl::StrJoin(counts, ", "), "; concerns ", hosts,
                  hosts == 1 ? " host\n" : " hosts\n");
  return text;
}

}  // namespace firebreak::cli
