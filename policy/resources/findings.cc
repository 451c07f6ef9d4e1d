// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/findings.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace firebreak::policy {

std::string FieldPath::Text() const {
  if (parent_ == nullptr) return "";
  std::string text = parent_->Text();
  absl::StrAppend(&text, text.empty() ? "" : ".", field_);
  if (index_ >= 0) absl::StrAppend(&text, "[", index_, "]");
  return text;
}

void Findings::Add(const FieldPath& path, std::string reason) {
  if (IsFull()) return;
  const int line = LineOf(path).value_or(0);
  problems_.push_back({file_, static_cast<uint32_t>(line), std::move(reason)});
}

void Findings::Add(const FieldPath& path, const absl::Status& status) {
  if (!status.ok()) Add(path, std::string(status.message()));
}

void Findings::AddMissing(const FieldPath& path, std::string reason) {
  if (source_ != nullptr) {
    const SourceNode& node = *source_->Locate(path.Text()).node;
    const auto first = static_cast<uint32_t>(node.line);
    const auto last = static_cast<uint32_t>(node.LastLine());
    const bool reported =
        std::any_of(problems_.begin(), problems_.begin() + static_cast<std::ptrdiff_t>(earlier_),
                    [&](const Problem& problem) {
                      return problem.file == file_ && first <= problem.line && problem.line <= last;
                    });
    if (reported) return;
  }
  Add(path, std::move(reason));
}

void Findings::Warn(const FieldPath& path, std::string reason) {
  if (warnings_ == nullptr || warnings_->size() >= kMaxProblems) return;
  const int line = LineOf(path).value_or(0);
  warnings_->push_back({file_, static_cast<uint32_t>(line), std::move(reason)});
}

std::optional<int> Findings::LineOf(const FieldPath& path) const {
  if (source_ == nullptr) return std::nullopt;
  return source_->LineOf(path.Text());
}

}  // namespace firebreak::policy
