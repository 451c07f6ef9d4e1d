// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <set>
#include <span>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "policy/import/import.h"
#include "policy/import/nft_base.h"
#include "policy/import/nft_rule.h"
#include "policy/import/nft_sets.h"
#include "policy/import/nft_tokens.h"
#include "policy/import/review.h"
#include "policy/resources/names.h"

namespace firebreak::importer {
namespace {

constexpr int kMostDeep = 16;              // files may include each other this deep
constexpr size_t kMostIncluded = 500;      // files in all
constexpr size_t kMostExpanded = 500'000;  // tokens of one statement

// A rule's tokens, kept until all sets that the rule may name are known.
struct Unread {
  NftTokens tokens;
  size_t statement = 0;
};

struct Read {
  std::string family;
  NftObjects objects;
  std::map<std::string, std::vector<Unread>> rules;
  std::map<std::string, Base> bases;
  std::vector<std::string> order;  // names of chains
};

class Reader {
 public:
  Reader(const FindIncluded& find, Report& report) : find_(find), report_(report) {}

  absl::Status ReadFile(const SourceText& source, int depth) {
    RETURN_IF_ERROR(CheckSource(source));
    if (depth > kMostDeep || ++files_ > kMostIncluded) {
      return absl::InvalidArgumentError(
          absl::StrCat(source.name, ": files include each other too deep, or in a circle"));
    }
    ASSIGN_OR_RETURN(const NftTokens tokens, SplitNft(source));
    const std::string before = std::exchange(file_, source.name);
    const absl::Status status = ReadStatements(tokens, depth);
    file_ = before;
    return status;
  }

  absl::StatusOr<Ruleset> Finish() {
    Ruleset ruleset;
    for (auto& [name, table] : tables_) {
      ASSIGN_OR_RETURN(Table read, FinishTable(table, ruleset.helpers));
      if (!read.chains.empty()) ruleset.tables.push_back(std::move(read));
    }
    return ruleset;
  }

 private:
  using Tokens = std::span<const NftToken>;

  absl::Status Wrong(int line, absl::string_view why) const {
    return absl::InvalidArgumentError(absl::StrCat(file_, ":", line, ": ", why));
  }

  // Takes one statement off the front of `tokens`. It ends at the first end of a line or semicolon
  // outside its braces.
  absl::StatusOr<Tokens> TakeStatement(Tokens& tokens) const {
    size_t depth = 0;
    for (size_t i = 0; i < tokens.size(); ++i) {
      const NftToken& token = tokens[i];
      if (token.Is("{")) ++depth;
      if (token.Is("}")) {
        if (depth == 0) return Wrong(token.line, "a brace too many");
        --depth;
      }
      const bool end = depth == 0 && (token.Is("\n") || token.Is(";"));
      if (!end && i + 1 < tokens.size()) continue;
      if (!end && depth > 0) return Wrong(token.line, "the file is cut off: a brace does not end");
      const Tokens statement = tokens.first(end ? i : i + 1);
      tokens = tokens.subspan(i + 1);
      return statement;
    }
    return Tokens();
  }

  // Returns the tokens between the first brace and the last token.
  static Tokens Inside(Tokens statement) {
    for (size_t i = 0; i < statement.size(); ++i) {
      if (statement[i].Is("{")) return statement.subspan(i + 1, statement.size() - i - 2);
    }
    return {};
  }

  absl::StatusOr<NftTokens> Expand(Tokens statement, int depth = 0) const {
    NftTokens expanded;
    for (const NftToken& token : statement) {
      if (token.quoted || !absl::StartsWith(token.text, "$") || token.text.size() < 2) {
        expanded.push_back(token);
        continue;
      }
      const auto found = defined_.find(token.text.substr(1));
      if (found == defined_.end()) {
        return Wrong(token.line, absl::StrCat("nothing defines ", policy::Quoted(token.text)));
      }
      if (depth > kMostDeep) return Wrong(token.line, "definitions lead in a circle");
      ASSIGN_OR_RETURN(const NftTokens value, Expand(found->second, depth + 1));
      for (const NftToken& one : value) {
        if (!one.Is("\n")) expanded.push_back(one);
      }
      if (expanded.size() > kMostExpanded) return Wrong(token.line, "definitions come to too much");
    }
    return expanded;
  }

  absl::Status ReadStatements(Tokens tokens, int depth) {
    while (!tokens.empty()) {
      ASSIGN_OR_RETURN(const Tokens statement, TakeStatement(tokens));
      if (statement.empty()) continue;
      RETURN_IF_ERROR(ReadTop(statement, depth));
    }
    return absl::OkStatus();
  }

  absl::Status ReadTop(Tokens words, int depth) {
    const NftToken& first = words[0];
    if (first.Is("include") && words.size() > 1) {
      auto found = find_(words[1].text);
      if (!found.ok()) return Wrong(first.line, found.status().message());
      for (const SourceText& source : *found) RETURN_IF_ERROR(ReadFile(source, depth + 1));
      return absl::OkStatus();
    }
    if ((first.Is("define") || first.Is("redefine")) && words.size() > 3) {
      ASSIGN_OR_RETURN(defined_[words[1].text], Expand(words.subspan(3)));
      return absl::OkStatus();
    }
    if (first.Is("flush") || first.Is("delete") || first.Is("destroy") || first.Is("undefine")) {
      if (first.Is("flush") && words.size() > 1 && words[1].Is("ruleset")) tables_.clear();
      return absl::OkStatus();
    }
    if (first.Is("table")) return ReadTable(words.subspan(1));
    if (first.Is("add") || first.Is("create") || first.Is("insert")) return ReadAdd(words);
    return Wrong(first.line, absl::StrCat(policy::Quoted(first.text),
                                          " begins no statement of nft; is this a file for nft -f, "
                                          "or the output of `nft list ruleset`?"));
  }

  // Takes "[FAMILY] NAME"; the family is `ip` by default.
  Read& TakeTable(Tokens& words) {
    std::string family = "ip";
    for (const char* known : {"ip", "ip6", "inet", "arp", "bridge", "netdev"}) {
      if (words.size() > 1 && words[0].Is(known)) {
        family = known;
        words = words.subspan(1);
        break;
      }
    }
    const std::string name = words.empty() ? "" : words[0].text;
    if (!words.empty()) words = words.subspan(1);
    Read& table = tables_[absl::StrCat(family, " ", name)];
    table.family = family;
    return table;
  }

  // Whether the table is Firebreak's own, which is no other firewall's.
  static bool IsOwn(Tokens words) {
    return words.size() > 1 && (words[0].Is("inet") || words[0].Is("netdev")) &&
           words[1].Is("firebreak");
  }

  absl::Status ReadTable(Tokens words) {
    if (IsOwn(words)) return absl::OkStatus();
    Read& table = TakeTable(words);
    return words.empty() ? absl::OkStatus() : ReadTableBody(table, Inside(words));
  }

  absl::Status ReadTableBody(Read& table, Tokens inside) {
    while (!inside.empty()) {
      ASSIGN_OR_RETURN(const Tokens statement, TakeStatement(inside));
      if (statement.size() < 2) continue;
      const NftToken& what = statement[0];
      const std::string& name = statement[1].text;
      if (what.Is("chain")) {
        RETURN_IF_ERROR(ReadChain(table, name, Inside(statement)));
      } else if (what.Is("include")) {
        RETURN_IF_ERROR(
            Include(statement, [&](Tokens tokens) { return ReadTableBody(table, tokens); }));
      } else if (what.Is("define")) {
        RETURN_IF_ERROR(ReadTop(statement, 0));
      } else {
        RETURN_IF_ERROR(ReadObject(table, statement));
      }
    }
    return absl::OkStatus();
  }

  // Reads the files that a statement inside of a table or a chain names, each in its place.
  absl::Status Include(Tokens statement, const std::function<absl::Status(Tokens)>& read) {
    if (statement.size() < 2) return Wrong(statement[0].line, "include what?");
    auto found = find_(statement[1].text);
    if (!found.ok()) return Wrong(statement[0].line, found.status().message());
    for (const SourceText& source : *found) {
      RETURN_IF_ERROR(CheckSource(source));
      if (++files_ > kMostIncluded) return Wrong(statement[0].line, "too many files");
      ASSIGN_OR_RETURN(const NftTokens tokens, SplitNft(source));
      const std::string before = std::exchange(file_, source.name);
      const absl::Status status = read(tokens);
      file_ = before;
      RETURN_IF_ERROR(status);
    }
    return absl::OkStatus();
  }

  absl::Status ReadObject(Read& table, Tokens statement) {
    const NftToken& what = statement[0];
    if (what.Is("set") || what.Is("map")) {
      return ReadSet(table.objects.sets[statement[1].text], Inside(statement));
    }
    if (what.Is("limit")) {
      ASSIGN_OR_RETURN(NftTokens rate, Expand(Inside(statement)));
      std::erase_if(rate, [](const NftToken& token) { return token.Is("\n") || token.Is(";"); });
      table.objects.limits[statement[1].text] = std::move(rate);
    }
    if (what.Is("ct") && statement.size() > 2 && statement[1].Is("helper")) {
      for (const NftToken& token : Inside(statement)) {
        if (token.quoted) table.objects.helpers[statement[2].text] = token.text;
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadSet(NftSet& set, Tokens inside) {
    while (!inside.empty()) {
      ASSIGN_OR_RETURN(const Tokens statement, TakeStatement(inside));
      if (statement.empty()) continue;
      if (statement[0].Is("flags")) {
        set.dynamic = std::any_of(statement.begin(), statement.end(),
                                  [](const NftToken& token) { return token.Is("dynamic"); });
      }
      if (statement[0].Is("elements")) RETURN_IF_ERROR(AddElements(set, statement));
    }
    return absl::OkStatus();
  }

  // Expanded first, because the braces may come from a definition.
  absl::Status AddElements(NftSet& set, Tokens statement) {
    ASSIGN_OR_RETURN(const NftTokens expanded, Expand(statement));
    auto elements = ReadElements(Inside(expanded));
    if (!elements.ok()) return Wrong(statement[0].line, elements.status().message());
    std::move(elements->begin(), elements->end(), std::back_inserter(set.elements));
    return absl::OkStatus();
  }

  absl::Status ReadChain(Read& table, const std::string& name, Tokens inside) {
    NoteChain(table, name);
    while (!inside.empty()) {
      ASSIGN_OR_RETURN(const Tokens statement, TakeStatement(inside));
      if (statement.empty()) continue;
      if (statement[0].Is("type")) {
        ASSIGN_OR_RETURN(const NftTokens expanded, Expand(statement));
        if (!ReadNftBase(expanded, table.bases[name])) {
          return Wrong(statement[0].line, "an unknown hook");
        }
      } else if (statement[0].Is("policy") && statement.size() > 1) {
        ASSIGN_OR_RETURN(const NftTokens expanded, Expand(statement));
        table.bases[name].policy = expanded[1].Is("drop") ? Verdict::kDrop : Verdict::kAccept;
      } else if (statement[0].Is("include")) {
        RETURN_IF_ERROR(
            Include(statement, [&](Tokens tokens) { return ReadChain(table, name, tokens); }));
      } else if (!statement[0].Is("comment") && !statement[0].Is("devices")) {
        RETURN_IF_ERROR(AddRule(table, name, statement, false));
      }
    }
    return absl::OkStatus();
  }

  static void NoteChain(Read& table, const std::string& name) {
    if (table.rules.contains(name)) return;
    table.rules[name];
    table.order.push_back(name);
  }

  absl::Status AddRule(Read& table, const std::string& chain, Tokens statement, bool insert) {
    NoteChain(table, chain);
    const std::string text = TextOf({statement.begin(), statement.end()});
    Unread rule;
    ASSIGN_OR_RETURN(rule.tokens, Expand(statement));
    std::erase_if(rule.tokens, [](const NftToken& token) { return token.Is("\n"); });
    rule.statement = report_.Add(file_, statement[0].line, text);
    auto& rules = table.rules[chain];
    rules.insert(insert ? rules.begin() : rules.end(), std::move(rule));
    return absl::OkStatus();
  }

  // Reads "add|create|insert rule|chain|set|map|element|table …".
  absl::Status ReadAdd(Tokens words) {
    if (words.size() < 3) return Wrong(words[0].line, "the statement is cut off");
    const bool insert = words[0].Is("insert");
    const NftToken what = words[1];
    Tokens rest = words.subspan(2);
    if (what.Is("table")) return ReadTable(rest);
    // "add ct helper T N { … }" has one word more than the others.
    if (what.Is("ct")) rest = rest.subspan(1);
    const bool bare_rule = !what.Is("rule") && !what.Is("chain") && !what.Is("set") &&
                           !what.Is("map") && !what.Is("element") && !what.Is("ct") &&
                           !what.Is("limit") && !what.Is("counter");
    if (bare_rule) rest = words.subspan(1);
    Read& table = TakeTable(rest);
    if (rest.empty()) return Wrong(words[0].line, "the statement is cut off");
    const std::string name = rest[0].text;
    if (what.Is("chain")) return ReadChain(table, name, Inside(rest));
    if (what.Is("set") || what.Is("map")) return ReadSet(table.objects.sets[name], Inside(rest));
    if (what.Is("element")) return AddElements(table.objects.sets[name], rest);
    if (what.Is("rule") || bare_rule) {
      Tokens rule = rest.subspan(1);
      if (rule.size() > 2 &&
          (rule[0].Is("position") || rule[0].Is("handle") || rule[0].Is("index"))) {
        rule = rule.subspan(2);
      }
      if (rule.empty()) return Wrong(words[0].line, "the statement is cut off");
      return AddRule(table, name, rule, insert);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Table> FinishTable(Read& read, std::set<std::string>& helpers) {
    Table table = {.v4 = read.family != "ip6", .v6 = read.family != "ip", .chains = {}};
    const bool other = read.family == "arp" || read.family == "bridge" || read.family == "netdev";
    for (const std::string& name : read.order) {
      Chain& chain = table.chains[name];
      if (const auto base = read.bases.find(name); base != read.bases.end()) {
        chain.base = base->second;
      }
      for (const Unread& unread : read.rules[name]) {
        if (other) {
          report_.CannotSay(unread.statement,
                            absl::StrCat("tables of the family ", read.family,
                                         " judge frames, and a policy judges packets of IP"));
          continue;
        }
        auto rules = ReadNftRule(unread.tokens, read.objects, table.v4, table.v6, helpers);
        if (!rules.ok()) {
          report_.CannotSay(unread.statement, rules.status().message());
          continue;
        }
        for (Rule& rule : *rules) {
          rule.statement = unread.statement;
          if (const std::string why = ObjectionTo(rule); !why.empty()) {
            report_.CannotSay(unread.statement, why);
          }
          chain.rules.push_back(std::move(rule));
        }
      }
    }
    if (other) table.chains.clear();
    return table;
  }

  const FindIncluded& find_;
  Report& report_;
  std::string file_;
  size_t files_ = 0;
  std::map<std::string, NftTokens> defined_;
  std::map<std::string, Read> tables_;
};

}  // namespace

absl::StatusOr<Imported> ImportNft(const SourceText& source, const FindIncluded& find,
                                   const Naming& naming) {
  Imported imported;
  Reader reader(find, imported.report);
  RETURN_IF_ERROR(reader.ReadFile(source, 0));
  ASSIGN_OR_RETURN(const Ruleset ruleset, reader.Finish());
  ASSIGN_OR_RETURN(imported.resources, BuildPolicies(ruleset, naming, imported.report));
  return imported;
}

}  // namespace firebreak::importer
