#ifndef FIREBREAK_PROTO_LOG_PARSE_W3C_H_
#define FIREBREAK_PROTO_LOG_PARSE_W3C_H_

#include "absl/strings/string_view.h"
#include "proto/log/record.h"
#include "proto/log/texts.h"

namespace firebreak {

// The record of a line that W3cWriter has written, without its line feed; of its time the seconds.
// `texts` then holds those of this record alone. False: it is no such line, of which there may be
// any in a file.
bool ParseW3cLine(absl::string_view line, Record& record, Texts& texts);

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_LOG_PARSE_W3C_H_
