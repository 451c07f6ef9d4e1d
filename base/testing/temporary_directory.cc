// SPDX-License-Identifier: Apache-2.0
#include "base/testing/temporary_directory.h"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace firebreak {

TemporaryDirectory::TemporaryDirectory()
    : path_(std::filesystem::temp_directory_path() / "firebreak-test-XXXXXX") {
  if (mkdtemp(path_.data()) == nullptr) {
    throw std::filesystem::filesystem_error("make a temporary directory", path_,
                                            std::error_code(errno, std::generic_category()));
  }
}

TemporaryDirectory::~TemporaryDirectory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace firebreak
