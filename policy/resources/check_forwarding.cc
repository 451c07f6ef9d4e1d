// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/check_forwarding.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "policy/resources/check_mappings.h"
#include "policy/resources/interface_types.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"
#include "policy/resources/prefix.h"
#include "policy/resources/resolve.h"

namespace firebreak::policy {
namespace {

constexpr int kMaxMatches = 64;
// Every new routed flow is compared with each rule.
constexpr size_t kMaxRules = 1000;

using InternedStrings = google::protobuf::RepeatedPtrField<std::string>;

// A field that a rule about routed traffic cannot have, with the reason.
struct Misplaced {
  bool given;
  const char* field;
  const char* reason;
};

void CheckMisplaced(const v1::PortMapping& rule, v1::Traffic::Action list, const FieldPath& path,
                    Findings& findings) {
  const bool rejects = list == v1::Traffic::block && rule.action() == v1::Traffic::reject;
  const bool fits = rejects || rule.action() == v1::Traffic::unspecified || rule.action() == list;
  constexpr char kNoProgram[] =
      "what is forwarded comes from no program of this host; leave it out, or write the rule into "
      "\"outbound\"";
  const Misplaced fields[] = {
      {!rule.forward_to().empty(), "forward_to",
       "rules of \"forward\" say what may be routed, not where to; a mapping in \"port_mappings\" "
       "sends on"},
      {rule.handshake() != v1::Handshake::unspecified, "handshake",
       "the kernel's SYN proxy serves this host's own services; leave \"handshake\" out"},
      {!rule.responses().empty(), "responses",
       "responses belong to what this host begins: write the mapping into the list \"allow\" of "
       "\"outbound\""},
      {!rule.users().empty(), "users", kNoProgram},
      {!rule.user_groups().empty(), "user_groups", kNoProgram},
      {!rule.units().empty(), "units", kNoProgram},
      {!fits, "action",
       "in \"forward\" the list that a rule is in says whether it allows or blocks; leave "
       "\"action\" out, or write \"reject\" in the list \"block\""}};
  for (const Misplaced& field : fields) {
    if (field.given) findings.Add(FieldPath(path, field.field), field.reason);
  }
}

bool HasFamily(const InternedStrings& texts, size_t bytes) {
  return texts.empty() || std::any_of(texts.begin(), texts.end(), [&](const std::string& text) {
           const auto prefix = ParsePrefix(text);
           return !prefix.ok() || prefix->address.size() == bytes;
         });
}

void CheckRule(const v1::PortMapping& rule, v1::Traffic::Action list, const FieldPath& path,
               Findings& findings) {
  CheckMisplaced(rule, list, path, findings);
  if (rule.has_in()) CheckInterfaceMatch(rule.in(), "\"in\"", FieldPath(path, "in"), findings);
  if (rule.has_out()) CheckInterfaceMatch(rule.out(), "\"out\"", FieldPath(path, "out"), findings);
  constexpr size_t kIpv4Bytes = 4, kIpv6Bytes = 16;
  const auto both = [&](size_t bytes) {
    return HasFamily(rule.from(), bytes) && HasFamily(rule.to(), bytes);
  };
  if (!both(kIpv4Bytes) && !both(kIpv6Bytes)) {
    findings.Add(FieldPath(path, "to"),
                 "\"from\" and \"to\" are not of one address family: the rule could match nothing");
  }
}

// Returns the part of a rule that any mapping may have, to be checked as a mapping; CheckRule
// checks the rest. A rule with neither service nor ports applies to every protocol.
v1::PortMapping AsMapping(const v1::PortMapping& rule) {
  v1::PortMapping traffic = rule;
  traffic.clear_in();
  traffic.clear_out();
  traffic.clear_action();
  traffic.clear_forward_to();
  traffic.clear_handshake();
  traffic.clear_responses();
  traffic.clear_users();
  traffic.clear_user_groups();
  traffic.clear_units();
  const bool any = rule.service().empty() && rule.protocol().empty() && rule.ports().empty();
  if (any) traffic.set_protocol("any");
  return traffic;
}

}  // namespace

size_t CheckForwarding(const v1::Forwarding& forwarding, const FieldPath& path,
                       const References& references, Findings& findings) {
  if (forwarding.default_() != v1::Traffic::unspecified &&
      forwarding.default_() != v1::Traffic::allow && forwarding.default_() != v1::Traffic::block) {
    findings.Add(FieldPath(path, "default"), "unknown action: it is allow or block");
  }
  struct List {
    const google::protobuf::RepeatedPtrField<v1::PortMapping>& rules;
    absl::string_view field;
    v1::Traffic::Action action;
  };
  const List lists[] = {{forwarding.block(), "block", v1::Traffic::block},
                        {forwarding.allow(), "allow", v1::Traffic::allow}};
  const size_t count = static_cast<size_t>(forwarding.block_size() + forwarding.allow_size());
  if (count > kMaxRules) {
    findings.Add(path, absl::StrCat("\"forward\" has more than ", kMaxRules, " rules"));
    return 0;
  }
  std::vector<v1::PortMapping> traffic;
  traffic.reserve(count);
  std::vector<PlacedMapping> placed;
  size_t prefixes = 0;
  for (const List& list : lists) {
    for (int i = 0; i < list.rules.size(); ++i) {
      if (findings.IsFull()) return 0;
      const v1::PortMapping& rule = list.rules[i];
      CheckRule(rule, list.action, FieldPath(path, list.field, i), findings);
      traffic.push_back(AsMapping(rule));
      placed.push_back({&traffic.back(), list.field, i, list.action});
      prefixes += static_cast<size_t>(rule.from_size() + rule.to_size());
    }
  }
  return prefixes + CheckMappings(placed, MappingList::kInbound, path, references, findings);
}

void CheckInterfaceMatch(const v1::InterfaceMatch& match, absl::string_view what,
                         const FieldPath& path, Findings& findings) {
  if (match.names().empty() && match.types().empty()) {
    findings.AddMissing(
        path, absl::StrCat(what, " matches nothing: give it some \"names\" or \"types\""));
  }
  if (match.names_size() + match.types_size() > kMaxMatches) {
    findings.Add(path, absl::StrCat("more than ", kMaxMatches, " names and types"));
    return;
  }
  for (int i = 0; i < match.names_size(); ++i) {
    findings.Add(FieldPath(path, "names", i), CheckInterfaceName(match.names(i), true));
  }
  for (int i = 0; i < match.types_size(); ++i) {
    if (IsInterfaceType(match.types(i))) continue;
    const std::vector<std::string> types(InterfaceTypes().begin(), InterfaceTypes().end());
    const std::string nearest = DidYouMean(match.types(i), types);
    findings.Add(
        FieldPath(path, "types", i),
        absl::StrCat(
            "unknown interface type ", Quoted(match.types(i)),
            nearest.empty() ? absl::StrCat("; there are ", absl::StrJoin(types, ", ")) : nearest));
  }
}

void CheckNotForwarding(const v1::PortMapping& mapping, const FieldPath& path, Findings& findings) {
  constexpr char kReason[] =
      "only rules of \"forward\" say by which interfaces packets come in and go out; what holds "
      "for some interfaces of the host stands in a section of \"interfaces\"";
  if (mapping.has_in()) findings.Add(FieldPath(path, "in"), kReason);
  if (mapping.has_out()) findings.Add(FieldPath(path, "out"), kReason);
}

}  // namespace firebreak::policy
