// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_LOG_BATCH_H_
#define FIREBREAK_PROTO_LOG_BATCH_H_

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/log/interned_strings.h"
#include "proto/log/record.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace firebreak {

// Records with the texts that they refer to.
struct RecordBatch {
  std::vector<Record> records;
  InternedStrings texts;
};

// A batch as bytes: a zstd frame that declares its content size and contains
//
//   number of records   varint
//   number of texts     varint, then for each text its length (one byte) and its bytes
//   columns             one for each field of a record, in the order of batch.cc:
//                       the least value (varint), how many bytes (0, 1, 2, 4, 8) the difference of
//                       each value from it takes, and these differences, little-endian
//
// so that a field that does not vary takes almost no space.
inline constexpr size_t kMaxBatchRecords = 2048;
// The size of kMaxBatchRecords records in the worst case, with texts for a few hundred of them.
inline constexpr size_t kMaxBatchBytes = 250 << 10;
inline constexpr size_t kMaxBatchContentBytes = 1 << 20;

// Keeps zstd's working memory between batches. Not thread-safe.
class BatchEncoder {
 public:
  // Encodes between one and kMaxBatchRecords records.
  std::string Encode(std::span<const Record> records, const InternedStrings& texts);

  // Frees the working memory.
  void Release() { context_.reset(); }

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_CCtx_s, Free> context_;
  std::string content_;
};

// Decodes bytes that may come from anybody. Not thread-safe.
class BatchDecoder {
 public:
  // InvalidArgument: the bytes are not a batch. The content of `batch` is then undefined.
  absl::Status Decode(absl::string_view bytes, RecordBatch& batch);

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
  std::string content_;
};

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_LOG_BATCH_H_
