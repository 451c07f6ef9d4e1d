// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_STATEMENTS_STATEMENTS_H_
#define FIREBREAK_TESTS_STATEMENTS_STATEMENTS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace firebreak::statements {

// One statement of a configuration of another firewall, and how far a policy says it.
struct Statement {
  enum class Said {
    kInFull,
    kByItself,  // Firebreak does it whatever a policy says
    kInPart,
    kNotAtAll,
  };
  Said said = Said::kInFull;
  std::string text;
  std::string reason;  // of kInPart and kNotAtAll
};

// A configuration, statement by statement, with the resources that say it. The file begins with a
// comment that names the configuration. A statement is a comment that begins with "#>" (in full),
// "#=" (by itself), "#~" (in part) or "#!" (not at all); the reason is the comment behind it.
struct Translation {
  std::string file;   // its name alone
  std::string title;  // the first comment
  std::string text;
  std::vector<Statement> statements;
};

// Reads the files of the directory, by their names. An error names a file and a line.
absl::StatusOr<std::vector<Translation>> ReadTranslations(const std::string& directory);

// docs/coverage.md
std::string Document(const std::vector<Translation>& translations);

}  // namespace firebreak::statements

#endif  // FIREBREAK_TESTS_STATEMENTS_STATEMENTS_H_
