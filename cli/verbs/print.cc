// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/print.h"

#include "policy/resources/write.h"

namespace firebreak::cli {

void PrintData(Session& session, const google::protobuf::Message& message) {
  session.out() << (session.format() == Format::kJson ? policy::ToJson(message)
                                                      : policy::ToYaml(message));
}

void PrintDataList(Session& session,
                   const std::vector<const google::protobuf::Message*>& messages) {
  session.out() << (session.format() == Format::kJson ? policy::ToJson(messages)
                                                      : policy::ToYaml(messages));
}

}  // namespace firebreak::cli
