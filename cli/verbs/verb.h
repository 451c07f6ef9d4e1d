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

// How verbs declare what they take. CLI11 parses it; its header takes seconds to compile, so that
// only verb.cc and the few files that read the whole tree include it.

// An option or a positional argument of a verb: a handle that is passed by value. The verb owns
// what it refers to.
class Argument {
 public:
  explicit Argument(CLI::Option* option) : option_(option) {}

  // What --help and shell completion call its value. "a|b" lists all values that there are; FILE is
  // a path.
  Argument Type(const std::string& name) const;
  Argument Required() const;
  // The value that holds unless one is given, for --help.
  Argument Default(const std::string& text) const;
  // Refuses other values.
  Argument OneOf(const std::vector<std::string>& values) const;
  // For a list: one value each time that the option is given, so that none swallows what follows.
  Argument OneAtATime() const;
  // For a list: one value may hold several, with commas between them.
  Argument CommaSeparated() const;
  Argument Excludes(Argument other) const;
  Argument Needs(Argument other) const;

 private:
  CLI::Option* option_;
};

// A verb, a group of verbs, or the program: a handle that is passed by value. What its arguments
// fill in, and what its callbacks refer to, must outlive the parsing.
class Verb {
 public:
  explicit Verb(CLI::App* app) : app_(app) {}

  // `names` is "-f,--file" for an option, "NAME" for a positional argument.
  Argument Add(const std::string& names, std::string& value, const std::string& description) const;
  Argument Add(const std::string& names, std::vector<std::string>& values,
               const std::string& description) const;
  Argument Add(const std::string& names, std::function<void(const std::string&)> take,
               const std::string& description) const;
  Argument AddList(const std::string& names,
                   std::function<void(const std::vector<std::string>&)> take,
                   const std::string& description) const;
  // A number from `least` to `most`; others are refused.
  Argument AddNumber(const std::string& names, uint32_t& value, uint32_t least, uint32_t most,
                     const std::string& description) const;
  Argument AddNumber(const std::string& names, std::function<void(uint32_t)> take, uint32_t least,
                     uint32_t most, const std::string& description) const;
  Argument AddFlag(const std::string& names, bool& given, const std::string& description) const;

  // Called when a command line that gives this verb was parsed; may refuse it with RefuseUsage.
  void WhenGiven(std::function<void()> then) const;

  // Lets one of the verbs below follow, or none: it is a verb by itself too.
  void MayBeFollowed() const;
  // In a callback: whether one of the verbs below follows, and which of its own options were given.
  bool IsFollowed() const;
  std::vector<std::string> GivenOptions() const;

  CLI::App& app() const { return *app_; }

 private:
  CLI::App* app_;
};

// The description is a line for the list of verbs, an empty line, and a text for the verb's page;
// `examples` has one a line.
Verb AddVerb(Verb parent, const std::string& name, const std::string& description,
             const std::string& examples);

// A group of verbs: one of them must follow.
Verb AddNoun(Verb parent, const std::string& name, const std::string& description);

// For use in callbacks: end the parsing as wrong usage of an argument, or for the lack of one.
[[noreturn]] void RefuseUsage(const std::string& argument, absl::string_view why);
[[noreturn]] void RefuseMissing(const std::string& argument);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_VERB_H_
