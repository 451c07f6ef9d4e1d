// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_SECTIONS_H_
#define FIREBREAK_POLICY_IMPORT_SECTIONS_H_

#include <string>
#include <vector>

#include "policy/import/decisions.h"

namespace firebreak::importer {

// Imported rules name interfaces. A policy has a section for each name instead, and for an
// interface the first section that matches it holds.

void CollectNames(const Interfaces& interfaces, std::vector<std::string>& names);

// Sorts the names as sections must be ordered: names before patterns, longer patterns before
// shorter ones. Duplicates are removed.
std::vector<std::string> InOrderOfSections(std::vector<std::string> names);

// Whether a rule for `interfaces` applies to the section of `name`; the empty name stands for
// interfaces without a section.
bool Covers(const Interfaces& interfaces, const std::string& name);

// Returns the rules of the section, which no longer mention the interface. `in` says whether the
// section is about the incoming interface or the outgoing one. `packets` are all packets that the
// list is about.
Decisions SectionOf(const Decisions& decisions, const std::string& name, bool in,
                    const Match& packets);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_SECTIONS_H_
