// SPDX-License-Identifier: Apache-2.0
#include "policy/import/firewalld_direct.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status/status.h"
#include "policy/import/iptables_rule.h"
#include "policy/import/review.h"
#include "policy/import/xml.h"

namespace firebreak::importer {
namespace {

struct Direct {
  int priority;
  const XmlElement* element;
};

Table& TableOf(bool v6, std::vector<Table>& tables) {
  for (Table& one : tables) {
    if (one.v6 == v6) return one;
  }
  return tables.emplace_back(Table{.v4 = !v6, .v6 = v6, .chains = {}});
}

void ReadOne(const XmlElement& element, size_t statement, std::vector<Table>& tables,
             Report& report) {
  const std::map<std::string, Hook> hooks = {
      {"INPUT", Hook::kInput}, {"FORWARD", Hook::kForward}, {"OUTPUT", Hook::kOutput}};
  const auto hook = hooks.find(element.Get("chain"));
  const bool v6 = element.Get("ipv") == "ipv6";
  if (element.name != "rule" || element.Get("table") != "filter" || hook == hooks.end()) {
    report.CannotSay(statement, "only direct rules of INPUT, FORWARD and OUTPUT are read");
    return;
  }
  const std::vector<std::string> words =
      absl::StrSplit(element.text, absl::ByAnyChar(" \t\n"), absl::SkipEmpty());
  std::vector<std::string> notes;
  auto rules = ReadIptablesRule(words, v6, notes);
  if (!rules.ok()) {
    report.CannotSay(statement, rules.status().message());
    return;
  }
  for (const std::string& note : notes) report.Note(note);
  Chain& chain = TableOf(v6, tables).chains[hook->first];
  chain.base = {hook->second, 0, false, Verdict::kAccept};
  for (Rule& rule : *rules) {
    rule.statement = statement;
    if (const std::string why = ObjectionTo(rule); !why.empty()) report.CannotSay(statement, why);
    chain.rules.push_back(std::move(rule));
  }
}

}  // namespace

absl::StatusOr<std::vector<Table>> ReadFirewalldDirect(
    const std::map<std::string, SourceText>& files, Report& report) {
  std::vector<Table> tables;
  const auto found = files.find("direct.xml");
  if (found == files.end()) return tables;
  ASSIGN_OR_RETURN(const XmlElement xml, ReadXml(found->second));
  std::vector<Direct> all;
  for (const XmlElement& part : xml.children) {
    int priority = 0;
    if (part.name == "rule" && !absl::SimpleAtoi(part.Get("priority"), &priority)) priority = 0;
    if (part.name == "rule" || part.name == "passthrough") all.push_back({priority, &part});
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const Direct& a, const Direct& b) { return a.priority < b.priority; });
  for (const Direct& one : all) {
    const size_t statement = report.Add(found->second.name, one.element->line,
                                        absl::StrCat(TextOf(*one.element), one.element->text));
    ReadOne(*one.element, statement, tables, report);
  }
  return tables;
}

}  // namespace firebreak::importer
