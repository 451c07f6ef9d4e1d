// SPDX-License-Identifier: Apache-2.0
#include "agent/conflicts/legacy_tables.h"

#include <fstream>

#include "absl/strings/str_cat.h"

namespace firebreak::agent {

std::vector<std::string> ReadLegacyTables() {
  // /proc/net would show the main thread's namespace, but this thread may be in another.
  static constexpr struct {
    const char* path;
    const char* family;
  } kFiles[] = {{"/proc/thread-self/net/ip_tables_names", "ip "},
                {"/proc/thread-self/net/ip6_tables_names", "ip6 "}};
  std::vector<std::string> tables;
  for (const auto& file : kFiles) {
    std::ifstream in(file.path);
    for (std::string name; std::getline(in, name);) {
      tables.push_back(absl::StrCat(file.family, name));
    }
  }
  return tables;
}

}  // namespace firebreak::agent
