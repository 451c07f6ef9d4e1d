// SPDX-License-Identifier: Apache-2.0
#include "cli/reference/page.h"

#include <map>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli/output/page.h"

namespace firebreak::cli {
namespace {

// Returns the text up to the first full stop that ends a sentence, or else the first paragraph.
std::string FirstSentence(const std::string& text) {
  const std::string paragraph = text.substr(0, text.find("\n\n"));
  const size_t stop = paragraph.find(". ");
  return stop == std::string::npos ? paragraph : paragraph.substr(0, stop + 1);
}

void AddFacts(const FieldEntry& entry, Page& page) {
  std::vector<std::pair<std::string, std::string>> facts = {{"type", entry.type}};
  if (!entry.default_value.empty()) facts.emplace_back("default", entry.default_value);
  if (!entry.range.empty()) facts.emplace_back("range", entry.range);
  page.Section("VALUE");
  page.Terms(facts);
}

std::string Anchor(absl::string_view path) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(std::string(path)), {{".", ""}});
}

// A cell of a table must be one line, and a bar in it must be escaped.
std::string Cell(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"|", "\\|"}, {"\n\n", "<br>"}});
}

std::string Meaning(const FieldEntry& entry) {
  std::string meaning = Cell(entry.text);
  if (!entry.range.empty()) absl::StrAppend(&meaning, " Range: ", Cell(entry.range), ".");
  if (!entry.default_value.empty()) {
    absl::StrAppend(&meaning, " Default: ", Cell(entry.default_value), ".");
  }
  if (!entry.example.empty()) absl::StrAppend(&meaning, " Example: `", Cell(entry.example), "`");
  return meaning;
}

// Writes the document topic by topic. Fields that several fields share are written once, below the
// first of them; the others refer to that place.
class DocumentWriter {
 public:
  explicit DocumentWriter(const Reference& reference) : reference_(reference) {}

  void AddKind(const std::string& kind) {
    const absl::StatusOr<Topic> topic = reference_.Find(kind);
    if (!topic.ok()) return;
    absl::StrAppend(&text_, "\n## ", kind, "\n\n`kind: ", kind, "`. ", topic->entry.text, "\n");
    AddTables(*topic);
  }

  std::string Take() && { return std::move(text_); }

 private:
  void AddTables(const Topic& topic) {
    std::vector<std::string> below;
    if (!topic.fields.empty()) {
      absl::StrAppend(&text_, "\n| field | type | meaning |\n| --- | --- | --- |\n");
    }
    for (const FieldEntry& field : topic.fields) {
      const std::string path = absl::StrCat(topic.path, ".", field.name);
      std::string name = absl::StrCat("`", field.name, "`");
      if (!field.shape.empty()) {
        const auto [place, is_new] = places_.emplace(field.shape, path);
        name = absl::StrCat("[", name, "](#", Anchor(place->second), ")");
        if (is_new) below.push_back(path);
      }
      absl::StrAppend(&text_, "| ", name, " | ", Cell(field.type), " | ", Meaning(field), " |\n");
    }
    if (!topic.values.empty()) absl::StrAppend(&text_, "\n| value | meaning |\n| --- | --- |\n");
    for (const ValueEntry& value : topic.values) {
      absl::StrAppend(&text_, "| `", value.name, "` | ", Cell(value.text), " |\n");
    }
    for (const std::string& path : below) {
      const absl::StatusOr<Topic> found = reference_.Find(path);
      if (!found.ok()) continue;
      absl::StrAppend(&text_, "\n### ", path, "\n");
      AddTables(*found);
    }
  }

  const Reference& reference_;
  std::map<std::string, std::string> places_;  // where each shape was written, by path
  std::string text_;
};

}  // namespace

std::string PrintTopic(const Topic& topic) {
  Page page;
  page.Section("NAME");
  const std::string sentence = FirstSentence(topic.entry.text);
  page.Paragraph(sentence.empty() ? topic.path : absl::StrCat(topic.path, " - ", sentence));
  if (topic.path == topic.entry.name) {
    page.Section("FILE");
    page.Verbatim(absl::StrCat("kind: ", topic.path));
  } else {
    AddFacts(topic.entry, page);
  }
  if (topic.entry.text.size() > sentence.size()) {
    page.Section("DESCRIPTION");
    page.Paragraphs(topic.entry.text);
  }
  if (!topic.entry.example.empty()) {
    page.Section("EXAMPLE");
    page.Verbatim(topic.entry.example);
  }
  if (!topic.values.empty()) {
    std::vector<std::pair<std::string, std::string>> terms;
    for (const ValueEntry& value : topic.values) terms.emplace_back(value.name, value.text);
    page.Section("VALUES");
    page.Terms(terms);
  }
  if (!topic.fields.empty()) {
    std::vector<std::pair<std::string, std::string>> terms;
    for (const FieldEntry& field : topic.fields) {
      terms.emplace_back(field.name, absl::StrCat(field.type, ". ", FirstSentence(field.text)));
    }
    page.Section("FIELDS");
    page.Terms(terms);
    page.Paragraph("");
    page.Paragraph(absl::StrCat("`firebreak help ", topic.path, ".FIELD` describes a field."));
  }
  return std::move(page).Take();
}

std::string PrintKinds(const Reference& reference) {
  Page page;
  page.Section("KINDS OF RESOURCES");
  std::vector<std::pair<std::string, std::string>> terms;
  for (const std::string& kind : reference.Kinds()) {
    const absl::StatusOr<Topic> topic = reference.Find(kind);
    if (topic.ok()) terms.emplace_back(kind, FirstSentence(topic->entry.text));
  }
  page.Terms(terms);
  page.Paragraph("");
  page.Paragraph("`firebreak help KIND` lists the fields of a kind.");
  return std::move(page).Take();
}

std::string ReferenceDocument(const Reference& reference) {
  const std::string out =
      "# What files may say\n\n"
      "A file holds resources: YAML documents (or JSON) with `---` between them. `kind` says what "
      "a\n"
      "document is; its other keys are the fields of that kind. A field that is not given has its\n"
      "default. `firebreak help KIND.FIELD` prints the same on a terminal.\n\n"
      "This page is made from `proto/firebreak/v1/resources.proto`\n"
      "(`bazel run --config=opt //cli/reference:write_document`); a test keeps the two equal.\n";
  DocumentWriter writer(reference);
  for (const std::string& kind : reference.Kinds()) writer.AddKind(kind);
  return out + std::move(writer).Take();
}

}  // namespace firebreak::cli
