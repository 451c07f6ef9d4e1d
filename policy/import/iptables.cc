// SPDX-License-Identifier: Apache-2.0
#include "policy/import/iptables.h"

#include <map>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status/status.h"
#include "base/text/utf8.h"
#include "policy/import/iptables_rule.h"
#include "policy/import/review.h"
#include "policy/import/words.h"
#include "policy/resources/names.h"

namespace firebreak::importer {
namespace {

// Hooks and priorities of the built-in chains (include/uapi/linux/netfilter_ipv4.h).
struct BuiltIn {
  absl::string_view table, chain;
  Hook hook;
  int priority;
};
constexpr BuiltIn kBuiltIn[] = {
    {"raw", "PREROUTING", Hook::kPrerouting, -300},
    {"mangle", "PREROUTING", Hook::kPrerouting, -150},
    {"nat", "PREROUTING", Hook::kPrerouting, -100},
    {"mangle", "INPUT", Hook::kInput, -150},
    {"filter", "INPUT", Hook::kInput, 0},
    {"security", "INPUT", Hook::kInput, 50},
    {"nat", "INPUT", Hook::kInput, 100},
    {"mangle", "FORWARD", Hook::kForward, -150},
    {"filter", "FORWARD", Hook::kForward, 0},
    {"security", "FORWARD", Hook::kForward, 50},
    {"raw", "OUTPUT", Hook::kOutput, -300},
    {"mangle", "OUTPUT", Hook::kOutput, -150},
    {"nat", "OUTPUT", Hook::kOutput, -100},
    {"filter", "OUTPUT", Hook::kOutput, 0},
    {"security", "OUTPUT", Hook::kOutput, 50},
    {"mangle", "POSTROUTING", Hook::kPostrouting, -150},
    {"nat", "POSTROUTING", Hook::kPostrouting, 100},
};

class Reader {
 public:
  Reader(const SourceText& source, bool v6, Ruleset& ruleset, Report& report)
      : source_(source), v6_(v6), ruleset_(ruleset), report_(report) {}

  absl::Status Read() {
    for (const absl::string_view raw : absl::StrSplit(source_.text, '\n')) {
      ++line_;
      absl::string_view line = absl::StripAsciiWhitespace(raw);
      if (absl::ConsumePrefix(&line, "### tuple ###")) {
        NoteTuple(line);
        continue;
      }
      if (absl::StartsWith(line, "### ")) description_.clear();
      if (line.empty() || line[0] == '#') continue;
      RETURN_IF_ERROR(ReadLine(line));
    }
    if (!table_.empty()) {
      return Wrong(absl::StrCat("the file is cut off: table ", table_, " has no COMMIT"));
    }
    if (!any_) return Wrong("there is no table in it; is it the output of iptables-save?");
    return absl::OkStatus();
  }

 private:
  absl::Status Wrong(absl::string_view why) const {
    return absl::InvalidArgumentError(absl::StrCat(source_.name, ":", line_, ": ", why));
  }

  absl::Status ReadLine(absl::string_view line) {
    if (line[0] == '*') {
      if (!table_.empty()) return Wrong(absl::StrCat("table ", table_, " has no COMMIT"));
      table_ = std::string(absl::StripAsciiWhitespace(line.substr(1)));
      chains_.clear();
      any_ = true;
      return absl::OkStatus();
    }
    if (table_.empty()) {
      return Wrong(absl::StrCat(policy::Quoted(line),
                                " is in no table; is it the output of "
                                "iptables-save?"));
    }
    if (line == "COMMIT") {
      Table table = {
          .v4 = !v6_, .v6 = v6_, .chains = std::move(chains_), .name = std::move(table_)};
      ruleset_.tables.push_back(std::move(table));
      chains_.clear();
      table_.clear();
      return absl::OkStatus();
    }
    if (line[0] == ':') return ReadChain(line.substr(1));
    // The line may begin with counters, which iptables-save -c writes.
    if (line[0] == '[') {
      const size_t end = line.find(']');
      line = end == absl::string_view::npos ? "" : absl::StripAsciiWhitespace(line.substr(end + 1));
    }
    const auto words = SplitWords(line);
    if (!words.ok()) return Wrong(words.status().message());
    return ReadCommand(*words, line);
  }

  absl::Status ReadChain(absl::string_view text) {
    const std::vector<std::string> words =
        absl::StrSplit(text, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    if (words.size() < 2) return Wrong("a chain has a name and a policy");
    Chain& chain = chains_[words[0]];
    for (const BuiltIn& one : kBuiltIn) {
      if (one.table != table_ || one.chain != words[0]) continue;
      chain.base = {.hook = one.hook,
                    .priority = one.priority,
                    .nat = table_ == "nat",
                    .policy = words[1] == "DROP" ? Verdict::kDrop : Verdict::kAccept};
    }
    return absl::OkStatus();
  }

  absl::Status ReadCommand(std::span<const std::string> words, absl::string_view line) {
    const std::string command = words.empty() ? "" : words[0];
    if (command == "-N" || command == "-F" || command == "-X" || command == "-Z") {
      if (command == "-N" && words.size() > 1) chains_[words[1]];
      return absl::OkStatus();
    }
    const bool insert = command == "-I";
    if ((command != "-A" && !insert) || words.size() < 2) {
      return Wrong(absl::StrCat(policy::Quoted(line), " is no line of iptables-save"));
    }
    const std::string& name = words[1];
    const auto chain = chains_.find(name);
    if (chain == chains_.end()) return Wrong(absl::StrCat("there is no chain ", name));
    words = words.subspan(2);
    size_t place = insert ? 0 : chain->second.rules.size();
    if (insert && !words.empty() && words[0].find_first_not_of("0123456789") == std::string::npos) {
      words = words.subspan(1);
    }
    const size_t statement = report_.Add(source_.name, line_, line);
    std::vector<std::string> notes;
    absl::StatusOr<std::vector<Rule>> rules = ReadIptablesRule(words, v6_, notes);
    for (const std::string& note : notes) report_.Note(note);
    if (!rules.ok()) {
      report_.CannotSay(statement, rules.status().message());
      return absl::OkStatus();
    }
    for (Rule& rule : *rules) {
      rule.statement = statement;
      if (rule.description.empty()) rule.description = description_;
      if (const std::string why = ObjectionTo(rule); !why.empty())
        report_.CannotSay(statement, why);
      chain->second.rules.insert(chain->second.rules.begin() + static_cast<ptrdiff_t>(place++),
                                 std::move(rule));
    }
    return absl::OkStatus();
  }

  // Reads ufw's comment line, such as "allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in comment=486921". The
  // comment is in hexadecimal digits.
  void NoteTuple(absl::string_view line) {
    description_.clear();
    const size_t at = line.find("comment=");
    if (at == absl::string_view::npos) return;
    const absl::string_view digits = absl::StripAsciiWhitespace(line.substr(at + 8));
    if (digits.size() % 2 != 0 || digits.size() > 1000) return;
    for (const char digit : digits) {
      if (!absl::ascii_isxdigit(static_cast<unsigned char>(digit))) return;
    }
    const std::string text = absl::HexStringToBytes(digits);
    if (FindInvalidUtf8(text) == absl::string_view::npos) description_ = text;
  }

  const SourceText& source_;
  const bool v6_;
  Ruleset& ruleset_;
  Report& report_;
  int line_ = 0;
  bool any_ = false;
  std::string table_;  // empty between tables
  std::map<std::string, Chain> chains_;
  std::string description_;  // of ufw's comment line, for the rules that follow it
};

}  // namespace

bool IsOfIpv6(const SourceText& source) {
  const size_t slash = source.name.rfind('/');
  const absl::string_view file =
      absl::string_view(source.name).substr(slash == std::string::npos ? 0 : slash + 1);
  if (absl::StrContains(file, "v6") || absl::StrContains(file, "ip6") ||
      absl::StrContains(file, "6.rules")) {
    return true;
  }
  return absl::StrContains(source.text, "ipv6-icmp") || absl::StrContains(source.text, "icmp6-") ||
         absl::StrContains(source.text, "icmpv6") || absl::StrContains(source.text, "-s fe80:");
}

absl::Status ReadIptables(const SourceText& source, bool v6, Ruleset& ruleset, Report& report) {
  return Reader(source, v6, ruleset, report).Read();
}

}  // namespace firebreak::importer
