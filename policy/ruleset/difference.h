#ifndef FIREBREAK_POLICY_RULESET_DIFFERENCE_H_
#define FIREBREAK_POLICY_RULESET_DIFFERENCE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "policy/ruleset/ruleset.h"

namespace firebreak::ruleset {

// One step of a transaction. Pointers and names point into the rulesets that the difference was
// made from, which must outlive it.
struct Operation {
  enum class Kind : uint8_t {
    kAddTable,
    kDeleteTable,
    kAddObject,
    kDeleteObject,
    kAddChain,     // without rules
    kFlushChain,   // deletes all rules of it
    kDeleteChain,  // empty and unreferenced by then
    kAddRule,      // at the end of its chain
    kAddSet,       // without elements
    kDeleteSet,
    kAddElements,
    kDeleteElements,
  };
  Kind kind;
  uint8_t family = kInet;                // of the table
  const std::string* name = nullptr;     // of the object, chain or set; none for a table
  const Object* object = nullptr;        // kAddObject, kDeleteObject
  const Chain* chain = nullptr;          // kAddChain
  const Rule* rule = nullptr;            // kAddRule
  const Set* set = nullptr;              // kAddSet, kAddElements, kDeleteElements
  std::vector<const Element*> elements;  // kAddElements, kDeleteElements
};

// What turns `from`, as the kernel has it, into `to`, in an order that the kernel takes as one
// transaction. Empty if there is nothing to do. Only what differs is in it: of sets, elements; of
// a chain with a changed rule, all its rules, as chains are short and elements are many.
std::vector<Operation> Difference(const Ruleset& from, const Ruleset& to);

// The number of netfilter objects that the operations carry: an element is one, a rule is one.
size_t CountObjects(const std::vector<Operation>& operations);

}  // namespace firebreak::ruleset

#endif  // FIREBREAK_POLICY_RULESET_DIFFERENCE_H_
