// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/settings/accounts.h"

#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace firebreak::agent {
namespace {

// Enough for a hundred thousand accounts; the rest of a larger file is not read.
constexpr size_t kMostBytes = 16 << 20;

// passwd(5), group(5): NAME:PASSWORD:NUMBER:…
std::map<std::string, uint32_t> ReadNumbers(const std::string& file,
                                            const std::set<std::string>& names) {
  std::map<std::string, uint32_t> numbers;
  if (names.empty()) return numbers;
  std::ifstream lines(file);
  size_t bytes = 0;
  for (std::string line; std::getline(lines, line) && bytes <= kMostBytes;) {
    bytes += line.size();
    const std::vector<absl::string_view> fields = absl::StrSplit(line, ':');
    uint32_t number = 0;
    if (fields.size() < 3 || !absl::SimpleAtoi(fields[2], &number)) continue;
    const std::string name(fields[0]);
    if (names.contains(name)) numbers.emplace(name, number);
  }
  return numbers;
}

}  // namespace

policy::Senders FindAccounts(const std::set<std::string>& users,
                             const std::set<std::string>& groups, const std::string& users_file,
                             const std::string& groups_file) {
  policy::Senders senders;
  senders.users = ReadNumbers(users_file, users);
  senders.groups = ReadNumbers(groups_file, groups);
  return senders;
}

}  // namespace firebreak::agent
