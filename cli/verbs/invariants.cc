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
  const Verb verb = AddVerb(
      root, "invariants",
      "Show which invariants do not hold now.\n\n"
      "Decides each Invariant of the configuration for all packets that begin a flow and for every "
      "host of the fleet, and tells where one does not hold: the hosts, the location, the "
      "interfaces, one such packet, and what lets it pass or stops it. A change that breaks an "
      "invariant is refused, so there is something to tell only after --override, after an "
      "enrolment, or of invariants that only warn. Exits 0 if all of them hold and 5 if one does "
      "not.",
      "firebreak invariants\nfirebreak get invariants");
  verb.WhenGiven([&command] { command.run = Show; });
}

}  // namespace firebreak::cli
