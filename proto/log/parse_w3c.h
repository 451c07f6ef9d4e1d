// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_LOG_PARSE_W3C_H_
#define FIREBREAK_PROTO_LOG_PARSE_W3C_H_

#include "absl/strings/string_view.h"
#include "proto/log/interned_strings.h"
#include "proto/log/record.h"

namespace firebreak {

// Parses a line that W3cWriter has written, without its line feed. The time has only whole seconds.
// Afterwards `texts` holds only the texts of this record. Returns false if the line has another
// form; a file may contain any lines.
bool ParseW3cLine(absl::string_view line, Record& record, InternedStrings& texts);

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_LOG_PARSE_W3C_H_
