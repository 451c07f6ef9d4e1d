// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/text/utf8.h"
#include "policy/resources/value.h"

namespace firebreak::policy {
namespace {

constexpr int kIndent = 2;
constexpr size_t kMaxInlineList = 72;  // in characters

// Whether YAML 1.1 or 1.2 reads the text as null or as a truth value.
bool IsReservedWord(absl::string_view text) {
  static constexpr absl::string_view kWords[] = {"y",     "n",  "yes", "no",  "true",
                                                 "false", "on", "off", "null"};
  return std::any_of(std::begin(kWords), std::end(kWords),
                     [&](absl::string_view word) { return absl::EqualsIgnoreCase(word, text); });
}

// Whether some reader might take the text for a number, a date or a time: 80, 1.0, 1e3, 0x1f,
// 2026-11-21. A range of ports is none of these.
bool LooksNumeric(absl::string_view text) {
  const bool numeric = std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isxdigit(c) || absl::StrContains(".-+_xXoO", c);
  });
  if (!numeric || !absl::ascii_isdigit(text.front())) return false;
  const std::vector<absl::string_view> ends = absl::StrSplit(text, '-');
  const bool range =
      ends.size() == 2 && std::all_of(ends.begin(), ends.end(), [](auto end) {
        return !end.empty() && std::all_of(end.begin(), end.end(), absl::ascii_isdigit);
      });
  return !range;
}

// Whether every reader takes the unquoted text as the same text, also in a list in brackets. This
// is narrower than YAML's rule.
bool IsPlain(absl::string_view text) {
  if (text.empty() || (!absl::ascii_isalnum(text.front()) && text.front() != '/')) return false;
  if (text.back() == ' ' || IsReservedWord(text) || LooksNumeric(text)) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("_./- ()", c);
  });
}

// Whether a block literal ("|") gives the same text back in every reader.
bool IsLiteral(absl::string_view text) {
  if (!absl::StrContains(text, '\n') || FindInvalidUtf8(text) != absl::string_view::npos) {
    return false;
  }
  if (absl::ascii_isspace(text.front()) || absl::EndsWith(text, "\n\n")) return false;
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (!line.empty() && absl::ascii_isspace(line.back())) return false;
  }
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c == '\n' || (c >= 0x20 && c < 0x7f); });
}

// Returns the text in double quotes (YAML 1.2, 5.7). Bytes that are not UTF-8 become U+FFFD.
std::string QuotedScalar(absl::string_view text) {
  std::string quoted = "\"";
  while (!text.empty()) {
    const size_t invalid = FindInvalidUtf8(text);
    for (char c : text.substr(0, invalid)) {
      if (c == '"' || c == '\\') {
        absl::StrAppend(&quoted, "\\", absl::string_view(&c, 1));
      } else if (c == '\n') {
        absl::StrAppend(&quoted, "\\n");
      } else if (c == '\t') {
        absl::StrAppend(&quoted, "\\t");
      } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
        absl::StrAppendFormat(&quoted, "\\x%02x", c);
      } else {
        quoted.push_back(c);
      }
    }
    if (invalid == absl::string_view::npos) break;
    absl::StrAppend(&quoted, "\xef\xbf\xbd");
    text.remove_prefix(invalid + 1);
  }
  quoted.push_back('"');
  return quoted;
}

std::string Scalar(const Value& value) {
  if (value.kind != Value::Kind::kText || IsPlain(value.text)) return value.text;
  return QuotedScalar(value.text);
}

bool IsScalar(const Value& value) {
  return value.kind != Value::Kind::kList && value.kind != Value::Kind::kMap;
}

class YamlPrinter {
 public:
  // Prints the value of a document.
  void PrintRoot(const Value& value) {
    if (IsScalar(value) || Count(value) == 0) {
      PrintInline(value);
    } else {
      PrintBlock(value, 0, false);
    }
    if (!text_.empty() && text_.back() == '\n') text_.pop_back();
  }

  std::string Take() && { return std::move(text_); }

 private:
  static size_t Count(const Value& value) { return value.items.size() + value.fields.size(); }

  void PrintInline(const Value& value) {
    if (IsScalar(value)) {
      absl::StrAppend(&text_, Scalar(value));
    } else if (value.kind == Value::Kind::kMap) {
      absl::StrAppend(&text_, "{}");
    } else {
      absl::StrAppend(&text_, InlineList(value));
    }
  }

  static std::string InlineList(const Value& list) {
    return absl::StrCat("[",
                        absl::StrJoin(list.items, ", ",
                                      [](std::string* out, const Value& item) {
                                        absl::StrAppend(out, Scalar(item));
                                      }),
                        "]");
  }

  static bool FitsInline(const Value& value) {
    if (IsScalar(value) || Count(value) == 0) return true;
    return value.kind == Value::Kind::kList && value.items.size() <= kMaxInlineList &&
           std::all_of(value.items.begin(), value.items.end(), IsScalar) &&
           InlineList(value).size() <= kMaxInlineList;
  }

  // Prints a map or a list that is not empty, each entry on a line of its own. `started` means that
  // the first line is already indented, as behind "- ".
  void PrintBlock(const Value& value, int indent, bool started) {
    for (const auto& [name, field] : value.fields) {
      Indent(indent, started);
      absl::StrAppend(&text_, IsPlain(name) ? name : QuotedScalar(name), ":");
      PrintAfterKey(field, indent);
    }
    for (const Value& item : value.items) {
      Indent(indent, started);
      absl::StrAppend(&text_, "-");
      if (FitsInline(item)) {
        PrintAfterKey(item, indent);
      } else {
        absl::StrAppend(&text_, " ");
        PrintBlock(item, indent + kIndent, true);
      }
    }
  }

  void PrintAfterKey(const Value& value, int indent) {
    if (value.kind == Value::Kind::kText && IsLiteral(value.text)) {
      PrintLiteral(value.text, indent + kIndent);
    } else if (FitsInline(value)) {
      absl::StrAppend(&text_, " ");
      PrintInline(value);
      absl::StrAppend(&text_, "\n");
    } else {
      absl::StrAppend(&text_, "\n");
      PrintBlock(value, indent + kIndent, false);
    }
  }

  void PrintLiteral(absl::string_view text, int indent) {
    const bool ends_line = absl::ConsumeSuffix(&text, "\n");
    absl::StrAppend(&text_, ends_line ? " |\n" : " |-\n");
    for (absl::string_view line : absl::StrSplit(text, '\n')) {
      if (!line.empty()) text_.append(indent, ' ');
      absl::StrAppend(&text_, line, "\n");
    }
  }

  void Indent(int indent, bool& started) {
    if (!started) text_.append(indent, ' ');
    started = false;
  }

  std::string text_;
};

}  // namespace

std::string YamlText(const Value& value) {
  YamlPrinter printer;
  printer.PrintRoot(value);
  return EscapeUnprintable(std::move(printer).Take());
}

}  // namespace firebreak::policy
