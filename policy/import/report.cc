// SPDX-License-Identifier: Apache-2.0
#include "policy/import/report.h"

#include <algorithm>

namespace firebreak::importer {
namespace {

constexpr size_t kMaxText = 300;  // bytes of one statement's text

}  // namespace

size_t Report::Add(absl::string_view file, int line, absl::string_view text) {
  statements_.push_back({std::string(file), line, std::string(text.substr(0, kMaxText)), ""});
  return statements_.size() - 1;
}

void Report::CannotSay(size_t statement, absl::string_view why) {
  if (statement == kNoStatement) return;
  std::string& unsaid = statements_[statement].unsaid;
  if (unsaid.empty()) unsaid = std::string(why);
}

void Report::Note(absl::string_view text) {
  if (std::find(notes_.begin(), notes_.end(), text) == notes_.end()) notes_.emplace_back(text);
}

size_t Report::CountUnsaid() const {
  return static_cast<size_t>(
      std::count_if(statements_.begin(), statements_.end(),
                    [](const Statement& statement) { return !statement.unsaid.empty(); }));
}

}  // namespace firebreak::importer
