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

// Arguments that several verbs take. What they fill in outlives the parsing.

// At least `least`, at most `most`.
Argument AddDuration(Verb verb, const std::string& name, absl::Duration& value,
                     absl::Duration least, absl::Duration most, const std::string& description);

struct TargetOptions {
  std::string host;
  std::string group;
  std::string interface;
};
// --host and --group, at most one of them, and --interface.
void AddTarget(Verb verb, TargetOptions& target);
// In the verb's callback: refuses a target that is neither.
void RequireTarget(const TargetOptions& target);

// A revision's number, from 1 on.
Argument AddRevisionNumber(Verb verb, const std::string& names, uint64_t& number,
                           const std::string& description);
// --if-revision; 0: not given.
void AddIfRevision(Verb verb, uint64_t& number);

// --override REASON; empty: not given.
void AddOverride(Verb verb, std::string& reason);

// Not required, unless the caller says so.
Argument AddFiles(Verb verb, std::vector<std::string>& files);

struct ResourceArguments {
  std::string kind;
  std::string name;
};
// KIND NAME; without `one`, NAME may be left out and KIND be `all`.
void AddResource(Verb verb, ResourceArguments& resource, bool one);
// In the verb's callback: what they mean, or a refusal.
ResourceName ResolveResource(const ResourceArguments& resource, bool one);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_ARGUMENTS_H_
