#ifndef FIREBREAK_CLI_VERBS_QUESTION_H_
#define FIREBREAK_CLI_VERBS_QUESTION_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "cli/verbs/command.h"
#include "cli/verbs/session.h"
#include "cli/verbs/verb.h"
#include "cli/view/answer_view.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::cli {

// Whom a question is for: a host, the hosts of a group, or, with --local, this host.
struct Audience {
  std::string host;
  std::string group;
  absl::Duration timeout = absl::Seconds(20);
};

// Asks and prints what comes, in the session's format. A group's hosts are asked side by side, each
// host's answer is printed when it is whole, and those that gave none are named at the end:
// Aborted.
absl::Status AskAndPrint(Session& session, const Audience& audience, const v1::Question& question,
                         const AnswerView& view);

// Where a verb that asks hosts belongs: `firebreak host VERB HOST`, or `firebreak --local VERB`.
enum class Scope { kFleet, kLocal };

// Adds HOST, --group and --timeout to a verb of the fleet; to one of this host only --timeout.
// Returns what they fill in.
std::shared_ptr<Audience> AddAudience(Verb verb, Scope scope);

// Makes the verb run `ask`, having checked that somebody is asked.
void RunQuestion(Verb verb, Scope scope, Command& command, std::shared_ptr<Audience> audience,
                 std::function<absl::Status(Session&, const Audience&)> ask);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_QUESTION_H_
