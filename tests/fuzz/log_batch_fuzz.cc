// SPDX-License-Identifier: Apache-2.0

// Batches of log records, as columns before and after compression: records that are accepted must
// survive encoding and decoding, and contain nothing that could forge a line of the log.

#include <stddef.h>
#include <stdint.h>

#include <string>
#include <vector>

#include "proto/log/batch.h"
#include "proto/log/columns.h"
#include "proto/log/log_record.h"
#include "proto/log/w3c.h"
#include "tests/fuzz/require.h"

namespace firebreak {
namespace {

void CheckBatch(const RecordBatch& batch) {
  BatchDecoder decoder;
  RecordBatch again;
  Require(decoder.Decode(BatchEncoder().Encode(batch.records, batch.texts), again).ok());
  Require(again.records.size() == batch.records.size());
  W3cWriter writer;
  for (size_t i = 0; i < batch.records.size(); ++i) {
    std::string line;
    writer.Append(batch.records[i], batch.texts, line);
    Require(line.find('\n') == line.size() - 1);
    Require(W3cLine(ToLogRecord(again.records[i], again.texts)) == line);
  }
}

void Fuzz(absl::string_view bytes) {
  BatchDecoder decoder;
  RecordBatch batch;
  if (decoder.Decode(bytes, batch).ok()) CheckBatch(batch);
  // Decodes the columns directly, because a fuzzer cannot get through zstd's compression.
  uint64_t count;
  if (!ParseVarint(bytes, count) || count == 0 || count > 64) return;
  batch.texts.Clear();
  Require(batch.texts.Take("one"));
  batch.records.assign(count, Record());
  if (ParseColumns(bytes, batch.texts.size(), batch.records)) CheckBatch(batch);
}

}  // namespace
}  // namespace firebreak

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  firebreak::Fuzz({reinterpret_cast<const char*>(data), size});
  return 0;
}
