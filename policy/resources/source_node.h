// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_SOURCE_NODE_H_
#define FIREBREAK_POLICY_RESOURCES_SOURCE_NODE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firebreak::policy {

// A node of a YAML document, with its line. A value.
class SourceNode {
 public:
  enum class Kind : uint8_t { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  bool quoted = false;  // whether a scalar was in quotes, or a block
  int line = 0;         // from 1
  std::string scalar;
  // The items of a sequence; for a map, keys and values alternately, in the order of the text.
  std::vector<SourceNode> children;

  size_t PairCount() const { return children.size() / 2; }
  const SourceNode& Key(size_t pair) const { return children[pair * 2]; }
  const SourceNode& Value(size_t pair) const { return children[pair * 2 + 1]; }

  // Returns the value of a key in a map, or null if the map has no such key.
  const SourceNode* Find(absl::string_view key) const;

  // Where a field path such as "port_mappings[3].ports[0]" stands, or the innermost part of it that
  // the text has. A list that is written as a scalar stands for its only item.
  struct Place {
    const SourceNode* node;
    int line;  // the line of the field's name
  };
  Place Locate(absl::string_view path) const;
  int LineOf(absl::string_view path) const { return Locate(path).line; }

  // Returns the last line on which a part of this node begins.
  int LastLine() const;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_SOURCE_NODE_H_
