// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_HELP_H_
#define FIREBREAK_CLI_HELP_H_

#include <string>

#include "CLI/CLI.hpp"

namespace firebreak::cli {

// Formats the help of a program, a group of verbs or a verb as a page in the manner of man(1). See
// cli/verbs/verb.h for the parts of descriptions and footers.
class HelpFormatter : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_HELP_H_
