// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/source_node.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace firebreak::policy {

const SourceNode* SourceNode::Find(absl::string_view key) const {
  if (kind != Kind::kMap) return nullptr;
  for (size_t pair = 0; pair < PairCount(); ++pair) {
    if (Key(pair).kind == Kind::kScalar && Key(pair).scalar == key) return &Value(pair);
  }
  return nullptr;
}

SourceNode::Place SourceNode::Locate(absl::string_view path) const {
  const SourceNode* node = this;
  int line = this->line;
  while (!path.empty()) {
    const SourceNode* next = nullptr;
    if (absl::ConsumePrefix(&path, "[")) {
      const size_t close = path.find(']');
      size_t index = 0;
      if (close == absl::string_view::npos || !absl::SimpleAtoi(path.substr(0, close), &index)) {
        return {node, line};
      }
      path.remove_prefix(close + 1);
      if (node->kind == Kind::kSequence && index < node->children.size()) {
        next = &node->children[index];
        line = next->line;
      } else if (node->kind == Kind::kScalar) {
        next = node;
      }
    } else {
      absl::ConsumePrefix(&path, ".");
      const absl::string_view key = path.substr(0, std::min(path.find_first_of(".["), path.size()));
      path.remove_prefix(key.size());
      next = node->Find(key);
      // The line of the key counts, because a value may begin below its key.
      if (next != nullptr) line = (next - 1)->line;
    }
    if (next == nullptr) return {node, line};
    node = next;
  }
  return {node, line};
}

int SourceNode::LastLine() const {
  int last = line;
  for (const SourceNode& child : children) last = std::max(last, child.LastLine());
  return last;
}

}  // namespace firebreak::policy
