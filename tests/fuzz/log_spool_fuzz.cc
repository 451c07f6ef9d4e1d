// SPDX-License-Identifier: Apache-2.0

// Files of an agent's spool: whatever the files contain, the spool must open, be readable to its
// end, and accept batches that then come last.

#include "agent/record/spool.h"
#include "tests/fuzz/log_frames.h"
#include "tests/fuzz/require.h"

namespace firebreak::fuzz {
namespace {

void Fuzz(const uint8_t* data, size_t size) {
  const std::string directory = Directory() + "/spool";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directory(directory);
  const std::string frames = Frames(data, size);
  for (const char* number : {"1", "2"}) {
    WriteFile(directory + "/000000000000000" + number + ".spool", frames);
  }
  auto opened = agent::Spool::Open(directory, 1 << 20);
  if (!opened.ok()) return;
  agent::Spool& spool = *opened;
  Require(spool.Append(1, "columns", {{"drop.unsolicited", 1}}).ok());
  uint64_t waiting = 0;
  agent::SpooledBatch last;
  for (;;) {
    const auto next = spool.Next();
    if (!next.ok()) continue;
    if (!next->has_value()) break;
    last = **next;
    waiting += last.records;
  }
  Require(last.columns == "columns" && last.records == 1);
  Require(waiting <= spool.waiting());
  spool.Acknowledge(last.epoch, last.end());
  Require(spool.waiting() == 0);
}

}  // namespace
}  // namespace firebreak::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  firebreak::fuzz::Fuzz(data, size);
  return 0;
}
