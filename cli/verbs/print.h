// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_PRINT_H_
#define FIREBREAK_CLI_VERBS_PRINT_H_

#include <vector>

#include "cli/verbs/invocation.h"
#include "google/protobuf/message.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace firebreak::cli {

// Prints a message as JSON or YAML, according to the invocation's format, which must not be kTable.
void PrintData(Invocation& invocation, const google::protobuf::Message& message);

// Prints several messages: a JSON array; in YAML a sequence or, for resources, the documents of one
// file, so that `apply` accepts them again.
void PrintDataList(Invocation& invocation,
                   const std::vector<const google::protobuf::Message*>& messages);

template <typename Message>
void PrintDataList(Invocation& invocation,
                   const google::protobuf::RepeatedPtrField<Message>& messages) {
  PrintDataList(invocation, std::vector<const google::protobuf::Message*>(messages.pointer_begin(),
                                                                          messages.pointer_end()));
}

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_PRINT_H_
