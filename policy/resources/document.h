// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_DOCUMENT_H_
#define FIREBREAK_POLICY_RESOURCES_DOCUMENT_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "policy/resources/problem.h"
#include "policy/resources/source_node.h"

namespace firebreak::policy {

// The limits of a YAML or JSON file, which may come from anybody.
inline constexpr size_t kMaxTextBytes = 8 << 20;
inline constexpr int kMaxNestingDepth = 32;
inline constexpr int kMaxNodes = 2'000'000;

// Reads the documents of a file, without empty ones. Adds to `problems` what it refuses: text that
// is not YAML, repeated keys, anchors, aliases and tags (which could make a small text large), and
// whatever exceeds the limits. After a problem, the documents before it are still returned.
std::vector<SourceNode> ReadDocuments(const std::string& file, const std::string& text,
                                      std::vector<Problem>& problems);

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_DOCUMENT_H_
