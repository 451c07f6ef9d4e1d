#ifndef FIREBREAK_POLICY_RESOURCES_SOURCE_NODE_H_
#define FIREBREAK_POLICY_RESOURCES_SOURCE_NODE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace firebreak::policy {

// A piece of a YAML document, with the line where it stands. A value.
class SourceNode {
 public:
  enum class Kind : uint8_t { kNull, kScalar, kSequence, kMap };

  Kind kind = Kind::kNull;
  bool quoted = false;  // of a scalar: it was in quotes, or a block
  int line = 0;         // from 1
  std::string scalar;
  // The items of a sequence; of a map its keys and values in turn, as the text has them.
  std::vector<SourceNode> children;

  size_t PairCount() const { return children.size() / 2; }
  const SourceNode& Key(size_t pair) const { return children[pair * 2]; }
  const SourceNode& Value(size_t pair) const { return children[pair * 2 + 1]; }

  // A map's value; null if it has no such key.
  const SourceNode* Find(absl::string_view key) const;

  // Where a field path such as "port_mappings[3].ports[0]" stands, or the innermost part of it
  // that the text has. A list that is written as a scalar stands for its only item.
  struct Place {
    const SourceNode* node;
    int line;  // of a field, where its name stands
  };
  Place Locate(absl::string_view path) const;
  int LineOf(absl::string_view path) const { return Locate(path).line; }

  // The last line on which a part of it begins.
  int LastLine() const;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_SOURCE_NODE_H_
