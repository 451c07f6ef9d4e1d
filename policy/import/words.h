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

// Parsers for words that all syntaxes share. Errors are InvalidArgument with a reason for the user.

// Parses an address, a prefix ("10.0.0.0/8", "10.0.0.0/255.0.0.0") or a range
// ("10.0.0.1-10.0.0.9").
absl::StatusOr<Addresses> ParseAddress(absl::string_view text);
Addresses Unite(const Addresses& a, const Addresses& b);
// Returns all other addresses of the families that `of` has addresses of.
Addresses Complement(const Addresses& of);

// Parses a port, a range with `separator`, or the name of a service.
absl::StatusOr<IntervalSet> ParsePort(absl::string_view text, char separator);

// Parses a protocol such as "tcp" or "6", or "all".
absl::StatusOr<std::bitset<256>> ParseProtocols(absl::string_view text);

// Parses an ICMP type by the names of iptables and nft, by number, or as "type/code".
absl::StatusOr<IntervalSet> ParseKind(absl::string_view text, bool v6);

// Parses "10/minute" and its short forms.
absl::StatusOr<Rate> ParseRateWord(absl::string_view text);

// Returns the State bits that the word stands for; 0 if the word is unknown.
uint8_t ParseState(absl::string_view word);

// Splits a line at blanks. Quotes protect blanks, and a backslash within quotes protects the next
// byte. Returns InvalidArgument if a quote does not end.
absl::StatusOr<std::vector<std::string>> SplitWords(absl::string_view line);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_WORDS_H_
