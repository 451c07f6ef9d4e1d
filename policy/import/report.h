// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_REPORT_H_
#define FIREBREAK_POLICY_IMPORT_REPORT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firebreak::importer {

// A rule or a setting of the imported configuration, and whether it could be imported.
struct Statement {
  std::string file;
  int line = 0;
  std::string text;
  // Why a policy cannot express the statement, or not completely. Empty if it can, or if Firebreak
  // behaves so anyway.
  std::string unsaid;
};

// The index of rules that nobody wrote; nothing is reported about them.
inline constexpr size_t kNoStatement = static_cast<size_t>(-1);

// The statements of a configuration, in the order in which they were read. Rules refer to them by
// index.
class Report {
 public:
  size_t Add(absl::string_view file, int line, absl::string_view text);
  // Only the first reason given for a statement is kept.
  void CannotSay(size_t statement, absl::string_view why);
  // Adds a remark for the reader of the result, about something that was imported with a small
  // difference.
  void Note(absl::string_view text);

  const std::vector<Statement>& statements() const { return statements_; }
  const std::vector<std::string>& notes() const { return notes_; }
  size_t CountUnsaid() const;

 private:
  std::vector<Statement> statements_;
  std::vector<std::string> notes_;
};

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_REPORT_H_
