// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_PKI_DATA_DIRECTORY_H_
#define FIREBREAK_CONTROLLER_PKI_DATA_DIRECTORY_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "controller/pki/secret.h"

namespace firebreak::controller {

// The controller's data directory, locked against a second controller while this object lives. It
// holds keys, so files have mode 0600, and the directory is made 0700 if it holds nothing but the
// controller's files. Not thread-safe, but several threads may read and write different files.
class DataDirectory {
 public:
  // Makes the directory if it is missing, but not its parents. FailedPrecondition, with a message
  // that says what to do: the directory is read-only, others may write in it, or another controller
  // holds it.
  static absl::StatusOr<DataDirectory> Open(const std::string& path);

  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;
  ~DataDirectory();

  // Returns nullopt if the file does not exist.
  absl::StatusOr<std::optional<Secret>> Read(absl::string_view name) const;

  // Replaces the file, with the guarantees of ReplaceFile.
  absl::Status Write(absl::string_view name, absl::string_view bytes) const;

  std::string PathOf(absl::string_view name) const;

 private:
  DataDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_PKI_DATA_DIRECTORY_H_
