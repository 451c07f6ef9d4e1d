#ifndef FIREBREAK_CLI_VERBS_ARGUMENTS_H_
#define FIREBREAK_CLI_VERBS_ARGUMENTS_H_

#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/time/time.h"
#include "cli/input/resource_name.h"

namespace firebreak::cli {

// Arguments that several verbs take. What they fill in outlives the parsing. A type name with "|"
// in it lists all values that there are; FILE is a path: shell completion reads both.

CLI::App* AddVerb(CLI::App& parent, const std::string& name, const std::string& description,
                  const std::string& examples);

// A group of verbs: one of them must follow.
CLI::App* AddNoun(CLI::App& root, const std::string& name, const std::string& description);

// At least `least`, at most `most`.
CLI::Option* AddDuration(CLI::App& verb, const std::string& name, absl::Duration& value,
                         absl::Duration least, absl::Duration most, const std::string& description);

struct TargetOptions {
  std::string host;
  std::string group;
  std::string interface;
};
// --host and --group, at most one of them, and --interface.
void AddTarget(CLI::App& verb, TargetOptions& target);
// In the verb's callback: refuses a target that is neither.
void RequireTarget(const TargetOptions& target);

void AddFiles(CLI::App& verb, std::vector<std::string>& files);

struct ResourceArguments {
  std::string kind;
  std::string name;
};
// KIND NAME; without `one`, NAME may be left out and KIND be `all`.
void AddResource(CLI::App& verb, ResourceArguments& resource, bool one);
// In the verb's callback: what they mean, or a refusal.
ResourceName ResolveResource(const ResourceArguments& resource, bool one);

// Throws what CLI11 takes for wrong usage of `argument`, for use inside its callbacks.
[[noreturn]] void RefuseUsage(const std::string& argument, absl::string_view why);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_ARGUMENTS_H_
