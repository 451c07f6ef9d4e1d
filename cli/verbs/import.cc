// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status/status.h"
#include "cli/import/gather.h"
#include "cli/verbs/command.h"

namespace firebreak::cli {
namespace {

struct Arguments {
  std::string kind;
  std::vector<std::string> paths;
  std::string name = "imported";
  std::string group;
};

// The policy is for this host by default. A policy for the whole fleet must be asked for.
std::string ThisHost() {
  char name[256] = {};
  if (gethostname(name, sizeof name - 1) != 0) return "host:localhost";
  return absl::StrCat("host:", absl::AsciiStrToLower(name));
}

absl::Status Import(Invocation& invocation, const Arguments& arguments) {
  const std::string from =
      arguments.paths.empty() ? "" : absl::StrCat(" of ", absl::StrJoin(arguments.paths, ", "));
  const importer::Naming naming = {
      .name = arguments.name,
      .group = arguments.group.empty() ? ThisHost() : arguments.group,
      .description = absl::StrCat("imported from ", arguments.kind, from)};
  ASSIGN_OR_RETURN(const importer::Imported imported,
                   GatherAndImport(arguments.kind, arguments.paths, naming));
  invocation.out() << importer::Render(imported);
  const size_t unsaid = imported.report.CountUnsaid();
  if (unsaid == 0) return absl::OkStatus();
  invocation.err() << "firebreak: " << unsaid << " of " << imported.report.statements().size()
                   << " statements cannot be expressed, or only in part; the comments say which\n";
  invocation.EndWith(ExitStatus::kFailed);
  return absl::OkStatus();
}

}  // namespace

void AddImportVerb(Verb root, Command& command) {
  const Verb verb = AddVerb(
      root, "import",
      "Print another firewall's rules as a policy.\n\n"
      "Reads the rules of another firewall and prints a policy for Firebreak. Without PATH, the "
      "rules are those of this host: for iptables and nft the running rules, which needs root; for "
      "ufw and firewalld their files. PATH is a file written by iptables-save, a file for `nft "
      "-f`, or a directory in place of /etc/ufw or /etc/firewalld; - is standard input. Changes "
      "nothing. A rule that a policy cannot express is printed as a comment with the reason, and "
      "the exit status is then 1. docs/import.md describes the differences.",
      "firebreak import ufw > policy.yaml\n"
      "firebreak import nft /etc/nftables.conf --group web\n"
      "firebreak import iptables rules.v4 rules.v6 | firebreak plan -f -");
  const auto arguments = std::make_shared<Arguments>();
  verb.Add("KIND", arguments->kind, "the other firewall")
      .Type("ufw|firewalld|iptables|nft")
      .OneOf({"ufw", "firewalld", "iptables", "nft"})
      .Required();
  verb.Add("PATH", arguments->paths, "the file or directory to read instead of this host's rules")
      .Type("FILE");
  verb.Add("--name", arguments->name, "the name of the policy").Type("NAME").Default("imported");
  verb.Add("--group", arguments->group, "the group that the policy is for; default: this host only")
      .Type("GROUP");
  verb.WhenGiven([&command, arguments] {
    command.run = [arguments](Invocation& invocation) { return Import(invocation, *arguments); };
  });
}

}  // namespace firebreak::cli
