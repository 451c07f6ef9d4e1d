// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/names.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace firebreak::policy {
namespace {

constexpr size_t kMaxLabelValue = 63;
constexpr size_t kMaxInterfaceName = 15;
constexpr size_t kMaxDnsName = 253;
constexpr size_t kMaxDnsLabel = 63;
constexpr size_t kMaxQuoted = 80;

bool IsLowerAlnum(char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c); }

bool IsDnsLabel(absl::string_view label) {
  return !label.empty() && label.size() <= kMaxDnsLabel && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return absl::ascii_isalnum(c) || c == '-';
         });
}

}  // namespace

bool IsName(absl::string_view text) {
  return !text.empty() && text.size() <= kMaxNameBytes && IsLowerAlnum(text.front()) &&
         IsLowerAlnum(text.back()) && std::all_of(text.begin(), text.end(), [](char c) {
           return IsLowerAlnum(c) || c == '.' || c == '_' || c == '-';
         });
}

absl::Status CheckName(absl::string_view text) {
  if (IsName(text)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      Quoted(text), " is not a name: it may have up to ", kMaxNameBytes,
      " of a-z, 0-9, \".\", \"_\" and \"-\", and begins and ends with a letter or a digit"));
}

absl::Status CheckLabel(absl::string_view key, absl::string_view value) {
  if (!IsName(key)) {
    return absl::InvalidArgumentError(absl::StrCat("label key ", CheckName(key).message()));
  }
  const bool valid =
      value.size() <= kMaxLabelValue && std::all_of(value.begin(), value.end(), [](char c) {
        return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
      });
  if (valid) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "label ", key, ": ", Quoted(value), " is not a label's value: it may have up to ",
      kMaxLabelValue, " letters, digits, \".\", \"_\" and \"-\""));
}

absl::Status CheckInterfaceName(absl::string_view text, bool pattern) {
  absl::string_view name = text;
  // A pattern may consist of "*" only, and then matches every name.
  const bool open = pattern && absl::ConsumeSuffix(&name, "*");
  const bool characters = std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isgraph(c) && c != '/' && c != ':' && c != '*';
  });
  if ((open || !name.empty()) && name.size() <= kMaxInterfaceName && characters && name != "." &&
      name != "..") {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat(Quoted(text), " is not the name of an interface: it may have up to ",
                   kMaxInterfaceName, " printable characters, without \"/\", \":\" and spaces",
                   pattern ? "; a \"*\" at the end stands for any rest" : ""));
}

absl::Status CheckDnsName(absl::string_view text) {
  bool valid = !text.empty() && text.size() <= kMaxDnsName;
  for (absl::string_view label : absl::StrSplit(text, '.')) valid = valid && IsDnsLabel(label);
  if (valid) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(Quoted(text), " is not a DNS name, such as \"corp.example\""));
}

std::string Quoted(absl::string_view text) {
  const bool cut = text.size() > kMaxQuoted;
  return absl::StrCat("\"", absl::Utf8SafeCHexEscape(cut ? text.substr(0, kMaxQuoted) : text),
                      cut ? "…" : "", "\"");
}

}  // namespace firebreak::policy
