// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_STATUS_ERRNO_H_
#define FIREBREAK_BASE_STATUS_ERRNO_H_

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace firebreak {

// The error that a system call has just left in errno, as "OPERATION OBJECT: reason", for example
// "open /etc/firebreak: Permission denied". Call it before anything that could change errno.
absl::Status ErrnoStatus(absl::string_view operation, absl::string_view object);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_STATUS_ERRNO_H_
