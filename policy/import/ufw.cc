// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status/status.h"
#include "policy/import/import.h"
#include "policy/import/iptables.h"

namespace firebreak::importer {
namespace {

// ufw keeps its rules in files for iptables-restore. The chains that call these rules are made when
// ufw starts (ufw-init-functions of ufw 0.36), so they are made here as well.
struct Way {
  absl::string_view chain;    // ufw's name
  absl::string_view builtin;  // the name in iptables
  absl::string_view setting;  // the key of /etc/default/ufw
};
constexpr Way kWays[] = {{"input", "INPUT", "DEFAULT_INPUT_POLICY"},
                         {"forward", "FORWARD", "DEFAULT_FORWARD_POLICY"},
                         {"output", "OUTPUT", "DEFAULT_OUTPUT_POLICY"}};

std::map<std::string, std::string> ReadSettings(absl::string_view text) {
  std::map<std::string, std::string> settings;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    line = absl::StripAsciiWhitespace(line);
    const size_t equals = line.find('=');
    if (line.empty() || line[0] == '#' || equals == absl::string_view::npos) continue;
    absl::string_view value = absl::StripAsciiWhitespace(line.substr(equals + 1));
    if (value.size() >= 2 && (value[0] == '"' || value[0] == '\'')) {
      value = value.substr(1, value.size() - 2);
    }
    settings[std::string(line.substr(0, equals))] = std::string(value);
  }
  return settings;
}

// Returns the rules that call ufw's chains from iptables' own.
std::string Frame(const std::map<std::string, std::string>& settings, const std::string& prefix) {
  std::string text = "*filter\n";
  absl::StrAppend(&text, ":", prefix, "logging-deny - [0:0]\n:", prefix, "logging-allow - [0:0]\n");
  for (const Way& way : kWays) {
    const auto found = settings.find(std::string(way.setting));
    const std::string policy = found == settings.end() ? "DROP" : found->second;
    absl::StrAppend(&text, ":", way.builtin, " ", policy == "ACCEPT" ? "ACCEPT" : "DROP",
                    " [0:0]\n");
    for (const char* part : {"before-logging-", "before-", "after-", "after-logging-", "reject-",
                             "track-", "skip-to-policy-", "user-logging-"}) {
      absl::StrAppend(&text, ":", prefix, part, way.chain, " - [0:0]\n");
    }
    for (const char* part :
         {"before-logging-", "before-", "after-", "after-logging-", "reject-", "track-"}) {
      absl::StrAppend(&text, "-A ", way.builtin, " -j ", prefix, part, way.chain, "\n");
    }
    const char* const target = policy == "ACCEPT"   ? "ACCEPT"
                               : policy == "REJECT" ? "REJECT"
                                                    : "DROP";
    absl::StrAppend(&text, "-A ", prefix, "skip-to-policy-", way.chain, " -j ", target, "\n");
    if (policy == "REJECT") {
      absl::StrAppend(&text, "-A ", prefix, "reject-", way.chain, " -j REJECT\n");
    }
  }
  return absl::StrCat(text, "COMMIT\n");
}

// Merges tables of the same name, because iptables-restore -n adds to existing tables.
void JoinTables(Ruleset from, Ruleset& to) {
  for (Table& table : from.tables) {
    const auto same = std::find_if(to.tables.begin(), to.tables.end(),
                                   [&](const Table& one) { return one.name == table.name; });
    if (same == to.tables.end()) {
      to.tables.push_back(std::move(table));
      continue;
    }
    for (auto& [name, chain] : table.chains) {
      Chain& whole = same->chains[name];
      if (!whole.base.has_value()) whole.base = chain.base;
      std::move(chain.rules.begin(), chain.rules.end(), std::back_inserter(whole.rules));
    }
  }
}

}  // namespace

absl::StatusOr<Imported> ImportUfw(const std::map<std::string, SourceText>& files,
                                   const Naming& naming) {
  Imported imported;
  std::map<std::string, std::string> settings;
  for (const char* name : {"default", "ufw.conf"}) {
    const auto found = files.find(name);
    if (found == files.end()) continue;
    RETURN_IF_ERROR(CheckSource(found->second));
    for (auto& [key, value] : ReadSettings(found->second.text)) settings[key] = value;
  }
  if (!settings.contains("DEFAULT_INPUT_POLICY")) {
    return absl::InvalidArgumentError(
        "the default policies are not known: /etc/default/ufw is missing, or does not say "
        "DEFAULT_INPUT_POLICY");
  }
  if (settings["ENABLED"] == "no") {
    imported.report.Note("ufw is not enabled: this is what it would do");
  }
  const bool ipv6 = absl::AsciiStrToLower(settings["IPV6"]) != "no";
  Ruleset ruleset;
  for (const bool v6 : {false, true}) {
    if (v6 && !ipv6) {
      imported.report.Note("ufw does not look after IPv6 here (IPV6=no)");
      continue;
    }
    const std::string prefix = v6 ? "ufw6-" : "ufw-";
    Report unused;
    Ruleset family;
    Ruleset frame;
    RETURN_IF_ERROR(ReadIptables({"ufw", Frame(settings, prefix)}, v6, frame, unused));
    for (auto& [name, chain] : frame.tables.front().chains) {
      for (Rule& rule : chain.rules) rule.statement = kNoStatement;
    }
    JoinTables(std::move(frame), family);
    // The user's rules are read after the first file.
    bool any = false;
    for (const char* name : {"before", "user", "after"}) {
      const auto found = files.find(absl::StrCat(name, v6 ? "6.rules" : ".rules"));
      if (found == files.end()) continue;
      any = true;
      RETURN_IF_ERROR(CheckSource(found->second));
      Ruleset part;
      RETURN_IF_ERROR(ReadIptables(found->second, v6, part, imported.report));
      JoinTables(std::move(part), family);
    }
    if (!any) {
      return absl::InvalidArgumentError(
          absl::StrCat("there is no ", v6 ? "user6.rules" : "user.rules", ": is this /etc/ufw?"));
    }
    // The chains of user rules are called at the end of the chains of the first file.
    Table& filter = family.tables.front();
    for (const Way& way : kWays) {
      Rule jump;
      jump.statement = kNoStatement;
      jump.verdict = Verdict::kJump;
      jump.target = absl::StrCat(prefix, "user-", way.chain);
      if (v6) {
        jump.match.DropV4();
      } else {
        jump.match.DropV6();
      }
      if (filter.chains.contains(jump.target)) {
        filter.chains[absl::StrCat(prefix, "before-", way.chain)].rules.push_back(jump);
      }
    }
    for (Table& table : family.tables) ruleset.tables.push_back(std::move(table));
  }
  ASSIGN_OR_RETURN(imported.resources, BuildPolicies(ruleset, naming, imported.report));
  return imported;
}

}  // namespace firebreak::importer
