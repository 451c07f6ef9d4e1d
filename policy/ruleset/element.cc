// SPDX-License-Identifier: Apache-2.0
#include "policy/ruleset/element.h"

#include "absl/strings/str_cat.h"

namespace firebreak::ruleset {
namespace {

absl::string_view BytesOf(const int32_t& code) {
  return {reinterpret_cast<const char*>(&code), sizeof code};
}

}  // namespace

Element::Element(absl::string_view key)
    : bytes_(key), key_bytes_(static_cast<uint32_t>(key.size())), value_(Value::kNone) {}

Element::Element(absl::string_view key, VerdictView verdict)
    : bytes_(absl::StrCat(key, BytesOf(verdict.code), verdict.chain)),
      key_bytes_(static_cast<uint32_t>(key.size())),
      value_(Value::kVerdict) {}

Element::Element(absl::string_view key, absl::string_view data)
    : bytes_(absl::StrCat(key, data)),
      key_bytes_(static_cast<uint32_t>(key.size())),
      value_(Value::kData) {}

}  // namespace firebreak::ruleset
