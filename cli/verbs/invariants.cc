// SPDX-License-Identifier: Apache-2.0
#include "base/status/status.h"
#include "cli/exit_status.h"
#include "cli/verbs/command.h"
#include "cli/verbs/print.h"
#include "cli/view/violations.h"

namespace firebreak::cli {
namespace {

absl::Status Show(Invocation& invocation) {
  ASSIGN_OR_RETURN(const auto response,
                   invocation.Call(&v1::Admin::Stub::ListViolations, v1::ListViolationsRequest()));
  if (invocation.format() == Format::kTable) {
    invocation.out() << ViolationPage(response, invocation.colours());
  } else {
    PrintData(invocation, response);
  }
  if (!response.violations().empty() || !response.complete()) {
    invocation.EndWith(ExitStatus::kFound);
  }
  return absl::OkStatus();
}

}  // namespace

void AddInvariantsVerb(Verb root, Command& command) {
  const Verb verb =
      AddVerb(root, "invariants",
              "Show which invariants do not hold now.\n\n"
              "Checks each Invariant of the configuration for every host of the fleet and for all "
              "packets that begin a flow. For an invariant that does not hold, prints the hosts, "
              "the location, the interfaces, an example packet, and what admits or stops it. The "
              "controller refuses a change that breaks an invariant. An invariant can therefore "
              "fail only after a change with --override, after a host has enrolled, or if it only "
              "warns. Changes nothing. The exit status is 0 if all invariants hold, and 5 if an "
              "invariant does not hold or could not be checked completely.",
              "firebreak invariants\nfirebreak get invariants");
  verb.WhenGiven([&command] { command.run = Show; });
}

}  // namespace firebreak::cli
