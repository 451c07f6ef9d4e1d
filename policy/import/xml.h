// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_XML_H_
#define FIREBREAK_POLICY_IMPORT_XML_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "policy/import/source_text.h"

namespace firebreak::importer {

// An XML element with its attributes. Text is kept only in elements without children.
struct XmlElement {
  std::string name;
  std::map<std::string, std::string> attributes;
  std::vector<XmlElement> children;
  std::string text;
  int line = 0;

  // Returns an empty text if there is no such attribute.
  std::string Get(const std::string& attribute) const;
  // Returns null if there is no such child.
  const XmlElement* Find(const std::string& child) const;
};

// Parses the part of XML 1.0 that configuration files use: elements, attributes, comments, the five
// entities and numbered characters. Documents with a DTD are refused, so no entity can expand.
//
// Returns InvalidArgument, with file and line, if the text is not well-formed, too deeply nested or
// too large.
absl::StatusOr<XmlElement> ReadXml(const SourceText& source);

// Returns the element as it might be written, without its text.
std::string TextOf(const XmlElement& element);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_XML_H_
