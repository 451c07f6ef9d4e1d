#ifndef FIREBREAK_BASE_FILES_FILES_H_
#define FIREBREAK_BASE_FILES_FILES_H_

#include <sys/types.h>

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak {

// Files that are read or written whole. Any thread may call these; errors name the operation and
// the file. No function follows a symbolic link in the last component of a path.

// The content of the file at `path`. NotFound: there is none. OutOfRange: it has more than `limit`
// bytes. FailedPrecondition: it is no regular file.
absl::StatusOr<std::string> ReadFile(const std::string& path, size_t limit);

// Writes all of `bytes` to `descriptor`, which blocks; false with errno if that failed.
bool WriteAll(int descriptor, absl::string_view bytes);

// Replaces the file at `path` by one with `bytes` and `mode`, durably: after a power failure at any
// moment the name leads to the whole old file or to the whole new one, never to a part.
//
// On an error the old file stands under the name, or none if there was none. Only when the new file
// could neither be made durable nor taken back is that not certain: the error is then DataLoss and
// says so. Two files may be left beside it by a crash, PATH.new and PATH.old; both are overwritten.
absl::Status ReplaceFile(const std::string& path, absl::string_view bytes, mode_t mode = 0600);

// Renames `from` over `to` in the same directory, durably, with the same promise about `to`.
absl::Status RenameFile(const std::string& from, const std::string& to);

// Deletes the file, durably; one that is not there is deleted already.
absl::Status DeleteFile(const std::string& path);

// Makes the entries of the directory that holds `path` durable.
absl::Status SyncDirectoryOf(const std::string& path);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_FILES_FILES_H_
