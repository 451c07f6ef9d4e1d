#ifndef FIREBREAK_POLICY_COMPILE_TABLE_H_
#define FIREBREAK_POLICY_COMPILE_TABLE_H_

#include <string>

#include "policy/ruleset/ruleset.h"

namespace firebreak::policy {

// The table under construction. Chains that several others share come into being when the first
// of them needs one.
class TableBuilder {
 public:
  ruleset::Chain& AddChain(const std::string& name) { return table_.chains[name]; }
  ruleset::Set& AddSet(const std::string& name) { return table_.sets[name]; }

  // To a chain that counts the packet for `reason`, and drops it or, if `observe`, lets it pass.
  ruleset::Verdict Refuse(const std::string& reason, bool observe);

  bool HasChain(const std::string& name) const { return table_.chains.contains(name); }

  // The table, its elements sorted, its sets sized.
  ruleset::Table Finish() &&;

 private:
  ruleset::Table table_;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_TABLE_H_
