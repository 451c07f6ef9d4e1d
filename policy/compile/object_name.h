// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_COMPILE_OBJECT_NAME_H_
#define FIREBREAK_POLICY_COMPILE_OBJECT_NAME_H_

#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::policy {

// The name of a chain, set or object that contains words of users: ObjectName("in") / location /
// "ports" is "in/corp/ports".
//
// Two names made of different words never have the same text, whatever bytes the words contain,
// because bytes that a word may not contain, such as the separator, are escaped. Fixed names
// ("drop.unsolicited") contain no separator, so they never equal a name with a user's word.
//
// The kernel accepts 255 bytes. A longer text ends in the SHA-256 of the whole text, behind a mark
// that no shorter text contains.
class ObjectName {
 public:
  explicit ObjectName(absl::string_view word) : whole_(Escaped(word)) {}

  ObjectName operator/(absl::string_view word) const {
    ObjectName longer = *this;
    longer.whole_ += '/';
    longer.whole_ += Escaped(word);
    return longer;
  }

  std::string Text() const;

 private:
  static std::string Escaped(absl::string_view word);

  std::string whole_;
};

}  // namespace firebreak::policy

#endif  // FIREBREAK_POLICY_COMPILE_OBJECT_NAME_H_
