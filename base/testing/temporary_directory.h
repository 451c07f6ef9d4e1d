// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_TESTING_TEMPORARY_DIRECTORY_H_
#define FIREBREAK_BASE_TESTING_TEMPORARY_DIRECTORY_H_

#include <string>

namespace firebreak {

// Creates a directory (mode 0700) and removes it with its content on destruction.
class TemporaryDirectory {
 public:
  TemporaryDirectory();  // throws std::filesystem::filesystem_error if the directory cannot be made
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace firebreak

#endif  // FIREBREAK_BASE_TESTING_TEMPORARY_DIRECTORY_H_
