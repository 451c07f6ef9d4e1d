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

// Reading and writing the parts of a segment's open file, each as a function of the descriptor.

// Writes all of it and makes it durable.
absl::Status WriteAt(int descriptor, absl::string_view bytes, uint64_t offset);

// Frees the place of the holes on the disk. Unimplemented: the file system has none.
absl::Status MakeHoles(int descriptor, const std::string& path,
                       const std::vector<SegmentIndex::Frame>& holes);

// The checked payload of a frame, which points into `bytes`; none if it is damaged.
std::optional<absl::string_view> ReadFrame(int descriptor, const SegmentIndex::Frame& frame,
                                           std::string& bytes);

// The index that the file of `bytes` bytes ends with, and where it begins; none if there is none.
std::optional<uint64_t> ReadIndexAtEnd(int descriptor, uint64_t bytes, SegmentIndex& index);
// What its trailer says, with a checksum of its own; none: an older index, or none at all.
std::optional<Arrivals> ReadArrivals(int descriptor, uint64_t bytes);

// The index of what a scan has found.
SegmentIndex IndexOf(const SegmentScan& scan);
// When the blocks of the index arrived, by what they say themselves.
Arrivals ArrivalsOf(int descriptor, const SegmentIndex& index);
// In the order of the index; of a block that cannot be read nothing is known.
std::vector<BlockSummary> SummarizeBlocks(int descriptor, const SegmentIndex& index);

// Whether what stands between the places is one frame by its length, whatever it holds: that is
// damage; what a crash leaves of a frame is shorter than it says.
bool EndsWithWholeFrame(int descriptor, uint64_t begin, uint64_t end);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_SEGMENT_FILE_H_
