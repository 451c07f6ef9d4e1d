// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_FUZZ_LOG_FRAMES_H_
#define FIREBREAK_TESTS_FUZZ_LOG_FRAMES_H_

#include <stdlib.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>

#include "base/checksum/crc32c.h"
#include "tests/fuzz/netlink_message.h"

namespace firebreak::fuzz {

// A directory of this process, which is removed when the process ends.
inline const std::string& Directory() {
  static const std::string* const directory = [] {
    std::string pattern = std::filesystem::exists("/dev/shm") ? "/dev/shm/firebreak-fuzz-XXXXXX"
                                                              : "/tmp/firebreak-fuzz-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) abort();
    static std::string kept;
    kept = pattern;
    atexit([] { std::filesystem::remove_all(kept); });
    return &kept;
  }();
  return *directory;
}

// Makes the content of a file of the log's frames (a length, a CRC-32C, a payload): first frames
// with the fuzzer's payloads and right checksums, which a fuzzer would never guess, then any bytes.
inline std::string Frames(const uint8_t* data, size_t size) {
  std::string file;
  ForEachPart(data, size, [&](uint16_t choice, std::span<const uint8_t> payload) {
    const std::string bytes(payload.begin(), payload.end());
    if (choice % 16 != 0) {
      const uint32_t header[] = {static_cast<uint32_t>(bytes.size()), Crc32c(bytes)};
      file.append(reinterpret_cast<const char*>(header), sizeof header);
    }
    file.append(bytes);
  });
  return file;
}

inline void WriteFile(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace firebreak::fuzz

#endif  // FIREBREAK_TESTS_FUZZ_LOG_FRAMES_H_
