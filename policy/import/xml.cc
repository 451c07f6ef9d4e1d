// SPDX-License-Identifier: Apache-2.0
#include "policy/import/xml.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "base/status/status.h"

namespace firebreak::importer {
namespace {

constexpr int kMostDeep = 16;
constexpr size_t kMostElements = 100'000;

bool IsBlank(char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); }

class Reader {
 public:
  explicit Reader(const SourceText& source) : source_(source), rest_(source.text) {}

  absl::StatusOr<XmlElement> Read() {
    absl::ConsumePrefix(&rest_, "\xef\xbb\xbf");
    RETURN_IF_ERROR(SkipBetween());
    ASSIGN_OR_RETURN(XmlElement element, ReadElement(0));
    RETURN_IF_ERROR(SkipBetween());
    if (!rest_.empty()) return Wrong("there is something behind the end");
    return element;
  }

 private:
  absl::Status Wrong(absl::string_view why) const {
    return absl::InvalidArgumentError(absl::StrCat(source_.name, ":", Line(), ": ", why));
  }

  // Continues counting where the last call stopped, because the reader never goes back.
  int Line() const {
    const auto done = static_cast<ptrdiff_t>(source_.text.size() - rest_.size());
    line_ += static_cast<int>(
        std::count(source_.text.begin() + counted_, source_.text.begin() + done, '\n'));
    counted_ = done;
    return line_;
  }

  void SkipBlanks() {
    while (!rest_.empty() && IsBlank(rest_[0])) rest_.remove_prefix(1);
  }

  absl::Status SkipTo(absl::string_view end) {
    const size_t at = rest_.find(end);
    if (at == absl::string_view::npos) return Wrong("the file is cut off");
    rest_.remove_prefix(at + end.size());
    return absl::OkStatus();
  }

  // Skips blanks, comments and processing instructions.
  absl::Status SkipBetween() {
    while (true) {
      SkipBlanks();
      if (absl::ConsumePrefix(&rest_, "<!--")) {
        RETURN_IF_ERROR(SkipTo("-->"));
      } else if (absl::ConsumePrefix(&rest_, "<?")) {
        RETURN_IF_ERROR(SkipTo("?>"));
      } else {
        return absl::OkStatus();
      }
    }
  }

  std::string TakeName() {
    size_t length = 0;
    while (length < rest_.size() && !IsBlank(rest_[length]) &&
           absl::string_view("<>/=\"'").find(rest_[length]) == absl::string_view::npos) {
      ++length;
    }
    const std::string name(rest_.substr(0, length));
    rest_.remove_prefix(length);
    return name;
  }

  absl::StatusOr<std::string> Decode(absl::string_view text) const {
    constexpr std::pair<absl::string_view, char> kEntities[] = {
        {"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}};
    std::string decoded;
    while (!text.empty()) {
      if (text[0] != '&') {
        decoded += text[0];
        text.remove_prefix(1);
        continue;
      }
      const size_t end = text.find(';');
      const absl::string_view name = text.substr(1, end == absl::string_view::npos ? end : end - 1);
      const auto* const found =
          std::find_if(std::begin(kEntities), std::end(kEntities),
                       [&](const auto& entity) { return entity.first == name; });
      uint32_t number = 0;
      if (end != absl::string_view::npos && found != std::end(kEntities)) {
        decoded += found->second;
      } else if (end != absl::string_view::npos && absl::StartsWith(name, "#") &&
                 absl::SimpleAtoi(name.substr(1), &number) && number >= 32 && number < 127) {
        decoded += static_cast<char>(number);
      } else {
        return Wrong("an unknown entity");
      }
      text.remove_prefix(end + 1);
    }
    return decoded;
  }

  absl::StatusOr<XmlElement> ReadElement(int depth) {
    XmlElement element;
    element.line = Line();
    if (depth > kMostDeep || ++count_ > kMostElements) return Wrong("there is too much in it");
    if (!absl::ConsumePrefix(&rest_, "<")) return Wrong("an element is missing; is this XML?");
    if (absl::StartsWith(rest_, "!")) return Wrong("a DTD is not read");
    element.name = TakeName();
    if (element.name.empty()) return Wrong("an element has no name");
    while (true) {
      SkipBlanks();
      if (absl::ConsumePrefix(&rest_, "/>")) return element;
      if (absl::ConsumePrefix(&rest_, ">")) break;
      const std::string attribute = TakeName();
      SkipBlanks();
      if (attribute.empty() || !absl::ConsumePrefix(&rest_, "="))
        return Wrong("the file is cut off");
      SkipBlanks();
      if (rest_.empty() || (rest_[0] != '"' && rest_[0] != '\'')) {
        return Wrong("the value of an attribute is in quotes");
      }
      const size_t end = rest_.find(rest_[0], 1);
      if (end == absl::string_view::npos) return Wrong("the file is cut off");
      ASSIGN_OR_RETURN(element.attributes[attribute], Decode(rest_.substr(1, end - 1)));
      rest_.remove_prefix(end + 1);
    }
    RETURN_IF_ERROR(ReadInside(element, depth));
    return element;
  }

  absl::Status ReadInside(XmlElement& element, int depth) {
    while (true) {
      const size_t mark = rest_.find('<');
      if (mark == absl::string_view::npos) return Wrong("the file is cut off");
      ASSIGN_OR_RETURN(const std::string text, Decode(rest_.substr(0, mark)));
      element.text += text;
      rest_.remove_prefix(mark);
      if (absl::ConsumePrefix(&rest_, "<!--")) {
        RETURN_IF_ERROR(SkipTo("-->"));
        continue;
      }
      if (absl::ConsumePrefix(&rest_, "</")) {
        if (TakeName() != element.name) return Wrong("an element ends that did not begin");
        SkipBlanks();
        if (!absl::ConsumePrefix(&rest_, ">")) return Wrong("the file is cut off");
        return absl::OkStatus();
      }
      ASSIGN_OR_RETURN(XmlElement child, ReadElement(depth + 1));
      element.children.push_back(std::move(child));
    }
  }

  const SourceText& source_;
  absl::string_view rest_;
  mutable ptrdiff_t counted_ = 0;  // bytes whose line ends are counted in line_
  mutable int line_ = 1;
  size_t count_ = 0;
};

}  // namespace

std::string XmlElement::Get(const std::string& attribute) const {
  const auto found = attributes.find(attribute);
  return found == attributes.end() ? "" : found->second;
}

const XmlElement* XmlElement::Find(const std::string& child) const {
  const auto found = std::find_if(children.begin(), children.end(),
                                  [&](const XmlElement& one) { return one.name == child; });
  return found == children.end() ? nullptr : &*found;
}

std::string TextOf(const XmlElement& element) {
  std::string text = absl::StrCat("<", element.name);
  for (const auto& [name, value] : element.attributes) {
    absl::StrAppend(&text, " ", name, "=\"", value, "\"");
  }
  text += ">";
  for (const XmlElement& child : element.children) text += TextOf(child);
  return text;
}

absl::StatusOr<XmlElement> ReadXml(const SourceText& source) { return Reader(source).Read(); }

}  // namespace firebreak::importer
