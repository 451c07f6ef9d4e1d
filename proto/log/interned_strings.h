// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_LOG_INTERNED_STRINGS_H_
#define FIREBREAK_PROTO_LOG_INTERNED_STRINGS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace firebreak {

// The texts that records refer to by number, each stored once. A text is printable ASCII without
// spaces, so none can forge a line of the log or control a terminal. Number 0 is the empty text.
// Not thread-safe.
class InternedStrings {
 public:
  static constexpr size_t kMaxStrings = 4096;
  static constexpr size_t kMaxBytes = 255;

  InternedStrings() : texts_(1) {}

  // Returns the text's number, adding the text if needed. Bytes that are not printable ASCII, and
  // spaces, become \xNN; `\` becomes \x5c; a text that is too long is cut. Returns 0 if there are
  // kMaxStrings texts already.
  uint16_t Intern(absl::string_view raw);

  // Adds a text that another InternedStrings has made. Returns false if the text does not have the
  // form that Intern produces, or if there are too many.
  bool Take(absl::string_view text);

  const std::string& operator[](uint16_t number) const { return texts_[number]; }
  size_t size() const { return texts_.size(); }

  // Removes all texts; numbers given before become invalid.
  void Clear();

 private:
  std::vector<std::string> texts_;
  absl::flat_hash_map<std::string, uint16_t> numbers_;  // by the text before escaping
};

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_LOG_INTERNED_STRINGS_H_
