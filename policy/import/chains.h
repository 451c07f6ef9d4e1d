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
  kNone,  // goes on behind the rule: a counter, a mark
  kLog,   // goes on, too
  kAccept,
  kDrop,
  kReject,
  kJump,
  kGoto,
  kReturn,
  // These stand only in tables that change addresses.
  kRedirect,    // to the port `port` of this host
  kSendOn,      // to the address `target`, and the port `port` unless that is 0
  kMasquerade,  // with the address of the interface by which it leaves
};

// A rule of a chain, with `statement` as its place in the report.
struct Rule {
  size_t statement = 0;
  Match match;
  Verdict verdict = Verdict::kNone;
  std::string target;  // a chain, or an address
  int port = 0;
  std::string description;
  Rate log_rate = {};  // of kLog
  bool log_limited = false;
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

// A table of one family, or of both.
struct Table {
  bool v4 = true, v6 = true;
  std::map<std::string, Chain> chains;
  std::string name = "";  // of a table of iptables: "filter", "nat", …
};

// All that a host's rules say, whatever they were written in.
struct Ruleset {
  std::vector<Table> tables;
  std::set<std::string> helpers;  // as a policy's `helpers` spells them
};

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_CHAINS_H_
