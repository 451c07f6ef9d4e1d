// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_TEXT_MAKE_TEXT_H_
#define FIREBREAK_PROTO_TEXT_MAKE_TEXT_H_

#include "google/protobuf/message.h"

namespace firebreak {

// Replaces, at any depth of the message, each `string` field that is not UTF-8 by readable text
// (ToUtf8). A peer refuses a whole message, and with it the stream, for one such field. Call this
// before sending texts that the kernel, a file or another program has supplied.
void MakeText(google::protobuf::Message& message);

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_TEXT_MAKE_TEXT_H_
