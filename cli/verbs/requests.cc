// SPDX-License-Identifier: Apache-2.0

// Verbs about the mappings that programs of a host ask for, for any host of the fleet or for this
// one.

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/local_mapping.h"
#include "cli/verbs/question.h"
#include "cli/view/local_mappings.h"

namespace firebreak::cli {
namespace {

struct DecisionOptions {
  std::string host;
  std::string number;
  absl::Duration time;  // zero: not given
};

std::string Example(Scope scope, const std::string& verb, const std::string& ending) {
  return absl::StrCat(scope == Scope::kFleet ? absl::StrCat("firebreak host ", verb, " web-1")
                                             : absl::StrCat("firebreak --local ", verb),
                      ending);
}

void AddRequests(Verb parent, Scope scope, Command& command) {
  const Verb verb = AddVerb(
      parent, "requests",
      absl::StrCat("Show what programs of ", scope == Scope::kFleet ? "a host" : "this host",
                   " ask for.\n\nA program of an ordinary user cannot open a port, but it can ask "
                   "for one; nothing is open until an administrator grants it with `grant`. A "
                   "request that nobody decides about lapses after a day, or when the program or "
                   "the unit that it is for has ended. Who asks, and with which program, is what "
                   "the kernel says; the reason is in the asker's words."),
      Example(scope, "requests", ""));
  RunQuestion(verb, scope, command, AddAudience(verb, scope),
              [](Invocation& invocation, const Audience& audience) {
                v1::Question question;
                question.mutable_local_mapping()->mutable_list();
                return AskAndPrint(invocation, audience, question, RequestsView());
              });
}

// Refuses a verb for this host without --local, and a verb below `host` with it.
void CheckScope(Scope scope, const Command& command) {
  if (scope == Scope::kLocal && !command.options.local) {
    RefuseUsage("--local",
                "is missing: this is for the host itself; for another one use `firebreak host`");
  }
  if (scope == Scope::kFleet && command.options.local) {
    RefuseUsage("--local", "is for this host: leave out `host` and the host's name");
  }
}

void AddDecision(Verb parent, Scope scope, bool grant, Command& command) {
  const std::string name = grant ? "grant" : "refuse";
  const Verb verb =
      grant
          ? AddVerb(
                parent, name,
                "Grant a program what it asks for.\n\nThe mapping is open from then on, below "
                "all that policies say: what a policy blocks stays blocked. It ends with its "
                "time, with the program or unit that it is for, by `mapping remove`, or when "
                "a policy no longer permits it (`local_control`). On the host itself, where "
                "the policy says `local_control: confirm`, you are asked at the terminal.",
                absl::StrCat(Example(scope, name, " 7"), "\n", Example(scope, name, " 7 --for 1h")))
          : AddVerb(parent, name,
                    "Refuse a program what it asks for.\n\nThe request is gone. The program can "
                    "ask again.",
                    Example(scope, name, " 7"));
  const auto options = std::make_shared<DecisionOptions>();
  if (scope == Scope::kFleet) verb.Add("HOST", options->host, "the host's name").Required();
  verb.Add("NUMBER", options->number, "of the request, as `requests` shows it")
      .Type("NUMBER")
      .Required();
  if (grant) {
    AddDuration(verb, "--for", options->time, absl::Seconds(1), absl::Hours(24) * 3660,
                "how long it is open, instead of what was asked")
        .Default("as asked");
  }
  verb.WhenGiven([scope, grant, &command, options] {
    CheckScope(scope, command);
    v1::LocalMappingQuestion question;
    v1::LocalMappingDecision& decision = *question.mutable_decide();
    decision.set_number(ReadMappingNumber("NUMBER", options->number));
    decision.set_grant(grant);
    decision.set_seconds(static_cast<uint64_t>(absl::ToInt64Seconds(options->time)));
    command.run = [question, grant, host = options->host](Invocation& invocation) {
      return ChangeMapping(invocation, host, question, grant ? "granted" : "refused");
    };
  });
}

}  // namespace

void AddRequestVerbs(Verb parent, bool local, Command& command) {
  const Scope scope = local ? Scope::kLocal : Scope::kFleet;
  AddRequests(parent, scope, command);
  AddDecision(parent, scope, /*grant=*/true, command);
  AddDecision(parent, scope, /*grant=*/false, command);
}

}  // namespace firebreak::cli
