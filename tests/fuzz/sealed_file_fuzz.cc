// SPDX-License-Identifier: Apache-2.0

// Files of an agent's state directory: reading a file must return what was written or an error.

#include <stdlib.h>
#include <unistd.h>

#include <fstream>
#include <string>

#include "agent/state/sealed_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::string* const directory = [] {
    std::string pattern = "/tmp/firebreak-fuzz-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) abort();
    static std::string kept;
    kept = pattern;
    atexit([] {
      unlink((kept + "/file").c_str());
      rmdir(kept.c_str());
    });
    return &kept;
  }();
  const std::string path = *directory + "/file";
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  const auto content = firebreak::agent::ReadSealedFile(path);
  if (!content.ok()) return 0;
  // Writing the content again must give the same file.
  if (!firebreak::agent::WriteSealedFile(path, *content).ok()) abort();
  std::ifstream in(path, std::ios::binary);
  const std::string again((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (again != bytes) abort();
  return 0;
}
