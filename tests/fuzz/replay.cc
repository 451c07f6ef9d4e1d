// SPDX-License-Identifier: Apache-2.0

// Calls a fuzzer's function with the seeds of a directory, whole and damaged, without libFuzzer.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

namespace fs = std::filesystem;

constexpr int kDamagedCopies = 400;
constexpr size_t kMostCuts = 400;

std::vector<fs::path> seeds;

std::string Read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// The bytes are copied to an allocation of exactly their size, so that a sanitizer detects a read
// beyond them.
void Give(const std::string& input) {
  const std::vector<uint8_t> bytes(input.begin(), input.end());
  LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
}

// Makes one to four changes: flips a bit, replaces a byte, or removes, doubles or overwrites a
// piece.
std::string Damage(std::string input, std::mt19937& random) {
  const auto below = [&random](size_t end) {
    return std::uniform_int_distribution<size_t>(0, end - 1)(random);
  };
  for (size_t changes = 1 + below(4); changes > 0 && !input.empty(); --changes) {
    const size_t at = below(input.size());
    const size_t length = std::min(input.size() - at, 1 + below(16));
    switch (below(5)) {
      case 0: input[at] = static_cast<char>(input[at] ^ (1 << below(8))); break;
      case 1: input[at] = static_cast<char>(below(256)); break;
      case 2: input.erase(at, length); break;
      case 3: input.insert(at, input.substr(at, length)); break;
      case 4: input.replace(at, length, length, below(2) == 0 ? '\0' : '\xff'); break;
    }
  }
  return input;
}

TEST(Replay, HasSeeds) { EXPECT_FALSE(seeds.empty()); }

TEST(Replay, TakesEachSeed) {
  for (const fs::path& seed : seeds) Give(Read(seed));
}

TEST(Replay, TakesNothing) { Give(""); }

TEST(Replay, TakesEachSeedCutShort) {
  for (const fs::path& seed : seeds) {
    const std::string whole = Read(seed);
    const size_t step = 1 + whole.size() / kMostCuts;
    for (size_t length = 0; length < whole.size(); length += step) Give(whole.substr(0, length));
  }
}

TEST(Replay, TakesDamagedSeeds) {
  std::mt19937 random(1);  // every run has the same inputs; tests/fuzz/run looks for new ones
  for (const fs::path& seed : seeds) {
    const std::string whole = Read(seed);
    for (int i = 0; i < kDamagedCopies; ++i) Give(Damage(whole, random));
  }
}

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc != 2) return 2;
  for (const fs::directory_entry& entry : fs::directory_iterator(argv[1])) {
    seeds.push_back(entry.path());
  }
  std::sort(seeds.begin(), seeds.end());
  return RUN_ALL_TESTS();
}
