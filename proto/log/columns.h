#ifndef FIREBREAK_PROTO_LOG_COLUMNS_H_
#define FIREBREAK_PROTO_LOG_COLUMNS_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "absl/strings/string_view.h"
#include "proto/log/record.h"

namespace firebreak {

// The columns of a batch, without its texts: see batch.h.

void AppendVarint(uint64_t value, std::string& out);
// False if `bytes` does not begin with one; else it is taken off.
bool TakeVarint(absl::string_view& bytes, uint64_t& value);

// `text_numbers` has, for each number in the records, the one to write.
void AppendColumns(std::span<const Record> records, std::span<const uint16_t> text_numbers,
                   std::string& out);

// Fills `records`, whose number is known. False if `bytes` is not exactly that many, if a value
// does not fit its field, or refers to a text of `texts` or beyond.
bool TakeColumns(absl::string_view bytes, size_t texts, std::span<Record> records);

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_LOG_COLUMNS_H_
