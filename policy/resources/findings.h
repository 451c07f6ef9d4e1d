// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RESOURCES_FINDINGS_H_
#define FIREBREAK_POLICY_RESOURCES_FINDINGS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "policy/resources/problem.h"
#include "policy/resources/source_node.h"

namespace firebreak::policy {

// The path from a message to one of its fields. Paths are made on the stack on the way down and
// become a text only if there is a problem; each points to the path above it.
class FieldPath {
 public:
  FieldPath() = default;  // the path of the message itself
  FieldPath(const FieldPath& parent, absl::string_view field, int index = -1)
      : parent_(&parent), field_(field), index_(index) {}

  // Returns a text such as "port_mappings[3].ports[0]".
  std::string Text() const;

 private:
  const FieldPath* parent_ = nullptr;
  absl::string_view field_;
  int index_ = -1;  // the index in a list
};

// Collects the problems of one resource, with the lines of the text that it came from, if any.
class Findings {
 public:
  // `source` may be null. `source`, `problems` and `warnings` must outlive this object; without
  // `warnings`, warnings are dropped.
  Findings(std::string file, const SourceNode* source, std::vector<Problem>& problems,
           std::vector<Problem>* warnings = nullptr)
      : file_(std::move(file)),
        source_(source),
        problems_(problems),
        warnings_(warnings),
        earlier_(problems.size()) {}

  void Add(const FieldPath& path, std::string reason);
  // Does nothing if `status` is OK.
  void Add(const FieldPath& path, const absl::Status& status);
  // Adds that something is missing, unless reading has already reported the same part of the text:
  // a misspelt name has been reported as unknown.
  void AddMissing(const FieldPath& path, std::string reason);

  // Adds a warning about something that is accepted but may be a mistake.
  void Warn(const FieldPath& path, std::string reason);

  // Whether the limit of problems is reached, so that further checks are useless.
  bool IsFull() const { return problems_.size() >= kMaxProblems; }

  // Returns nullopt if there is no text.
  std::optional<int> LineOf(const FieldPath& path) const;

 private:
  const std::string file_;
  const SourceNode* const source_;
  std::vector<Problem>& problems_;
  std::vector<Problem>* const warnings_;  // may be null
  const size_t earlier_;                  // problems found before, which come from reading
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_FINDINGS_H_
