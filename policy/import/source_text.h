// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_SOURCE_TEXT_H_
#define FIREBREAK_POLICY_IMPORT_SOURCE_TEXT_H_

#include <string>

namespace firebreak::importer {

// A configuration file or the output of a program. `name` is used in error messages.
struct SourceText {
  std::string name;
  std::string text;
};

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_SOURCE_TEXT_H_
