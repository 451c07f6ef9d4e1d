// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_WORDS_H_
#define FIREBREAK_POLICY_IMPORT_WORDS_H_

#include <bitset>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policy/import/match.h"

namespace firebreak::importer {

// The words of which all syntaxes are made. Errors are InvalidArgument with a reason for users.

// One address, prefix ("10.0.0.0/8", "10.0.0.0/255.0.0.0"), or range ("10.0.0.1-10.0.0.9").
absl::StatusOr<Addresses> ParseAddress(absl::string_view text);
Addresses Unite(const Addresses& a, const Addresses& b);
// All addresses of the families that `of` has some of, but for those of `of`.
Addresses Complement(const Addresses& of);

// A port, a range with `separator`, or the name of a service.
absl::StatusOr<IntervalSet> ParsePort(absl::string_view text, char separator);

// "tcp", "6", "all".
absl::StatusOr<std::bitset<256>> ParseProtocols(absl::string_view text);

// Types of ICMP by the names that iptables and nft use, by number, or "type/code".
absl::StatusOr<IntervalSet> ParseKind(absl::string_view text, bool v6);

// "10/minute" and its short forms.
absl::StatusOr<Rate> ParseRateWord(absl::string_view text);

// Bits of State; 0: no such word.
uint8_t ParseState(absl::string_view word);

// Splits a line at blanks; quotes keep blanks, and a backslash in them the next byte.
// InvalidArgument: a quote does not end.
absl::StatusOr<std::vector<std::string>> SplitWords(absl::string_view line);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_WORDS_H_
