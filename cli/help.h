#ifndef FIREBREAK_CLI_HELP_H_
#define FIREBREAK_CLI_HELP_H_

#include <string>

#include "CLI/CLI.hpp"

namespace firebreak::cli {

// Makes of a program, a group of verbs or a verb a page in the manner of man(1). What descriptions
// and footers consist of is said in cli/verbs/verb.h.
class HelpFormatter : public CLI::FormatterBase {
 public:
  std::string make_help(const CLI::App* app, std::string name,
                        CLI::AppFormatMode mode) const override;
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_HELP_H_
