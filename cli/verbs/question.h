// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VERBS_QUESTION_H_
#define FIREBREAK_CLI_VERBS_QUESTION_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/verbs/command.h"
#include "cli/verbs/invocation.h"
#include "cli/verbs/verb.h"
#include "cli/view/answer_view.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::cli {

// The hosts that are asked: one host, the hosts of a group or, with --local, this host.
struct Audience {
  std::string host;
  std::string group;
  absl::Duration timeout = absl::Seconds(20);
};

// Asks, and prints the answers in the invocation's format. The hosts of a group are asked at the
// same time, and each host's answer is printed when it is complete. Hosts that did not answer are
// named at the end, and the result is Aborted.
absl::Status AskAndPrint(Invocation& invocation, const Audience& audience,
                         const v1::Question& question, const AnswerView& view);

// Where a verb that asks hosts belongs: to `firebreak host VERB HOST` or `firebreak --local VERB`.
enum class Scope { kFleet, kLocal };

// Adds HOST, --group and --timeout to a verb of the fleet, and only --timeout to a verb of this
// host. Returns the audience that these options fill in.
std::shared_ptr<Audience> AddAudience(Verb verb, Scope scope);

// Makes the verb run `ask`, after a check that a host or a group is named.
void RunQuestion(Verb verb, Scope scope, Command& command, std::shared_ptr<Audience> audience,
                 std::function<absl::Status(Invocation&, const Audience&)> ask);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_QUESTION_H_
