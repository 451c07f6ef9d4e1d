// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status/status.h"
#include "cli/reference/page.h"
#include "cli/reference/reference.h"
#include "cli/verbs/command.h"

namespace firebreak::cli {
namespace {

// Returns the verb that all of `words` lead to, or null.
const CLI::App* FindVerb(const CLI::App& root, const std::vector<std::string>& words) {
  const CLI::App* found = &root;
  for (const std::string& word : words) {
    const auto below =
        found->get_subcommands([&](const CLI::App* one) { return one->get_name() == word; });
    if (below.empty()) return nullptr;
    found = below.front();
  }
  return found;
}

// App::help() is not used, because it would show the parsed verb, which is `help` itself.
std::string PageOf(const CLI::App& app, const std::string& name) {
  return app.get_formatter()->make_help(&app, name, CLI::AppFormatMode::Normal);
}

absl::Status PrintHelp(Invocation& invocation, const CLI::App& root,
                       const std::vector<std::string>& topic) {
  const Reference& reference = Reference::Get();
  if (topic.empty()) {
    invocation.out() << PageOf(root, root.get_name()) << "\n" << PrintKinds(reference);
    return absl::OkStatus();
  }
  // `firebreak help policy.icmp` is about files, and `firebreak help host list` about verbs. No
  // verb has the name of a kind of resource.
  if (const CLI::App* verb = FindVerb(root, topic)) {
    invocation.out() << PageOf(*verb,
                               absl::StrCat(root.get_name(), " ", absl::StrJoin(topic, " ")));
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Topic found, reference.Find(absl::StrJoin(topic, ".")));
  invocation.out() << PrintTopic(found);
  return absl::OkStatus();
}

}  // namespace

void AddHelpVerb(Verb root, Command& command) {
  const Verb verb =
      AddVerb(root, "help",
              "Explain a verb, or a kind of resource and its fields.\n\n"
              "TOPIC is a verb, such as `host list`, or a kind, followed by fields separated by "
              "dots, such as `policy.port_mappings`. Without TOPIC, all verbs and kinds are "
              "listed. docs/policy.md has the same text about kinds and fields.",
              "firebreak help apply\n"
              "firebreak help policy\n"
              "firebreak help policy.port_mappings.from");
  const auto topic = std::make_shared<std::vector<std::string>>();
  verb.Add("TOPIC", *topic, "a verb, or a kind or a field of a resource");
  verb.WhenGiven([&command, root, topic] {
    command.run = [root, topic](Invocation& invocation) {
      return PrintHelp(invocation, root.app(), *topic);
    };
  });
}

}  // namespace firebreak::cli
