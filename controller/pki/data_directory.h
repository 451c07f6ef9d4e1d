#ifndef FIREBREAK_CONTROLLER_PKI_DATA_DIRECTORY_H_
#define FIREBREAK_CONTROLLER_PKI_DATA_DIRECTORY_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "controller/pki/secret.h"

namespace firebreak::controller {

// The controller's directory, locked against a second controller for as long as this lives.
// Holds keys: files are mode 0600, and a directory that this program may call its own is made
// 0700. Not thread-safe; several threads may read and write different files.
class DataDirectory {
 public:
  // Makes the directory if it is missing (not its parents). FailedPrecondition with what to do:
  // it is read-only, others may write in it, another controller holds it.
  static absl::StatusOr<DataDirectory> Open(const std::string& path);

  DataDirectory(DataDirectory&& other) noexcept;
  DataDirectory& operator=(DataDirectory&&) = delete;
  ~DataDirectory();

  // Nothing if there is no such file.
  absl::StatusOr<std::optional<Secret>> Read(absl::string_view name) const;

  // Replaces the file, with the promises of ReplaceFile.
  absl::Status Write(absl::string_view name, absl::string_view bytes) const;

  std::string PathOf(absl::string_view name) const;

 private:
  DataDirectory(std::string path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::string path_;
  int lock_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_PKI_DATA_DIRECTORY_H_
