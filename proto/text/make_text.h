// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_TEXT_MAKE_TEXT_H_
#define FIREBREAK_PROTO_TEXT_MAKE_TEXT_H_

#include "google/protobuf/message.h"

namespace firebreak {

// Makes text (ToUtf8) of each `string` field of the message, in all depths, that is not UTF-8. A
// peer refuses a whole message for one such field, and with it the stream: so whoever sends what
// the kernel, a file or another program named calls this first.
void MakeText(google::protobuf::Message& message);

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_TEXT_MAKE_TEXT_H_
