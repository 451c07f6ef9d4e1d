// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/interface_kinds.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "policy/merge/profile.h"

namespace firebreak::policy {
namespace {

// A type that no section names, because no interface has it.
constexpr char kOtherType[] = "other than any";
constexpr size_t kMaxNameBytes = 15;

struct Mentioned {
  std::set<std::string> names;     // complete names
  std::set<std::string> patterns;  // the part of each pattern in front of its "*"
  std::set<std::string> types;

  void Add(const v1::EffectiveLocation& location, const v1::Sharing& sharing) {
    for (const v1::Layer& layer : location.layers()) {
      for (const v1::InterfaceLayer& section : layer.interfaces()) {
        types.insert(section.match().types().begin(), section.match().types().end());
        for (absl::string_view name : section.match().names()) {
          const bool pattern = absl::ConsumeSuffix(&name, "*");
          (pattern ? patterns : names).insert(std::string(name));
        }
      }
    }
    names.insert(sharing.private_().begin(), sharing.private_().end());
  }
};

// Returns a name that begins with `begin`, is not mentioned itself and matches no longer pattern.
// Returns an empty text if no such name was found.
std::string NameLike(const std::string& begin, const Mentioned& mentioned) {
  constexpr absl::string_view kLetters = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::vector<std::string> tried = {begin};
  for (const char first : kLetters) {
    tried.push_back(begin + first);
    for (const char second : kLetters) tried.push_back(begin + first + second);
  }
  for (const std::string& name : tried) {
    if (name.empty() || name.size() > kMaxNameBytes || mentioned.names.contains(name)) continue;
    const bool other = std::any_of(
        mentioned.patterns.begin(), mentioned.patterns.end(), [&](const std::string& pattern) {
          return pattern.size() > begin.size() && absl::StartsWith(name, pattern);
        });
    if (!other) return name;
  }
  return "";
}

// Returns the index of the section that holds in each layer, or -1; see Profile.
std::vector<int> SectionsOf(const v1::EffectiveLocation& location, const Interface& interface) {
  std::vector<int> sections;
  for (const v1::Layer& layer : location.layers()) {
    const auto& all = layer.interfaces();
    const auto found = std::find_if(all.begin(), all.end(), [&](const v1::InterfaceLayer& one) {
      return Matches(one.match(), interface.name, interface.type);
    });
    sections.push_back(found == all.end() ? -1 : static_cast<int>(found - all.begin()));
  }
  return sections;
}

struct Candidate {
  Interface interface;
  std::string text;
  bool by_name = false, by_type = false;
};

std::vector<Candidate> Candidates(const Mentioned& mentioned) {
  std::vector<Candidate> names = {{{NameLike("", mentioned), kOtherType}, "", false, false}};
  for (const std::string& pattern : mentioned.patterns) {
    const std::string name = NameLike(pattern, mentioned);
    if (!name.empty()) names.push_back({{name, kOtherType}, absl::StrCat(pattern, "*"), true});
  }
  for (const std::string& name : mentioned.names) {
    names.push_back({{name, kOtherType}, name, true});
  }
  std::vector<Candidate> candidates = names;
  for (const std::string& type : mentioned.types) {
    for (Candidate candidate : names) {
      candidate.interface.type = type;
      candidate.by_type = true;
      candidate.text = candidate.by_name ? absl::StrCat(candidate.text, " if ", type)
                                         : absl::StrCat(type, " interfaces");
      candidates.push_back(std::move(candidate));
    }
  }
  return candidates;
}

}  // namespace

bool IsPrivate(const v1::Sharing& sharing, const std::string& interface) {
  return std::find(sharing.private_().begin(), sharing.private_().end(), interface) !=
         sharing.private_().end();
}

std::vector<InterfaceKind> InterfaceKinds(const v1::EffectiveLocation& before,
                                          const v1::Sharing& sharing_before,
                                          const v1::EffectiveLocation& after,
                                          const v1::Sharing& sharing_after) {
  Mentioned mentioned;
  mentioned.Add(before, sharing_before);
  mentioned.Add(after, sharing_after);
  using Key = std::tuple<std::vector<int>, std::vector<int>, bool, bool>;
  std::map<Key, size_t> places;
  std::vector<InterfaceKind> kinds;
  std::vector<std::vector<std::string>> texts;
  // The kinds found by a name or a type alone.
  std::map<std::string, size_t> by_name_alone, by_type_alone;
  for (const Candidate& candidate : Candidates(mentioned)) {
    const std::string& name = candidate.interface.name;
    const std::string& type = candidate.interface.type;
    const Key key = {SectionsOf(before, candidate.interface),
                     SectionsOf(after, candidate.interface), IsPrivate(sharing_before, name),
                     IsPrivate(sharing_after, name)};
    const auto [found, added] = places.emplace(key, kinds.size());
    const size_t kind = found->second;
    if (added) {
      kinds.push_back({candidate.interface, ""});
      texts.emplace_back();
    }
    if (candidate.by_name && !candidate.by_type) by_name_alone[name] = kind;
    if (candidate.by_type && !candidate.by_name) by_type_alone[type] = kind;
    // The first kind covers all other interfaces. A name and a type together need no mention if
    // either alone leads to the same kind.
    const bool said = kind == 0 || (candidate.by_name && candidate.by_type &&
                                    (by_name_alone[name] == kind || by_type_alone[type] == kind));
    if (!said) texts[kind].push_back(candidate.text);
  }
  for (size_t i = 0; i < kinds.size() && kinds.size() > 1; ++i) {
    kinds[i].text = i == 0 ? "other interfaces" : absl::StrJoin(texts[i], ", ");
  }
  return kinds;
}

}  // namespace firebreak::policy
