// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_XML_H_
#define FIREBREAK_POLICY_IMPORT_XML_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/import/source_text.h"

namespace firebreak::importer {

// An element of XML, with its attributes. Text is kept where an element has nothing else.
struct XmlElement {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::vector<XmlElement> children;
  std::string text;
  int line = 0;

  // Empty unless there is such an attribute.
  std::string Get(const std::string& attribute) const;
  // Null unless there is such a child.
  const XmlElement* Find(const std::string& child) const;
};

// Reads the part of XML 1.0 that configuration files are written in: elements, attributes,
// comments, the five entities and numbered characters. Documents with a DTD are refused, so nothing
// expands.
//
// InvalidArgument, with file and line: it is not well-formed, too deep, or too large.
absl::StatusOr<XmlElement> ReadXml(const SourceText& source);

// The element as it might be written, without its text.
std::string TextOf(const XmlElement& element);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_XML_H_
