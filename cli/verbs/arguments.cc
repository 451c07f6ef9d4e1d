// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/arguments.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/input/duration.h"

namespace firebreak::cli {

Argument AddDuration(Verb verb, const std::string& name, absl::Duration& value,
                     absl::Duration least, absl::Duration most, const std::string& description) {
  const auto set = [&value, name, least, most](const std::string& text) {
    const absl::StatusOr<absl::Duration> parsed = ParseDuration(text);
    if (!parsed.ok()) RefuseUsage(name, parsed.status().message());
    if (*parsed < least || *parsed > most) {
      RefuseUsage(name, absl::StrCat("at least ", absl::FormatDuration(least), ", at most ",
                                     absl::FormatDuration(most)));
    }
    value = *parsed;
  };
  return verb.Add(name, set, description).Type("DURATION").Default(absl::FormatDuration(value));
}

void AddTarget(Verb verb, TargetOptions& target) {
  const Argument host = verb.Add("--host", target.host, "the host concerned; or").Type("HOST");
  const Argument group = verb.Add("--group", target.group, "the group of hosts concerned")
                             .Type("GROUP")
                             .Excludes(host);
  host.Excludes(group);
  verb.Add("--interface", target.interface, "only this network interface of theirs").Type("IF");
}

void AddOverride(Verb verb, std::string& reason) {
  verb.Add(
          "--override",
          [&reason](const std::string& given) {
            if (given.empty()) RefuseUsage("--override", "needs a reason");
            reason = given;
          },
          "make the change even if it breaks invariants; the reason and what is broken go into "
          "the audit trail")
      .Type("REASON");
}

void RequireTarget(const TargetOptions& target) {
  if (target.host.empty() && target.group.empty()) {
    RefuseMissing("--host or --group");
  }
}

Argument AddRevisionNumber(Verb verb, const std::string& names, uint64_t& number,
                           const std::string& description) {
  const auto set = [&number, names](const std::string& text) {
    if (!absl::SimpleAtoi(text, &number) || number == 0) {
      RefuseUsage(names, "not the number of a revision; see `firebreak revisions`");
    }
  };
  return verb.Add(names, set, description).Type("N");
}

void AddIfRevision(Verb verb, uint64_t& number) {
  AddRevisionNumber(verb, "--if-revision", number,
                    "only if this is the newest revision, so that nobody's change is lost");
}

Argument AddFiles(Verb verb, std::vector<std::string>& files) {
  return verb
      .Add("-f,--file", files,
           "YAML or JSON; - is the standard input, a directory its *.yaml, *.yml, *.json")
      .Type("FILE");
}

void AddResource(Verb verb, ResourceArguments& resource, bool one) {
  std::string kinds = absl::StrJoin(ResourceKinds(), "|");
  if (!one) absl::StrAppend(&kinds, "|all");
  verb.Add("KIND", resource.kind, "the kind of resource, singular or plural")
      .Type(kinds)
      .Required();
  verb.Add("NAME", resource.name,
           one ? "the name of the resource"
               : "the name of the resource; all resources of the kind if left out");
}

ResourceName ResolveResource(const ResourceArguments& resource, bool one) {
  absl::StatusOr<ResourceName> parsed = ParseResourceName(resource.kind, resource.name);
  if (!parsed.ok()) RefuseUsage("KIND", parsed.status().message());
  if (one && parsed->name.empty()) RefuseMissing("NAME");
  return *std::move(parsed);
}

}  // namespace firebreak::cli
