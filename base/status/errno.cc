// SPDX-License-Identifier: Apache-2.0
#include "base/status/errno.h"

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace firebreak {

absl::Status ErrnoStatus(absl::string_view operation, absl::string_view object) {
  const int error = errno;
  return absl::ErrnoToStatus(error, absl::StrCat(operation, " ", object));
}

}  // namespace firebreak
