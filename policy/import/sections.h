// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_SECTIONS_H_
#define FIREBREAK_POLICY_IMPORT_SECTIONS_H_

#include <string>
#include <vector>

#include "policy/import/decisions.h"

namespace firebreak::importer {

// Rules name interfaces; a policy has a section for each name, which holds for the interfaces that
// no section before it is for.

void CollectNames(const Interfaces& interfaces, std::vector<std::string>& names);

// Names before patterns, longer patterns before shorter ones; each once.
std::vector<std::string> InOrderOfSections(std::vector<std::string> names);

// Whether a rule for `interfaces` concerns the section of `name`; empty: what has no section.
bool Covers(const Interfaces& interfaces, const std::string& name);

// The rules of the section, as rules for any interface; `in`: by which interface packets come in,
// not by which they leave. `packets` are all that are judged.
Decisions SectionOf(const Decisions& decisions, const std::string& name, bool in,
                    const Match& packets);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_SECTIONS_H_
