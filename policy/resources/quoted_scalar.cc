// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/quoted_scalar.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace firebreak::policy {
namespace {

constexpr size_t kHalfBytes = 6;  // the length of "\ud83d"

// Returns the column that the scalar's further lines must be indented beyond: the column of the
// key, or of the dash, that the scalar belongs to. A scalar at the beginning of its line may
// continue in its own column.
size_t ColumnToPass(absl::string_view text, size_t open) {
  const size_t newline = text.substr(0, open).rfind('\n');
  const size_t begin = newline == absl::string_view::npos ? 0 : newline + 1;
  size_t at = begin, dash = 0;
  bool has_dash = false;
  while (at < open) {
    if (text[at] == ' ' || text[at] == '\t') {
      ++at;
    } else if (text[at] == '-' && (text[at + 1] == ' ' || text[at + 1] == '\t')) {
      has_dash = true;
      dash = at - begin;
      ++at;
    } else {
      return at - begin;
    }
  }
  if (has_dash) return dash;
  const size_t column = open - begin;
  return column == 0 ? 0 : column - 1;
}

// Returns the place behind the closing quote, or npos if there is none.
size_t EndOf(absl::string_view text, size_t open) {
  const char quote = text[open];
  for (size_t at = open + 1; at < text.size(); ++at) {
    if (quote == '"' && text[at] == '\\') {
      ++at;
    } else if (text[at] == quote) {
      const bool doubled = quote == '\'' && at + 1 < text.size() && text[at + 1] == quote;
      if (!doubled) return at + 1;
      ++at;
    }
  }
  return absl::string_view::npos;
}

bool MayFollow(absl::string_view rest) {
  const size_t blanks = std::min(rest.find_first_not_of(" \t"), rest.size());
  if (blanks == rest.size()) return true;
  const char next = rest[blanks];
  return absl::StrContains("\r\n,]}:", next) || (next == '#' && blanks > 0);
}

// Returns the surrogate that `text` begins with, such as "\ud83d", or 0 if it begins with none.
uint32_t Half(absl::string_view text) {
  uint32_t half = 0;
  if (text.size() < kHalfBytes || text[0] != '\\' || text[1] != 'u' ||
      !absl::SimpleHexAtoi(text.substr(2, 4), &half)) {
    return 0;
  }
  return half >= 0xd800 && half <= 0xdfff ? half : 0;
}

// Returns the character that two surrogates at the beginning of `text` form, as UTF-8, or an empty
// text if they form none.
std::string Whole(absl::string_view text) {
  const uint32_t high = Half(text);
  if (high == 0 || high >= 0xdc00) return "";
  const uint32_t low = Half(text.substr(kHalfBytes));
  if (low < 0xdc00) return "";
  const uint32_t code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
  return {static_cast<char>(0xf0 | code >> 18), static_cast<char>(0x80 | (code >> 12 & 0x3f)),
          static_cast<char>(0x80 | (code >> 6 & 0x3f)), static_cast<char>(0x80 | (code & 0x3f))};
}

}  // namespace

std::optional<QuoteFault> CheckQuotes(absl::string_view text, size_t open) {
  const absl::string_view quote = text.substr(open, 1);
  const size_t end = EndOf(text, open);
  if (end == absl::string_view::npos) {
    return QuoteFault{0, absl::StrCat("the quote (", quote, ") that opens here is never closed")};
  }
  // The column is computed only if the scalar has several lines, because a file may be one long
  // line with many scalars, and each computation reads from the beginning of the line.
  const bool one_line = !absl::StrContains(text.substr(open, end - open), '\n');
  const size_t column = one_line ? 0 : ColumnToPass(text, open);
  int line = 0;
  for (size_t newline = text.find('\n', open); !one_line && newline < end;
       newline = text.find('\n', newline)) {
    ++line;
    ++newline;
    const size_t first = std::min(text.find_first_not_of(" \t\r", newline), text.size());
    if (text[first] == '\n' || first - newline > column) continue;
    return QuoteFault{0, absl::StrCat("the quote (", quote,
                                      ") that opens here is not closed before the line ", line,
                                      " below, which is not indented: close it, or indent what "
                                      "belongs to it")};
  }
  if (!MayFollow(text.substr(end))) {
    return QuoteFault{line, absl::StrCat("there is more behind the closing quote (", quote,
                                         "): a quote in a text must be ",
                                         quote == "'" ? "doubled" : "written \\\"")};
  }
  return std::nullopt;
}

bool MayHaveForeignEscapes(absl::string_view text) {
  for (size_t at = text.find('\\'); at != absl::string_view::npos; at = text.find('\\', at + 1)) {
    const absl::string_view escape = text.substr(at);
    if (escape.size() > 1 && (escape[1] == '_' || escape[1] == 'N' || Half(escape) != 0)) {
      return true;
    }
  }
  return false;
}

std::string MaskForeignEscapes(absl::string_view text) {
  std::string masked(text);
  for (size_t at = text.find('\\'); at != absl::string_view::npos; at = text.find('\\', at)) {
    const absl::string_view escape = text.substr(at);
    if (escape.size() > 1 && (escape[1] == '_' || escape[1] == 'N')) masked[at + 1] = 't';
    if (!Whole(escape).empty()) {
      for (const size_t half : {at, at + kHalfBytes}) masked.replace(half + 2, 4, "0020");
    }
    at += 2;  // the backslash escapes the next byte, so that byte begins no escape
  }
  return masked;
}

std::string ResolveForeignEscapes(absl::string_view text, std::span<const size_t> opens) {
  std::string resolved;
  size_t copied = 0;
  for (const size_t open : opens) {
    const size_t end = std::min(EndOf(text, open), text.size());
    for (size_t at = text.find('\\', open); at < end; at = text.find('\\', at)) {
      const absl::string_view escape = text.substr(at, end - at);
      std::string character = Whole(escape);
      size_t length = character.empty() ? 2 : 2 * kHalfBytes;
      if (escape[1] == '_') character = "\xc2\xa0";
      if (escape[1] == 'N') character = "\xc2\x85";
      if (!character.empty()) {
        absl::StrAppend(&resolved, text.substr(copied, at - copied), character);
        copied = at + length;
      }
      at += length;
    }
  }
  absl::StrAppend(&resolved, text.substr(copied));
  return resolved;
}

}  // namespace firebreak::policy
