// SPDX-License-Identifier: Apache-2.0

// Segments of the controller's log, one that was sealed and one that is being written to: whatever
// the files contain, the store must open, be readable to its end, and accept records that are then
// found.

#include "controller/log/segment_store.h"
#include "proto/log/batch.h"
#include "tests/fuzz/log_frames.h"
#include "tests/fuzz/require.h"

namespace firebreak::fuzz {
namespace {

using controller::LogPosition;
using controller::SegmentStore;

uint64_t Count(const SegmentStore& store, const LogQuery& query, LogPosition from) {
  uint64_t count = 0;
  const controller::LogVisitor visitor = {
      [&](const controller::StoredBlock& block) { count += block.chosen.size(); },
      [](const controller::LogGap&) {}};
  const LogPosition end = store.End();
  for (;;) {
    const LogPosition before = from;
    const auto more = store.Read(query, from, end, 100, visitor);
    Require(more.ok());
    if (!*more) return count;
    Require(before < from);  // otherwise the search would never end
  }
}

void Fuzz(const uint8_t* data, size_t size) {
  const std::string directory = Directory() + "/log";
  std::filesystem::remove_all(directory);
  std::filesystem::create_directory(directory);
  const std::string frames = Frames(data, size);
  // One of the files may be the state file, in which the log remembers its segments.
  WriteFile(directory + "/state", frames);
  for (const char* number : {"1", "3"}) {
    WriteFile(directory + "/000000000000000" + number + ".segment", frames);
  }
  auto opened = SegmentStore::Open(directory, {.max_bytes = 1 << 20});
  Require(opened.ok());
  SegmentStore& store = **opened;
  const uint64_t before = Count(store, {}, store.Begin());
  controller::LogPosition last = store.End();
  uint64_t count = 3;
  std::vector<LogPosition> blocks;
  for (bool more = true; more;) {
    const auto went = store.GoBack({}, last, count, blocks);
    Require(went.ok());
    more = *went;
  }
  Require(Count(store, {}, last) <= 3 || before <= 3);

  InternedStrings texts;
  const Record record;
  controller::HostBatch batch = {.host = "web-1",
                                 .epoch = 77,
                                 .first_sequence = 1,
                                 .columns = BatchEncoder().Encode({&record, 1}, texts)};
  const LogPosition end = store.End();
  Require(store.Append({&batch, 1}, absl::UnixEpoch()).ok());
  // The file may say that the host has already sent this record. It may also say that earlier
  // records are missing, in which case a record of the loss is found too.
  if (batch.next_sequence == 2) Require(Count(store, {.hosts = {"web-1"}}, end) <= 2);
  store.Expire(absl::UnixEpoch(), absl::ZeroDuration());
}

}  // namespace
}  // namespace firebreak::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  firebreak::fuzz::Fuzz(data, size);
  return 0;
}
