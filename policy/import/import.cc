// SPDX-License-Identifier: Apache-2.0
#include "policy/import/import.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "base/text/escape.h"
#include "base/text/utf8.h"
#include "policy/import/iptables.h"
#include "policy/resources/write.h"

namespace firebreak::importer {

absl::Status CheckSource(const SourceText& source) {
  const auto wrong = [&](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat(source.name, ": ", why));
  };
  if (source.text.size() > kMaxSourceBytes) {
    return wrong(absl::StrCat("the file has more than ", kMaxSourceBytes >> 20, " MiB"));
  }
  if (source.text.find('\0') != std::string::npos ||
      FindInvalidUtf8(source.text) != absl::string_view::npos) {
    return wrong("the file is no text");
  }
  if (absl::StripAsciiWhitespace(source.text).empty()) return wrong("the file is empty");
  return absl::OkStatus();
}

absl::StatusOr<Imported> ImportIptables(std::span<const SourceText> sources, const Naming& naming) {
  Imported imported;
  Ruleset ruleset;
  for (const SourceText& source : sources) {
    RETURN_IF_ERROR(CheckSource(source));
    RETURN_IF_ERROR(ReadIptables(source, IsOfIpv6(source), ruleset, imported.report));
  }
  ASSIGN_OR_RETURN(imported.resources, BuildPolicies(ruleset, naming, imported.report));
  return imported;
}

std::string Render(const Imported& imported) {
  const Report& report = imported.report;
  std::string text;
  const size_t unsaid = report.CountUnsaid();
  if (unsaid == 0) {
    absl::StrAppend(&text, "# all of ", report.statements().size(), " statements are said\n");
  } else {
    absl::StrAppend(&text, "# ", unsaid, " of ", report.statements().size(),
                    " statements cannot be said, or not in full:\n");
    for (const Statement& statement : report.statements()) {
      if (statement.unsaid.empty()) continue;
      absl::StrAppend(&text, "#\n# ", Escape(statement.file), ":", statement.line, ": ",
                      Escape(statement.text), "\n#   ", Escape(statement.unsaid), "\n");
    }
    absl::StrAppend(&text, "\n");
  }
  for (const std::string& note : report.notes()) {
    absl::StrAppend(&text, "# note: ", Escape(note), "\n");
  }
  std::vector<const google::protobuf::Message*> messages;
  for (const v1::Resource& resource : imported.resources) messages.push_back(&resource);
  return absl::StrCat(text, policy::ToYaml(messages));
}

}  // namespace firebreak::importer
