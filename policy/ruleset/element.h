// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RULESET_ELEMENT_H_
#define FIREBREAK_POLICY_RULESET_ELEMENT_H_

#include <string.h>

#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "policy/ruleset/expression.h"

namespace firebreak::ruleset {

// A verdict that refers to its chain's name, which must outlive it.
struct VerdictView {
  VerdictView(int32_t code, absl::string_view chain) : code(code), chain(chain) {}
  VerdictView(const Verdict& verdict)  // NOLINT(google-explicit-constructor): as a string_view is
      : code(verdict.code), chain(verdict.chain) {}

  int32_t code;
  absl::string_view chain;
};

// An element of a set: a key and, in a map, its value. In an interval set the key is the first key
// of the interval, directly followed by the last one.
//
// Elements are small, because a change to a large policy compares tens of thousands of them: key
// and value share one string, which needs no heap memory up to 15 bytes. That is enough for a
// protocol, a port and a verdict without a chain.
class Element {
 public:
  enum class Value : uint8_t { kNone, kVerdict, kData };

  explicit Element(absl::string_view key);
  Element(absl::string_view key, VerdictView verdict);
  Element(absl::string_view key, absl::string_view data);  // `data` is laid out like a key

  // The returned views are valid as long as the element.
  absl::string_view key() const { return absl::string_view(bytes_).substr(0, key_bytes_); }
  Value value() const { return value_; }
  std::optional<VerdictView> verdict() const {
    if (value_ != Value::kVerdict) return std::nullopt;
    int32_t code;
    memcpy(&code, bytes_.data() + key_bytes_, sizeof code);
    return VerdictView(code, absl::string_view(bytes_).substr(key_bytes_ + sizeof code));
  }
  std::optional<absl::string_view> data() const {
    if (value_ != Value::kData) return std::nullopt;
    return absl::string_view(bytes_).substr(key_bytes_);
  }

  // All keys of a set have the same length, so this order is the order of the keys.
  friend auto operator<=>(const Element&, const Element&) = default;

 private:
  Bytes bytes_;  // the key, then the verdict's code and chain, or the data
  uint32_t key_bytes_;
  Value value_;
};

}  // namespace firebreak::ruleset

#endif  // FIREBREAK_POLICY_RULESET_ELEMENT_H_
