// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_CHAINS_H_
#define FIREBREAK_POLICY_IMPORT_CHAINS_H_

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "policy/import/match.h"

namespace firebreak::importer {

enum class Verdict {
  kNone,  // evaluation continues: a counter, a mark
  kLog,   // evaluation continues
  kAccept,
  kDrop,
  kReject,
  kJump,
  kGoto,
  kReturn,
  // These occur only in tables that change addresses.
  kRedirect,    // to port `port` of this host
  kSendOn,      // to the address `target`, and to `port` unless it is 0
  kMasquerade,  // with the address of the outgoing interface
};

// A rule of a chain. `statement` is its index in the report.
struct Rule {
  size_t statement = 0;
  Match match;
  Verdict verdict = Verdict::kNone;
  std::string target;  // the name of a chain, or an address
  int port = 0;
  std::string description;
  Rate log_rate = {};  // only for kLog
  bool log_limited = false;
  bool clamps = false;  // lowers the segment size of TCP to what the path takes
};

enum class Hook { kPrerouting, kInput, kForward, kOutput, kPostrouting };

// Where the kernel calls a chain.
struct Base {
  Hook hook = Hook::kInput;
  int priority = 0;
  bool nat = false;
  Verdict policy = Verdict::kAccept;  // or kDrop, kReject
};

struct Chain {
  std::optional<Base> base;
  std::vector<Rule> rules;
};

// A table for IPv4, IPv6 or both.
struct Table {
  bool v4 = true, v6 = true;
  std::map<std::string, Chain> chains;
  std::string name = "";  // an iptables table's name: "filter", "nat", …
};

// All rules of a host, in a form that does not depend on the syntax they were written in.
struct Ruleset {
  std::vector<Table> tables;
  std::set<std::string> helpers;  // in the spelling of a policy's `helpers`
};

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_CHAINS_H_
