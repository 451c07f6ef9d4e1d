// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_ARGUMENTS_H_
#define FIREBREAK_CLI_VERBS_ARGUMENTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "cli/input/resource_name.h"
#include "cli/verbs/verb.h"

namespace firebreak::cli {

// Arguments that several verbs take. The variables that they fill in must outlive the parsing.

// Adds a duration from `least` to `most`; the help names the range after `description`.
Argument AddDuration(Verb verb, const std::string& name, absl::Duration& value,
                     absl::Duration least, absl::Duration most, const std::string& description);

struct TargetOptions {
  std::string host;
  std::string group;
  std::string interface;
};
// Adds --host and --group, of which at most one may be given, and --interface.
void AddTarget(Verb verb, TargetOptions& target);
// Must be called in the verb's callback. Refuses a target without --host and --group.
void RequireTarget(const TargetOptions& target);

// Adds a revision's number, from 1 on.
Argument AddRevisionNumber(Verb verb, const std::string& names, uint64_t& number,
                           const std::string& description);
// Adds --if-revision; `number` is 0 if it is not given.
void AddIfRevision(Verb verb, uint64_t& number);

// Adds --override REASON; `reason` is empty if it is not given.
void AddOverride(Verb verb, std::string& reason);

// Adds -f. Not required unless the caller says so.
Argument AddFiles(Verb verb, std::vector<std::string>& files);

struct ResourceArguments {
  std::string kind;
  std::string name;
};
// Adds KIND NAME. Without `one`, NAME may be missing and KIND may be `all`.
void AddResource(Verb verb, ResourceArguments& resource, bool one);
// Must be called in the verb's callback. Returns what the arguments name, or refuses them.
ResourceName ResolveResource(const ResourceArguments& resource, bool one);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_ARGUMENTS_H_
