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

void PrintSwitched(Invocation& invocation, const v1::LocalSwitchAnswer& answer) {
  for (const v1::InterfaceState& state : answer.interfaces()) {
    invocation.out() << Escape(state.name()) << " at " << Escape(state.location()) << ": firewall "
                     << Paint(Escape(state.firewall()), FirewallColour(state.firewall()),
                              invocation.colours())
                     << ", " << Escape(SetBy(state)) << "\n";
  }
}

}  // namespace

absl::Status SwitchLocally(Invocation& invocation, const WantedSwitch& wanted,
                           const std::string& reason) {
  v1::Question question;
  v1::LocalSwitchQuestion& asked = *question.mutable_local_switch();
  if (wanted.mode == v1::Firewall::off) asked.set_mode(wanted.mode);
  asked.set_interface(wanted.interface);
  asked.set_location(wanted.location);
  asked.set_reason(reason);
  v1::LocalSwitchAnswer answer;
  RETURN_IF_ERROR(Ask(invocation, "", question, kTimeout, [&](const v1::Answer& part) {
    answer.MergeFrom(part.local_switch());
    return absl::OkStatus();
  }));
  if (!answer.refused().empty()) return absl::PermissionDeniedError(answer.refused());
  if (invocation.format() == Format::kTable) {
    PrintSwitched(invocation, answer);
  } else {
    PrintData(invocation, answer);
  }
  const std::vector<v1::InterfaceState> states(answer.interfaces().begin(),
                                               answer.interfaces().end());
  return SwitchOutcome({WhatHolds("this host", states, wanted, {})}, wanted);
}

}  // namespace firebreak::cli
