// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/print.h"

#include "policy/resources/write.h"

namespace firebreak::cli {

void PrintData(Invocation& invocation, const google::protobuf::Message& message) {
  invocation.out() << (invocation.format() == Format::kJson ? policy::ToJson(message)
                                                            : policy::ToYaml(message));
}

void PrintDataList(Invocation& invocation,
                   const std::vector<const google::protobuf::Message*>& messages) {
  invocation.out() << (invocation.format() == Format::kJson ? policy::ToJson(messages)
                                                            : policy::ToYaml(messages));
}

}  // namespace firebreak::cli
