#include "cli/verbs/arguments.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/input/duration.h"

namespace firebreak::cli {

void RefuseUsage(const std::string& argument, absl::string_view why) {
  throw CLI::ValidationError(argument, std::string(why));
}

CLI::App* AddVerb(CLI::App& parent, const std::string& name, const std::string& description,
                  const std::string& examples) {
  return parent.add_subcommand(name, description)->footer(examples);
}

CLI::App* AddNoun(CLI::App& root, const std::string& name, const std::string& description) {
  return root.add_subcommand(name, description)->require_subcommand(1);
}

CLI::Option* AddDuration(CLI::App& verb, const std::string& name, absl::Duration& value,
                         absl::Duration least, absl::Duration most,
                         const std::string& description) {
  const auto set = [&value, name, least, most](const std::string& text) {
    const absl::StatusOr<absl::Duration> parsed = ParseDuration(text);
    if (!parsed.ok()) RefuseUsage(name, parsed.status().message());
    if (*parsed < least || *parsed > most) {
      RefuseUsage(name, absl::StrCat("at least ", absl::FormatDuration(least), ", at most ",
                                     absl::FormatDuration(most)));
    }
    value = *parsed;
  };
  return verb.add_option_function<std::string>(name, set, description)
      ->type_name("DURATION")
      ->default_str(absl::FormatDuration(value));
}

void AddTarget(CLI::App& verb, TargetOptions& target) {
  CLI::Option* host =
      verb.add_option("--host", target.host, "the host concerned; or")->type_name("HOST");
  CLI::Option* group = verb.add_option("--group", target.group, "the group of hosts concerned")
                           ->type_name("GROUP")
                           ->excludes(host);
  host->excludes(group);
  verb.add_option("--interface", target.interface, "only this network interface of theirs")
      ->type_name("IF");
}

void RequireTarget(const TargetOptions& target) {
  if (target.host.empty() && target.group.empty()) {
    throw CLI::RequiredError("--host or --group");
  }
}

void AddFiles(CLI::App& verb, std::vector<std::string>& files) {
  verb.add_option("-f,--file", files,
                  "YAML or JSON; - is the standard input, a directory its *.yaml, *.yml, *.json")
      ->type_name("FILE")
      ->required();
}

void AddResource(CLI::App& verb, ResourceArguments& resource, bool one) {
  verb.add_option("KIND", resource.kind, "what kind of resource; singular or plural")
      ->type_name(one ? "group|location|policy|service" : "group|location|policy|service|all")
      ->required();
  verb.add_option("NAME", resource.name, "its name");
}

ResourceName ResolveResource(const ResourceArguments& resource, bool one) {
  absl::StatusOr<ResourceName> parsed = ParseResourceName(resource.kind, resource.name);
  if (!parsed.ok()) RefuseUsage("KIND", parsed.status().message());
  if (one && parsed->name.empty()) throw CLI::RequiredError("NAME");
  return *std::move(parsed);
}

}  // namespace firebreak::cli
