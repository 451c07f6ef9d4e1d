// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_FILES_FILES_H_
#define FIREBREAK_BASE_FILES_FILES_H_

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak {

// Functions that read or write whole files. Any thread may call these; errors name the operation
// and the file. Only ReadBeginning follows a symbolic link in the last component of a path.

// Returns the content of the file at `path`. Errors: NotFound if the file does not exist,
// OutOfRange if it is larger than `limit` bytes, FailedPrecondition if it is not a regular file.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t limit);

// Returns the first `limit` bytes of the file at `path`, or all of a shorter file. For files that
// the kernel or another program writes; what they hold may be hostile.
absl::StatusOr<std::string> ReadBeginning(const std::string& path, size_t limit);

// Writes all of `bytes` to `descriptor`, which must be blocking. Returns false, with errno set, on
// an error.
bool WriteAll(int descriptor, absl::string_view bytes);

// Durably replaces the file at `path` by a file with the content `bytes` and the mode `mode`: after
// a power failure at any moment the name leads to the whole old file or to the whole new one, never
// to a part.
//
// On an error the old file, if there was one, is still at `path`. There is one exception: if the
// new file could be neither made durable nor removed, the error is DataLoss and `path` may lead to
// either file. A crash may leave PATH.new and PATH.old behind; the next call overwrites them.
absl::Status ReplaceFile(const std::string& path, absl::string_view bytes, mode_t mode = 0600);

// Durably renames `from` to `to` in the same directory, with the same guarantee for both names.
absl::Status RenameFile(const std::string& from, const std::string& to);

// Durably deletes the file. Succeeds if the file does not exist.
absl::Status DeleteFile(const std::string& path);

// Makes all entries of the directory that holds `path` durable (fsync).
absl::Status SyncDirectoryOf(const std::string& path);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_FILES_FILES_H_
