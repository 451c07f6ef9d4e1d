// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_SWITCH_WANTED_SWITCH_H_
#define FIREBREAK_AGENT_SWITCH_WANTED_SWITCH_H_

#include "absl/status/status.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// What a caller on this host wants to be switched. The question comes from any program, so all of
// it is bounded, and made safe to store and to show. All functions in this file are pure.

// Whether the question means something, whoever asks it and whatever the policy says.
// InvalidArgument: it does not, and why.
absl::Status CheckWantedSwitch(const v1::LocalSwitchQuestion& question);

// What is wanted, without who wants it and when. ICMP messages are named as agents know them, each
// once. Of a question that CheckWantedSwitch refuses it is what a record of the refusal can say.
v1::LocalSwitch WantedSwitch(const v1::LocalSwitchQuestion& question);

// The event as the controller is told of it.
v1::HostEvent SwitchEventOf(v1::LocalSwitchEvent told);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_SWITCH_WANTED_SWITCH_H_
