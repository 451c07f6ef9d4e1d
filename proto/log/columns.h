// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_LOG_COLUMNS_H_
#define FIREBREAK_PROTO_LOG_COLUMNS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "absl/strings/string_view.h"
#include "proto/log/record.h"

namespace firebreak {

// Encodes and decodes the columns of a batch, without its texts: see batch.h.

void AppendVarint(uint64_t value, std::string& out);
// Reads a varint from the beginning of `bytes` and removes it. Returns false if there is none.
bool ParseVarint(absl::string_view& bytes, uint64_t& value);

// `text_numbers` maps the numbers of texts in the records to the numbers to write.
void AppendColumns(std::span<const Record> records, std::span<const uint16_t> text_numbers,
                   std::string& out);

// Fills `records`, which has the right size already. Returns false if `bytes` has another length
// than that many records take, or if a value does not fit its field or refers to a text that is not
// among the `texts` texts.
bool ParseColumns(absl::string_view bytes, size_t texts, std::span<Record> records);

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_LOG_COLUMNS_H_
