// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_LOG_SEGMENT_FILE_H_
#define FIREBREAK_CONTROLLER_LOG_SEGMENT_FILE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "controller/log/block_summary.h"
#include "controller/log/segment_index.h"
#include "controller/log/segment_scan.h"

namespace firebreak::controller {

// Replaces the content of a segment by the mark of a deleted one (DeletedMark). This needs no space
// on the disk, unlike writing another file, and frees the segment's.
absl::Status MarkDeleted(const std::string& path);
// Whether the file begins with that mark.
bool IsMarkedDeleted(const std::string& path);

// Functions that read and write the parts of a segment's open file.

// Writes all bytes and makes them durable.
absl::Status WriteAt(int descriptor, absl::string_view bytes, uint64_t offset);

// Frees the disk space of the holes. Unimplemented: the file system does not support holes.
absl::Status MakeHoles(int descriptor, const std::string& path,
                       const std::vector<SegmentIndex::Frame>& holes);

// Returns the checked payload of a frame, which points into `bytes`; nullopt if it is damaged.
std::optional<absl::string_view> ReadFrame(int descriptor, const SegmentIndex::Frame& frame,
                                           std::string& bytes);

// Reads the index at the end of the file, which has `bytes` bytes, and returns where the index
// begins; nullopt if there is none.
std::optional<uint64_t> ReadIndexAtEnd(int descriptor, uint64_t bytes, SegmentIndex& index);
// Reads the times from the index's trailer, which has a checksum of its own; nullopt if there is no
// index or only one of an older version.
std::optional<Arrivals> ReadArrivals(int descriptor, uint64_t bytes);

// Makes the index from the result of a scan.
SegmentIndex IndexOf(const SegmentScan& scan);
// Returns when the blocks of the index arrived, read from the blocks themselves.
Arrivals ArrivalsOf(int descriptor, const SegmentIndex& index);
// Returns summaries in the order of the index; the summary of an unreadable block is empty.
std::vector<BlockSummary> SummarizeBlocks(int descriptor, const SegmentIndex& index);

// Whether the bytes between the two offsets are one whole frame by its length, whatever its
// content. Such a frame is damaged, whereas a crash leaves a frame that is shorter than its header
// says.
bool EndsWithWholeFrame(int descriptor, uint64_t begin, uint64_t end);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_SEGMENT_FILE_H_
