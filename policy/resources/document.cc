// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/document.h"

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <istream>
#include <optional>
#include <streambuf>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "base/text/utf8.h"
#include "policy/resources/names.h"
#include "policy/resources/quoted_scalar.h"

namespace firebreak::policy {
namespace {

// The exception that stops the parser, which cannot be stopped in another way. Never leaves this
// file.
struct Refused {
  int line;
  std::string reason;
};

// Lets a stream read a text without copying it.
class TextBuffer : public std::streambuf {
 public:
  explicit TextBuffer(const std::string& text) {
    char* begin = const_cast<char*>(text.data());  // a streambuf never writes to its get area
    setg(begin, begin, begin + text.size());
  }
};

std::string TooDeep() {
  return absl::StrCat("values are nested more than ", kMaxNestingDepth, " deep");
}

constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";

class TreeBuilder : public YAML::EventHandler {
 public:
  // `text` must be exactly the text that is parsed.
  TreeBuilder(const std::string& file, absl::string_view text, std::vector<Problem>& problems)
      : file_(file), text_(text), problems_(problems) {}

  // Returns the document that was read last, or a null node if it was empty.
  SourceNode TakeRoot() { return std::exchange(root_, SourceNode()); }

  void OnDocumentStart(const YAML::Mark&) override {
    root_ = SourceNode();
    open_.clear();
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    RefuseAnchor(mark, anchor);
    Add(mark, SourceNode::Kind::kNull);
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw Refused{LineAt(mark), "aliases (\"*\") are not supported; write the value out"};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    RefuseAnchor(mark, anchor);
    RefuseTag(mark, tag);
    if (FindInvalidUtf8(value) != absl::string_view::npos) {
      throw Refused{LineAt(mark), "this value is not UTF-8"};
    }
    if (tag == "!") RefuseBadQuotes(mark);
    SourceNode& node = Add(mark, SourceNode::Kind::kScalar);
    node.scalar = value;
    node.quoted = tag == "!";
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    RefuseAnchor(mark, anchor);
    RefuseTag(mark, tag);
    Open(mark, SourceNode::Kind::kSequence);
  }
  void OnSequenceEnd() override { open_.pop_back(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    RefuseAnchor(mark, anchor);
    RefuseTag(mark, tag);
    Open(mark, SourceNode::Kind::kMap);
  }
  void OnMapEnd() override {
    CheckKeys(*open_.back());
    open_.pop_back();
  }

 private:
  static int LineAt(const YAML::Mark& mark) { return mark.line + 1; }

  void RefuseBadQuotes(const YAML::Mark& mark) {
    const auto open = static_cast<size_t>(mark.pos);
    if (open >= text_.size() || (text_[open] != '"' && text_[open] != '\'')) return;
    if (const std::optional<QuoteFault> fault = CheckQuotes(text_, open)) {
      throw Refused{LineAt(mark) + fault->line, fault->reason};
    }
  }

  // Refuses the second document that yaml-cpp begins when the indentation of a line does not fit.
  void RefuseUnmarkedDocument(const YAML::Mark& mark) {
    const size_t before = last_, here = static_cast<size_t>(std::max(mark.pos, 0));
    last_ = here;
    if (!open_.empty() || !any_ || here <= before) return;
    const absl::string_view between = text_.substr(before, here - before);
    if (absl::StrContains(between, "\n---") || absl::StrContains(between, "\n...")) return;
    throw Refused{LineAt(mark),
                  "this line is not indented as what it should belong to; another document begins "
                  "behind a line with \"---\""};
  }

  static void RefuseAnchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0) throw Refused{LineAt(mark), "anchors (\"&\") are not supported"};
  }
  // yaml-cpp gives the tag "?" to a plain scalar, and "!" to a quoted one.
  static void RefuseTag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return;
    throw Refused{LineAt(mark), absl::StrCat("tags are not supported: ", Quoted(tag))};
  }

  SourceNode& Add(const YAML::Mark& mark, SourceNode::Kind kind) {
    if (++nodes_ > kMaxNodes) {
      throw Refused{LineAt(mark),
                    absl::StrCat("the file has more than ", kMaxNodes, " values; split it")};
    }
    // Growing a node moves no open node, because only the last child of an open node can be open. A
    // null has no text of its own: its mark is where the next value begins.
    if (kind != SourceNode::Kind::kNull) RefuseUnmarkedDocument(mark);
    any_ = true;
    SourceNode* node = &root_;
    if (!open_.empty()) node = &open_.back()->children.emplace_back();
    node->kind = kind;
    node->line = LineAt(mark);
    return *node;
  }

  void Open(const YAML::Mark& mark, SourceNode::Kind kind) {
    if (static_cast<int>(open_.size()) >= kMaxNestingDepth) {
      throw Refused{LineAt(mark), TooDeep()};
    }
    open_.push_back(&Add(mark, kind));
  }

  void CheckKeys(const SourceNode& map) {
    constexpr size_t kFew = 16;  // up to this number, comparing all pairs is faster than hashing
    absl::flat_hash_map<absl::string_view, int> lines;
    for (size_t pair = 0; pair < map.PairCount(); ++pair) {
      const SourceNode& key = map.Key(pair);
      if (key.kind != SourceNode::Kind::kScalar) {
        Report(key.line, "a key must be a plain name");
        continue;
      }
      int earlier = 0;
      if (map.PairCount() <= kFew) {
        for (size_t other = 0; other < pair && earlier == 0; ++other) {
          if (map.Key(other).scalar == key.scalar) earlier = map.Key(other).line;
        }
      } else {
        const auto [found, inserted] = lines.emplace(key.scalar, key.line);
        if (!inserted) earlier = found->second;
      }
      if (earlier != 0) {
        Report(key.line,
               absl::StrCat(Quoted(key.scalar), " is given twice, first on line ", earlier));
      }
    }
  }

  void Report(int line, std::string reason) {
    if (problems_.size() >= kMaxProblems) return;
    problems_.push_back({file_, static_cast<uint32_t>(line), std::move(reason)});
  }

  const std::string& file_;
  const absl::string_view text_;
  std::vector<Problem>& problems_;
  SourceNode root_;
  std::vector<SourceNode*> open_;  // from the root inwards
  int nodes_ = 0;
  bool any_ = false;
  size_t last_ = 0;  // where the last node begins
};

// Collects the places where the text's double-quoted scalars begin.
class QuoteFinder : public YAML::EventHandler {
 public:
  explicit QuoteFinder(absl::string_view text) : text_(text) {}

  const std::vector<size_t>& opens() const { return opens_; }

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string&) override {
    const auto at = static_cast<size_t>(mark.pos);
    if (tag == "!" && at < text_.size() && text_[at] == '"') opens_.push_back(at);
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {
    Open(mark);
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {
    Open(mark);
  }
  void OnMapEnd() override { --depth_; }

 private:
  void Open(const YAML::Mark& mark) {
    if (++depth_ > kMaxNestingDepth) throw Refused{mark.line + 1, TooDeep()};
  }

  int depth_ = 0;
  const absl::string_view text_;
  std::vector<size_t> opens_;
};

void Parse(const std::string& text, YAML::EventHandler& handler,
           absl::FunctionRef<void()> after_document) {
  TextBuffer buffer(text);
  std::istream stream(&buffer);
  YAML::Parser parser(stream);
  while (parser.HandleNextDocument(handler)) after_document();
}

// Returns the text without byte order marks in front of documents, which joined files have, and
// without escapes that the parser does not know.
std::string Prepare(const std::string& text) {
  std::string prepared =
      absl::StrReplaceAll(absl::StripPrefix(text, kByteOrderMark),
                          {{absl::StrCat("\n", kByteOrderMark, "---"), "\n---"}});
  if (!MayHaveForeignEscapes(prepared)) return prepared;
  const std::string masked = MaskForeignEscapes(prepared);
  QuoteFinder quotes(masked);
  Parse(masked, quotes, [] {});
  return ResolveForeignEscapes(prepared, quotes.opens());
}

// Returns where a line other than the first begins with a byte order mark that no document follows,
// or npos.
size_t StrayByteOrderMark(absl::string_view text) {
  const std::string at_line = absl::StrCat("\n", kByteOrderMark);
  size_t at = text.find(at_line);
  while (at != absl::string_view::npos) {
    const absl::string_view line = text.substr(at + at_line.size());
    if (!absl::StartsWith(line, "---")) return at + 1;
    at = text.find(at_line, at + 1);
  }
  return at;
}

// Finds bytes that the parser would misread silently; for example, it takes the byte 4 for the end
// of the text.
std::optional<Problem> CheckText(const std::string& file, const std::string& text) {
  if (text.size() > kMaxTextBytes) {
    return Problem{file, 0,
                   absl::StrCat("the file is ", text.size() >> 20, " MB; at most ",
                                kMaxTextBytes >> 20, " MiB are taken: split it")};
  }
  const size_t invalid = FindInvalidUtf8(text);
  const auto control = std::find_if(text.begin(), text.end(), [](unsigned char c) {
    return (c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
  });
  const size_t mark = StrayByteOrderMark(text);
  const size_t at = std::min({invalid, static_cast<size_t>(control - text.begin()), mark});
  if (at >= text.size()) return std::nullopt;
  const auto line = static_cast<uint32_t>(1 + std::count(text.begin(), text.begin() + at, '\n'));
  return Problem{file, line,
                 at == mark
                     ? "there is a byte order mark within the text: files that begin with one are "
                       "joined with a line \"---\" behind it"
                 : at == invalid ? "the text is not UTF-8"
                                 : "the text has a control character; in double quotes write it as "
                                   "an escape, such as \"\\x1b\""};
}

}  // namespace

std::vector<SourceNode> ReadDocuments(const std::string& file, const std::string& text,
                                      std::vector<Problem>& problems) {
  std::vector<SourceNode> documents;
  if (std::optional<Problem> problem = CheckText(file, text)) {
    problems.push_back(*std::move(problem));
    return documents;
  }
  const auto report = [&](int line, const std::string& reason) {
    problems.push_back({file, static_cast<uint32_t>(std::max(line, 0)), reason});
  };
  try {
    const std::string prepared = Prepare(text);
    TreeBuilder builder(file, prepared, problems);
    Parse(prepared, builder, [&] {
      SourceNode root = builder.TakeRoot();
      if (root.kind != SourceNode::Kind::kNull) documents.push_back(std::move(root));
    });
  } catch (const Refused& refused) {
    report(refused.line, refused.reason);
  } catch (const YAML::Exception& error) {
    report(error.mark.line + 1, absl::StrCat("not YAML: ", error.msg));
  } catch (const std::exception& error) {
    report(0, absl::StrCat("cannot be read: ", error.what()));
  }
  return documents;
}

}  // namespace firebreak::policy
