// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_VERB_H_
#define FIREBREAK_CLI_VERBS_VERB_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace firebreak::cli {

// These classes let verbs declare their arguments without the header of CLI11, which parses them
// and takes seconds to compile. Only verb.cc and the few files that read the whole tree include
// that header.

// A handle to an option or a positional argument of a verb, passed by value. The verb owns the
// argument.
class Argument {
 public:
  explicit Argument(CLI::Option* option) : option_(option) {}

  // Sets the name of the value for --help and shell completion. "a|b" lists all possible values;
  // FILE is a path.
  Argument Type(const std::string& name) const;
  Argument Required() const;
  // Sets the default value that --help shows.
  Argument Default(const std::string& text) const;
  // Refuses all other values.
  Argument OneOf(const std::vector<std::string>& values) const;
  // Makes a list take one value each time that the option is given, so that the option does not
  // swallow the arguments behind it.
  Argument OneAtATime() const;
  // Lets one value of a list contain several, separated by commas.
  Argument CommaSeparated() const;
  Argument Excludes(Argument other) const;
  Argument Needs(Argument other) const;

 private:
  CLI::Option* option_;
};

// A handle to a verb, a group of verbs, or the program, passed by value. The variables that its
// arguments fill in and that its callbacks use must outlive the parsing.
class Verb {
 public:
  explicit Verb(CLI::App* app) : app_(app) {}

  // `names` is, for example, "-f,--file" for an option and "NAME" for a positional argument.
  Argument Add(const std::string& names, std::string& value, const std::string& description) const;
  Argument Add(const std::string& names, std::vector<std::string>& values,
               const std::string& description) const;
  Argument Add(const std::string& names, std::function<void(const std::string&)> take,
               const std::string& description) const;
  Argument AddList(const std::string& names,
                   std::function<void(const std::vector<std::string>&)> take,
                   const std::string& description) const;
  // Takes a number from `least` to `most`; other values are refused.
  Argument AddNumber(const std::string& names, uint32_t& value, uint32_t least, uint32_t most,
                     const std::string& description) const;
  Argument AddNumber(const std::string& names, std::function<void(uint32_t)> take, uint32_t least,
                     uint32_t most, const std::string& description) const;
  Argument AddFlag(const std::string& names, bool& given, const std::string& description) const;

  // Sets a callback that runs when a command line with this verb has been parsed; the callback may
  // refuse the line with RefuseUsage.
  void WhenGiven(std::function<void()> then) const;

  // Makes this group a verb too: one of the verbs below it may follow, but need not.
  void MayBeFollowed() const;
  // Return, in a callback, whether one of the verbs below follows, and which options of this verb
  // were given.
  bool IsFollowed() const;
  std::vector<std::string> GivenOptions() const;

  CLI::App& app() const { return *app_; }

 private:
  CLI::App* app_;
};

// The description consists of a line for the list of verbs, an empty line, and a text for the
// verb's page; `examples` has one example on each line.
Verb AddVerb(Verb parent, const std::string& name, const std::string& description,
             const std::string& examples);

// Adds a group of verbs, one of which must follow.
Verb AddNoun(Verb parent, const std::string& name, const std::string& description);

// End the parsing in a callback, because an argument is wrong, or because it is missing.
[[noreturn]] void RefuseUsage(const std::string& argument, absl::string_view why);
[[noreturn]] void RefuseMissing(const std::string& argument);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_VERB_H_
