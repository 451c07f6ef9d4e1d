// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/user_name.h"

#include <pwd.h>

#include <vector>

#include "absl/strings/str_cat.h"

namespace firebreak::agent {

std::string UserName(uid_t user) {
  std::vector<char> buffer(4096);
  passwd entry = {};
  passwd* found = nullptr;
  if (getpwuid_r(user, &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
    return found->pw_name;
  }
  return absl::StrCat(user);
}

}  // namespace firebreak::agent
