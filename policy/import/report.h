// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_REPORT_H_
#define FIREBREAK_POLICY_IMPORT_REPORT_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firebreak::importer {

// A rule or a setting as it stands in the configuration, and what became of it.
struct Statement {
  std::string file;
  int line = 0;
  std::string text;
  // Why it cannot be said, or not in full; empty: it is said, or holds without being said.
  std::string unsaid;
};

// The place of rules that nobody wrote, of which nothing is reported.
inline constexpr size_t kNoStatement = static_cast<size_t>(-1);

// The statements of a configuration, in the order in which they were read. Rules refer to them by
// their places.
class Report {
 public:
  size_t Add(absl::string_view file, int line, absl::string_view text);
  // The first reason for a statement is the one that is kept.
  void CannotSay(size_t statement, absl::string_view why);
  // What is said, but comes out a little different; for whoever reads the result.
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
