// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_REFERENCE_PAGE_H_
#define FIREBREAK_CLI_REFERENCE_PAGE_H_

#include <string>

#include "cli/reference/reference.h"

namespace firebreak::cli {

// Returns a topic as `firebreak help` prints it, in the manner of man(1).
std::string PrintTopic(const Topic& topic);

// Returns the kinds of resources, with the first sentence of each.
std::string PrintKinds(const Reference& reference);

// Returns every kind and every field at any depth as a page of Markdown: docs/policy.md.
std::string ReferenceDocument(const Reference& reference);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_REFERENCE_PAGE_H_
