// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/read.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "policy/resources/document.h"
#include "policy/resources/fill.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"

namespace firebreak::policy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::OneofDescriptor;

const OneofDescriptor& Kinds() { return *v1::Resource::descriptor()->oneof_decl(0); }

std::vector<std::string> KindNames() {
  std::vector<std::string> names;
  names.reserve(Kinds().field_count());
  for (int i = 0; i < Kinds().field_count(); ++i) {
    names.push_back(Kinds().field(i)->message_type()->name());
  }
  return names;
}

const FieldDescriptor* FindKind(absl::string_view name) {
  for (int i = 0; i < Kinds().field_count(); ++i) {
    if (Kinds().field(i)->message_type()->name() == name) return Kinds().field(i);
  }
  return nullptr;
}

std::optional<ReadResource> ReadOne(const std::string& file, SourceNode node,
                                    const ReportLine& report) {
  const std::string kinds = absl::StrJoin(KindNames(), ", ");
  if (node.kind != SourceNode::Kind::kMap) {
    report(node.line, absl::StrCat("not a resource: it must be a map with a \"kind\" (", kinds,
                                   ") and a \"name\""));
    return std::nullopt;
  }
  const SourceNode* kind = node.Find("kind");
  if (kind == nullptr || kind->kind != SourceNode::Kind::kScalar) {
    report(node.LineOf("kind"), absl::StrCat("the resource has no \"kind\"; it is one of ", kinds));
    return std::nullopt;
  }
  const FieldDescriptor* field = FindKind(kind->scalar);
  if (field == nullptr) {
    const std::string nearest = DidYouMean(kind->scalar, KindNames());
    report(kind->line,
           absl::StrCat("unknown kind ", Quoted(kind->scalar),
                        nearest.empty() ? absl::StrCat("; there are ", kinds) : nearest));
    return std::nullopt;
  }
  ReadResource read = {.resource = {}, .file = file, .source = std::move(node)};
  google::protobuf::Message& message =
      *read.resource.GetReflection()->MutableMessage(&read.resource, field);
  FillMessage(read.source, "kind", report, message);
  if (read.source.Find("name") == nullptr) {
    report(read.source.line, absl::StrCat("the ", kind->scalar, " has no \"name\""));
  }
  return read;
}

}  // namespace

std::vector<ReadResource> ReadResources(const std::string& file, const std::string& text,
                                        std::vector<Problem>& problems) {
  const size_t first = problems.size();
  const ReportLine report = [&](int line, std::string reason) {
    if (problems.size() >= kMaxProblems) return;
    problems.push_back({file, static_cast<uint32_t>(line), std::move(reason)});
  };
  std::vector<ReadResource> resources;
  const auto read = [&](SourceNode node) {
    if (std::optional<ReadResource> one = ReadOne(file, std::move(node), report)) {
      resources.push_back(*std::move(one));
    }
  };
  std::vector<SourceNode> documents = ReadDocuments(file, text, problems);
  for (SourceNode& document : documents) {
    if (document.kind == SourceNode::Kind::kSequence) {
      for (SourceNode& item : document.children) read(std::move(item));
    } else {
      read(std::move(document));
    }
  }
  if (resources.empty() && problems.size() == first) {
    report(0, "there is no resource in it");
  }
  std::stable_sort(problems.begin() + static_cast<std::ptrdiff_t>(first), problems.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  return resources;
}

}  // namespace firebreak::policy
