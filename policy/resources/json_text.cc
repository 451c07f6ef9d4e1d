// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/text/utf8.h"
#include "policy/resources/value.h"

namespace firebreak::policy {
namespace {

constexpr int kIndent = 2;

class JsonPrinter {
 public:
  void Print(const Value& value, int indent) {
    switch (value.kind) {
      case Value::Kind::kNumber: absl::StrAppend(&text_, value.text); return;
      case Value::Kind::kInt64:
      case Value::Kind::kText: PrintString(value.text); return;
      case Value::Kind::kList:
        PrintAll('[', value.items, ']', indent,
                 [&](const Value& item) { Print(item, indent + kIndent); });
        return;
      case Value::Kind::kMap:
        PrintAll('{', value.fields, '}', indent, [&](const ValueField& field) {
          PrintString(field.name);
          absl::StrAppend(&text_, ": ");
          Print(field.value, indent + kIndent);
        });
        return;
    }
  }

  std::string Take() && { return std::move(text_); }

 private:
  template <typename Items, typename PrintOne>
  void PrintAll(char open, const Items& items, char close, int indent, const PrintOne& print) {
    text_.push_back(open);
    bool first = true;
    for (const auto& item : items) {
      absl::StrAppend(&text_, first ? "\n" : ",\n");
      text_.append(indent + kIndent, ' ');
      print(item);
      first = false;
    }
    if (!first) {
      text_.push_back('\n');
      text_.append(indent, ' ');
    }
    text_.push_back(close);
  }

  // Source: RFC 8259, 7. Bytes that are not UTF-8 become U+FFFD, because JSON cannot express them.
  void PrintString(absl::string_view string) {
    text_.push_back('"');
    while (!string.empty()) {
      const size_t invalid = FindInvalidUtf8(string);
      for (char c : string.substr(0, invalid)) PrintCharacter(c);
      if (invalid == absl::string_view::npos) break;
      absl::StrAppend(&text_, "\\ufffd");
      string.remove_prefix(invalid + 1);
    }
    text_.push_back('"');
  }

  void PrintCharacter(char c) {
    if (c == '"' || c == '\\') {
      text_.push_back('\\');
      text_.push_back(c);
    } else if (c == '\n') {
      absl::StrAppend(&text_, "\\n");
    } else if (c == '\t') {
      absl::StrAppend(&text_, "\\t");
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      absl::StrAppendFormat(&text_, "\\u%04x", c);
    } else {
      text_.push_back(c);
    }
  }

  std::string text_;
};

}  // namespace

std::string JsonText(const Value& value) {
  JsonPrinter printer;
  printer.Print(value, 0);
  return EscapeUnprintable(std::move(printer).Take());
}

}  // namespace firebreak::policy
