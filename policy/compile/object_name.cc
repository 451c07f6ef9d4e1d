// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/object_name.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "base/openssl/openssl.h"

namespace firebreak::policy {
namespace {

constexpr size_t kMostBytes = 255;  // NFT_NAME_MAXLEN without the terminating zero
constexpr size_t kKeptBytes = 180;  // the part kept of a longer name; the mark and the hash follow
// An escape is this letter and two digits. Users' names have no capital letters, so a policy's
// words appear unchanged.
constexpr char kEscape[] = "X";
constexpr char kMark[] = "XX";

bool StandsForItself(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '.' || c == '_' || c == '-';
}

}  // namespace

std::string ObjectName::Escaped(absl::string_view word) {
  std::string text;
  for (char c : word) {
    if (StandsForItself(c)) {
      text += c;
    } else {
      absl::StrAppend(&text, kEscape, absl::BytesToHexString(absl::string_view(&c, 1)));
    }
  }
  return text;
}

std::string ObjectName::Text() const {
  if (whole_.size() <= kMostBytes) return whole_;
  return absl::StrCat(absl::string_view(whole_).substr(0, kKeptBytes), kMark,
                      absl::BytesToHexString(Sha256(whole_)));
}

}  // namespace firebreak::policy
