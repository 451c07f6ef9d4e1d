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

// A field of a message, by its way from the top. Made on the stack on the way down and put into
// words only if there is something to say; it points to the one above it.
class FieldPath {
 public:
  FieldPath() = default;  // the message itself
  FieldPath(const FieldPath& parent, absl::string_view field, int index = -1)
      : parent_(&parent), field_(field), index_(index) {}

  // "port_mappings[3].ports[0]".
  std::string Text() const;

 private:
  const FieldPath* parent_ = nullptr;
  absl::string_view field_;
  int index_ = -1;  // in a list
};

// Collects what is wrong with one resource, with the lines of the text it came from, if any.
class Findings {
 public:
  // `source` may be null, and outlives this, as do `problems` and, unless they are of no interest,
  // `warnings`.
  Findings(std::string file, const SourceNode* source, std::vector<Problem>& problems,
           std::vector<Problem>* warnings = nullptr)
      : file_(std::move(file)),
        source_(source),
        problems_(problems),
        warnings_(warnings),
        earlier_(problems.size()) {}

  void Add(const FieldPath& path, std::string reason);
  // Nothing if `status` is OK.
  void Add(const FieldPath& path, const absl::Status& status);
  // That something is not there. Left out if reading has found fault with the same part of the
  // text: a misspelt name has been reported as such.
  void AddMissing(const FieldPath& path, std::string reason);

  // That something is accepted, but may be a mistake.
  void Warn(const FieldPath& path, std::string reason);

  // There are as many as will be told: no need to look further.
  bool IsFull() const { return problems_.size() >= kMaxProblems; }

  // Absent if there is no text.
  std::optional<int> LineOf(const FieldPath& path) const;

 private:
  const std::string file_;
  const SourceNode* const source_;
  std::vector<Problem>& problems_;
  std::vector<Problem>* const warnings_;  // may be null
  const size_t earlier_;                  // problems before these, which are those of reading
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_RESOURCES_FINDINGS_H_
