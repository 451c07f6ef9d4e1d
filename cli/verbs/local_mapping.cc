// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/local_mapping.h"

#include "absl/strings/numbers.h"
#include "base/status/status.h"
#include "cli/ask/ask.h"
#include "cli/verbs/print.h"
#include "cli/verbs/question.h"
#include "cli/verbs/verb.h"
#include "cli/view/local_mappings.h"

namespace firebreak::cli {
namespace {

// This is longer than the minute that the agent gives a person to answer.
constexpr absl::Duration kTimeout = absl::Seconds(90);

}  // namespace

absl::Status ChangeMapping(Invocation& invocation, const std::string& host,
                           const v1::LocalMappingQuestion& asked, const std::string& word) {
  v1::Question question;
  *question.mutable_local_mapping() = asked;
  v1::LocalMappingAnswer answer;
  RETURN_IF_ERROR(Ask(invocation, host, question, kTimeout, [&](const v1::Answer& part) {
    answer.MergeFrom(part.local_mapping());
    return absl::OkStatus();
  }));
  if (!answer.refused().empty()) return absl::PermissionDeniedError(answer.refused());
  if (invocation.format() != Format::kTable) {
    PrintData(invocation, answer);
    return absl::OkStatus();
  }
  invocation.out() << word << "  mapping " << answer.number() << "\n";
  return absl::OkStatus();
}

absl::Status AddLocally(Invocation& invocation, const v1::LocalMapping& mapping, bool ask) {
  v1::LocalMappingQuestion question;
  *(ask ? question.mutable_ask() : question.mutable_add()) = mapping;
  RETURN_IF_ERROR(ChangeMapping(invocation, "", question, ask ? "asked for" : "open"));
  if (ask && invocation.format() == Format::kTable) {
    invocation.err() << "the ports stay closed until an administrator grants the request: "
                        "`firebreak --local requests`\n";
  }
  return absl::OkStatus();
}

absl::Status ListLocally(Invocation& invocation) {
  v1::Question question;
  question.mutable_local_mapping()->mutable_list();
  return AskAndPrint(invocation, {}, question, OwnMappingsView());
}

uint64_t ReadMappingNumber(const std::string& argument, const std::string& text) {
  uint64_t number = 0;
  if (!absl::SimpleAtoi(text, &number) || number == 0) {
    RefuseUsage(argument, "is not the number of a mapping that the host itself has opened");
  }
  return number;
}

}  // namespace firebreak::cli
