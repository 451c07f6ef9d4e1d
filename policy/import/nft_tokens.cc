// SPDX-License-Identifier: Apache-2.0
#include "policy/import/nft_tokens.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace firebreak::importer {
namespace {

constexpr size_t kMostTokens = 2'000'000;
constexpr absl::string_view kMarks = "{}();,=|&<>";

}  // namespace

absl::StatusOr<NftTokens> SplitNft(const SourceText& source) {
  const absl::string_view text = source.text;
  NftTokens tokens;
  int line = 1;
  const auto wrong = [&](absl::string_view why) {
    return absl::InvalidArgumentError(absl::StrCat(source.name, ":", line, ": ", why));
  };
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (tokens.size() > kMostTokens) return wrong("there is too much in it");
    if (c == '\n') {
      tokens.push_back({"\n", line++});
      ++i;
    } else if (c == '\\' && i + 1 < text.size() && text[i + 1] == '\n') {
      ++line;
      i += 2;
    } else if (absl::ascii_isspace(static_cast<unsigned char>(c))) {
      ++i;
    } else if (c == '#') {
      while (i < text.size() && text[i] != '\n') ++i;
    } else if (c == '"' || c == '\'') {
      const size_t end = text.find(c, i + 1);
      if (end == absl::string_view::npos ||
          text.substr(i, end - i).find('\n') != absl::string_view::npos) {
        return wrong("a quote does not end");
      }
      tokens.push_back({std::string(text.substr(i + 1, end - i - 1)), line, true});
      i = end + 1;
    } else if (c == '!' && i + 1 < text.size() && text[i + 1] == '=') {
      tokens.push_back({"!=", line});
      i += 2;
    } else if (text.substr(i, 2) == "==" || text.substr(i, 2) == "<=" ||
               text.substr(i, 2) == ">=") {
      tokens.push_back({std::string(text.substr(i, 2)), line});
      i += 2;
    } else if (kMarks.find(c) != absl::string_view::npos) {
      tokens.push_back({std::string(1, c), line});
      ++i;
    } else {
      const size_t first = i;
      // A name such as $net ends before a colon and port that may follow it.
      if (c == '$') {
        ++i;
        while (i < text.size() &&
               (absl::ascii_isalnum(static_cast<unsigned char>(text[i])) || text[i] == '_')) {
          ++i;
        }
        tokens.push_back({std::string(text.substr(first, i - first)), line});
        continue;
      }
      while (i < text.size() && !absl::ascii_isspace(static_cast<unsigned char>(text[i])) &&
             kMarks.find(text[i]) == absl::string_view::npos && text[i] != '"' && text[i] != '#' &&
             text[i] != '!') {
        ++i;
      }
      // An unknown mark becomes a token of its own.
      if (i == first) ++i;
      tokens.push_back({std::string(text.substr(first, i - first)), line});
    }
  }
  return tokens;
}

std::string TextOf(const NftTokens& tokens) {
  std::string text;
  for (const NftToken& token : tokens) {
    if (token.text == "\n") continue;
    const bool tight = token.Is(",") || token.Is(";");
    absl::StrAppend(&text, text.empty() || tight ? "" : " ",
                    token.quoted ? absl::StrCat("\"", token.text, "\"") : token.text);
  }
  return text;
}

}  // namespace firebreak::importer
