// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_MEMBERSHIP_H_
#define FIREBREAK_AGENT_MEMBERSHIP_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "agent/agent.h"
#include "agent/command_line.h"
#include "agent/identity/enrolment_decision.h"
#include "agent/identity/identity.h"
#include "agent/loop/event_loop.h"
#include "agent/state/state_directory.h"
#include "agent/uplink/enroller.h"
#include "proto/endpoint/token.h"

namespace firebreak::agent {

// This machine's own name, in lower case.
std::string MachineName();

// The identity in the state directory. A damaged file, which is told, is like none: a token makes a
// new identity.
std::optional<Identity> KnownIdentity(const StateDirectory& state);

// What the flags and the state directory say about who this host is to be.
struct Admission {
  std::optional<Identity> identity;
  std::optional<Token> token;
  EnrolmentDecision decision;
};

// Reads the token that the flags name, and wipes the token in `flags`. A bad token is an error only
// if the host has no identity; otherwise it is told. FailedPrecondition: the host has neither.
absl::StatusOr<Admission> DecideAdmission(Flags& flags, std::optional<Identity> identity);

// Connects the agent as the host that this one is, and enrols it first or as soon as it is refused.
// For the loop's thread.
class Membership {
 public:
  // All three outlive it.
  Membership(const Flags& flags, const StateDirectory& state, Agent& agent, EventLoop& loop)
      : controller_(flags.controller), state_(state), agent_(agent), loop_(loop) {}

  void Begin(Admission admission);

  // The reason why the loop has stopped, if it was not stopped by a signal.
  const absl::Status& failure() const { return failure_; }

 private:
  void Enrol();
  void OnEnrolled(absl::StatusOr<Enrolled> enrolled);

  const std::string controller_;
  const StateDirectory& state_;
  Agent& agent_;
  EventLoop& loop_;
  Admission admission_;
  std::unique_ptr<Enroller> enroller_;
  absl::Status failure_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_MEMBERSHIP_H_
