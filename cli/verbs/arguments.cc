// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/arguments.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/input/duration.h"

namespace firebreak::cli {

namespace {

// Writes whole days as days, because FormatDuration knows no unit above the hour.
std::string DurationText(absl::Duration duration) {
  constexpr absl::Duration kDay = absl::Hours(24);
  if (duration >= kDay && absl::Trunc(duration, kDay) == duration) {
    return absl::StrCat(duration / kDay, "d");
  }
  return absl::FormatDuration(duration);
}

}  // namespace

Argument AddDuration(Verb verb, const std::string& name, absl::Duration& value,
                     absl::Duration least, absl::Duration most, const std::string& description) {
  const std::string range = absl::StrCat(DurationText(least), " to ", DurationText(most));
  const auto set = [&value, name, least, most, range](const std::string& text) {
    const absl::StatusOr<absl::Duration> parsed = ParseDuration(text);
    if (!parsed.ok()) RefuseUsage(name, parsed.status().message());
    if (*parsed < least || *parsed > most) {
      RefuseUsage(name, absl::StrCat("the range is ", range));
    }
    value = *parsed;
  };
  return verb.Add(name, set, absl::StrCat(description, "; ", range))
      .Type("DURATION")
      .Default(DurationText(value));
}

void AddTarget(Verb verb, TargetOptions& target) {
  const Argument host = verb.Add("--host", target.host, "the host").Type("HOST");
  const Argument group =
      verb.Add("--group", target.group, "the group of hosts").Type("GROUP").Excludes(host);
  host.Excludes(group);
  verb.Add("--interface", target.interface,
           "only this network interface of the host, or of each host of the group")
      .Type("IF");
}

void AddOverride(Verb verb, std::string& reason) {
  verb.Add(
          "--override",
          [&reason](const std::string& given) {
            if (given.empty()) RefuseUsage("--override", "needs a reason");
            reason = given;
          },
          "make the change even if it breaks invariants; REASON and the broken invariants are "
          "recorded in the audit trail")
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
      RefuseUsage(names, "is not the number of a revision; see `firebreak revisions`");
    }
  };
  return verb.Add(names, set, description).Type("N");
}

void AddIfRevision(Verb verb, uint64_t& number) {
  AddRevisionNumber(
      verb, "--if-revision", number,
      "make the change only if N is the newest revision, so that no other change is overwritten");
}

Argument AddFiles(Verb verb, std::vector<std::string>& files) {
  return verb
      .Add("-f,--file", files,
           "a YAML or JSON file; - is standard input; of a directory, the files *.yaml, *.yml and "
           "*.json")
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
