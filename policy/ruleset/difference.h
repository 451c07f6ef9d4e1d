// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RULESET_DIFFERENCE_H_
#define FIREBREAK_POLICY_RULESET_DIFFERENCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "policy/ruleset/ruleset.h"

namespace firebreak::ruleset {

// One operation of a transaction. Pointers and names point into the two rulesets that were
// compared, which must outlive it.
struct Operation {
  enum class Kind : uint8_t {
    kAddTable,
    kDeleteTable,
    kAddObject,
    kDeleteObject,
    kAddChain,     // without its rules
    kFlushChain,   // deletes all rules of the chain
    kDeleteChain,  // the chain is empty and unreferenced by then
    kAddRule,      // appends the rule to its chain
    kAddSet,       // without its elements
    kDeleteSet,
    kAddElements,
    kDeleteElements,
  };
  Kind kind;
  uint8_t family = kInet;                // of the table
  const std::string* name = nullptr;     // of the object, chain or set; null for a table
  const Object* object = nullptr;        // kAddObject, kDeleteObject
  const Chain* chain = nullptr;          // kAddChain
  const Rule* rule = nullptr;            // kAddRule
  const Set* set = nullptr;              // kAddSet, kAddElements, kDeleteElements
  std::vector<const Element*> elements;  // kAddElements, kDeleteElements
};

// Returns the operations that turn `from`, the kernel's ruleset, into `to`, in an order that the
// kernel accepts as one transaction. Empty if there is nothing to do. Contains only the
// differences: for sets, single elements; for a chain with a changed rule, all its rules, because
// chains are short and elements are many.
std::vector<Operation> Difference(const Ruleset& from, const Ruleset& to);

// The number of netfilter objects that the operations carry; each element and each rule counts as
// one.
size_t CountObjects(const std::vector<Operation>& operations);

}  // namespace firebreak::ruleset

#endif  // FIREBREAK_POLICY_RULESET_DIFFERENCE_H_
