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
      absl::StrCat("Show the port mappings that programs of ",
                   scope == Scope::kFleet ? "a host" : "this host",
                   " request.\n\n"
                   "A program of an ordinary user cannot open a port, but it can request a "
                   "mapping. The port stays closed until an administrator grants the request with "
                   "`grant`. A request expires after 24 hours without a decision, or when the "
                   "program or unit that it is for ends. The user and the program are what the "
                   "kernel reports; the reason is the requester's own text."),
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
    RefuseUsage(
        "--local",
        "is missing; this verb is for the host itself. For another host, use `firebreak host`");
  }
  if (scope == Scope::kFleet && command.options.local) {
    RefuseUsage("--local", "is for this host; leave out `host` and the name of the host");
  }
}

void AddDecision(Verb parent, Scope scope, bool grant, Command& command) {
  const std::string name = grant ? "grant" : "refuse";
  const Verb verb =
      grant ? AddVerb(parent, name,
                      "Grant a program the mapping that it requests.\n\n"
                      "Opens the mapping at once. It ranks below all policies: what a policy "
                      "blocks stays blocked. The mapping ends when its time is over, when its "
                      "program or unit ends, with `mapping remove`, or when a policy no longer "
                      "permits it (`local_control`). On the host itself, the agent asks you to "
                      "confirm at the terminal if the policy says `local_control: confirm`.",
                      absl::StrCat(Example(scope, name, " 7"), "\n",
                                   Example(scope, name, " 7 --for 1h")))
            : AddVerb(parent, name,
                      "Refuse a program the mapping that it requests.\n\n"
                      "Deletes the request. The program may request the mapping again.",
                      Example(scope, name, " 7"));
  const auto options = std::make_shared<DecisionOptions>();
  if (scope == Scope::kFleet) verb.Add("HOST", options->host, "the name of the host").Required();
  verb.Add("NUMBER", options->number, "the number of the request, as `requests` shows it")
      .Type("NUMBER")
      .Required();
  if (grant) {
    AddDuration(verb, "--for", options->time, absl::Seconds(1), absl::Hours(24) * 3660,
                "how long the mapping stays open")
        .Default("as requested");
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
