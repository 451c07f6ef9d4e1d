#ifndef FIREBREAK_BASE_TESTING_TEMPORARY_DIRECTORY_H_
#define FIREBREAK_BASE_TESTING_TEMPORARY_DIRECTORY_H_

#include <string>

namespace firebreak {

// A new directory (mode 0700) that is removed with all that is in it when this object ends.
class TemporaryDirectory {
 public:
  TemporaryDirectory();  // throws std::filesystem::filesystem_error if there can be none
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;
  ~TemporaryDirectory();

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace firebreak

#endif  // FIREBREAK_BASE_TESTING_TEMPORARY_DIRECTORY_H_
