// SPDX-License-Identifier: Apache-2.0
#include "agent/conflicts/conflicts.h"

#include <linux/netfilter.h>
#include <linux/netfilter_arp.h>

#include <map>
#include <set>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"

namespace firebreak::agent {
namespace {

constexpr size_t kMaxConflicts = 50;
constexpr char kBoth[] = "a packet passes only if both let it through";

constexpr char kPublished[] =
    "a port that a container publishes is open where a port mapping opens it, as if it were this "
    "host's own; containers reach out";
constexpr char kGuests[] =
    "virtual machines on a separate bridge may reach out; traffic to them must be allowed by "
    "`forward` or, if it is first sent to this host, by a port mapping";

// Programs, recognized by the names of their tables or chains.
struct Program {
  const char* table;         // name of the table; empty: any
  const char* chain_prefix;  // prefix of some chain in the table; empty: any
  const char* what;
  const char* advice;
};

constexpr Program kPrograms[] = {
    {"firewalld", "", "firewalld",
     "open in firewalld the ports that Firebreak opens, or let Firebreak alone decide: `systemctl "
     "disable --now firewalld`"},
    {"", "ufw", "ufw",
     "open in ufw the ports that Firebreak opens, or let Firebreak alone decide: `ufw disable`"},
    {"", "DOCKER", "docker", kPublished},
    {"netavark", "", "podman", kPublished},
    {"", "KUBE-", "kubernetes",
     "published ports are open where a port mapping opens the port to which the traffic is first "
     "sent; the traffic of pods without a bridge is admitted by a rule of `forward`, or by "
     "`firewall: off` for their interfaces"},
    {"libvirt_network", "", "libvirt", kGuests},
    {"", "LIBVIRT_", "libvirt", kGuests},
    {"", "f2b-", "fail2ban", "addresses that it bans stay out, whatever Firebreak opens"},
};

const char* FamilyName(uint8_t family) {
  switch (family) {
    case NFPROTO_INET: return "inet";
    case NFPROTO_IPV4: return "ip";
    case NFPROTO_IPV6: return "ip6";
    case NFPROTO_ARP: return "arp";
    case NFPROTO_BRIDGE: return "bridge";
    case NFPROTO_NETDEV: return "netdev";
    default: return "?";
  }
}

const char* HookName(const ForeignChain& chain) {
  // Describes a hook in words that users know. In inet tables ingress has a hook number of its own.
  if (chain.family == NFPROTO_ARP) return chain.hook == NF_ARP_OUT ? "outgoing" : "incoming";
  if (chain.family == NFPROTO_NETDEV) return chain.hook == 0 ? "incoming" : "outgoing";
  switch (chain.hook) {
    case NF_INET_FORWARD: return "forwarded";
    case NF_INET_LOCAL_OUT:
    case NF_INET_POST_ROUTING: return "outgoing";
    default: return "incoming";
  }
}

std::string WhatItMeans(const std::vector<const ForeignChain*>& chains) {
  std::set<std::string> judged, dropped;
  bool translates = false;
  for (const ForeignChain* chain : chains) {
    if (!chain->Decides()) continue;
    if (chain->type == "nat") {
      translates = true;
      continue;
    }
    judged.insert(HookName(*chain));
    if (chain->drops) dropped.insert(HookName(*chain));
  }
  std::vector<std::string> parts;
  if (!judged.empty()) {
    parts.push_back(absl::StrCat(
        "it judges ", absl::StrJoin(judged, " and "), " packets too",
        dropped.empty() ? ""
                        : absl::StrCat(" and drops those ", absl::StrJoin(dropped, " and "),
                                       " that it does not let through"),
        ": ", kBoth));
  }
  if (translates) parts.push_back("it translates addresses of forwarded or local connections");
  return absl::StrJoin(parts, "; ");
}

// Returns all programs that are recognized by the table or its chains.
std::vector<const Program*> ProgramsOf(const std::string& table,
                                       const std::vector<const ForeignChain*>& chains) {
  std::vector<const Program*> programs;
  for (const Program& program : kPrograms) {
    bool found = program.table == table;
    for (const ForeignChain* chain : chains) {
      found = found || (*program.chain_prefix != '\0' &&
                        absl::StartsWith(chain->name, program.chain_prefix));
    }
    if (found) programs.push_back(&program);
  }
  return programs;
}

v1::Conflict Make(std::string what, std::string table, std::string explanation) {
  v1::Conflict conflict;
  conflict.set_what(std::move(what));
  conflict.set_table(std::move(table));
  conflict.set_explanation(std::move(explanation));
  return conflict;
}

}  // namespace

std::vector<v1::Conflict> FindConflicts(std::span<const ForeignChain> chains,
                                        std::span<const std::string> legacy) {
  std::map<std::pair<std::string, std::string>, std::vector<const ForeignChain*>> tables;
  for (const ForeignChain& chain : chains) {
    tables[{FamilyName(chain.family), chain.table}].push_back(&chain);
  }
  std::map<std::pair<std::string, std::string>, std::string> found;  // by program and table
  for (const auto& [key, of_table] : tables) {
    const std::string meaning = WhatItMeans(of_table);
    if (meaning.empty()) continue;
    const std::string table = absl::StrCat(key.first, " ", absl::CEscape(key.second));
    const std::vector<const Program*> programs = ProgramsOf(key.second, of_table);
    for (const Program* program : programs) {
      found[{program->what, table}] = absl::StrCat(meaning, "; ", program->advice);
    }
    if (programs.empty()) {
      found[{"nftables", table}] = absl::StrCat(meaning, "; `nft list table ", table,
                                                "` shows it: let it open what Firebreak opens, or "
                                                "remove it and whatever loads it");
    }
  }
  for (const std::string& table : legacy) {
    found[{"iptables-legacy", absl::CEscape(table)}] =
        absl::StrCat("the legacy iptables has this table loaded too: if it has rules, ", kBoth,
                     "; `iptables-legacy-save` and `ip6tables-legacy-save` show them");
  }
  std::vector<v1::Conflict> conflicts;
  for (auto& [key, explanation] : found) {
    if (conflicts.size() == kMaxConflicts) break;
    conflicts.push_back(Make(key.first, key.second, std::move(explanation)));
  }
  return conflicts;
}

}  // namespace firebreak::agent
