// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/local_switch.h"

#include <vector>

#include "base/status/status.h"
#include "base/text/escape.h"
#include "cli/ask/ask.h"
#include "cli/output/colour.h"
#include "cli/verbs/print.h"
#include "cli/view/interfaces.h"

namespace firebreak::cli {
namespace {

// This is longer than the minute that the agent gives a person to answer.
constexpr absl::Duration kTimeout = absl::Seconds(90);

void PrintSwitched(Session& session, const v1::LocalSwitchAnswer& answer) {
  for (const v1::InterfaceState& state : answer.interfaces()) {
    session.out() << Escape(state.name()) << " at " << Escape(state.location()) << ": firewall "
                  << Paint(Escape(state.firewall()), FirewallColour(state.firewall()),
                           session.colours())
                  << ", " << Escape(SetBy(state)) << "\n";
  }
}

}  // namespace

absl::Status SwitchLocally(Session& session, const WantedSwitch& wanted,
                           const std::string& reason) {
  v1::Question question;
  v1::LocalSwitchQuestion& asked = *question.mutable_local_switch();
  if (wanted.mode == v1::Firewall::off) asked.set_mode(wanted.mode);
  asked.set_interface(wanted.interface);
  asked.set_location(wanted.location);
  asked.set_reason(reason);
  v1::LocalSwitchAnswer answer;
  RETURN_IF_ERROR(Ask(session, "", question, kTimeout, [&](const v1::Answer& part) {
    answer.MergeFrom(part.local_switch());
    return absl::OkStatus();
  }));
  if (!answer.refused().empty()) return absl::PermissionDeniedError(answer.refused());
  if (session.format() == Format::kTable) {
    PrintSwitched(session, answer);
  } else {
    PrintData(session, answer);
  }
  const std::vector<v1::InterfaceState> states(answer.interfaces().begin(),
                                               answer.interfaces().end());
  return SwitchOutcome({WhatHolds("this host", states, wanted, {})}, wanted);
}

}  // namespace firebreak::cli
