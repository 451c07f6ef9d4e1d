// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_UPLINK_CALLS_H_
#define FIREBREAK_AGENT_UPLINK_CALLS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "agent/identity/identity.h"
#include "agent/loop/event_loop.h"
#include "agent/uplink/unary_call.h"
#include "firebreak/v1/fleet.grpc.pb.h"
#include "proto/endpoint/token.h"

namespace firebreak::agent {

// What the controller says to a host that it has let in.
struct Enrolled {
  Identity identity;
  std::map<std::string, std::string> labels;
};

// Trades the token for a certificate for `key` (PEM) of the host called `name`. `proof` is an
// identity that this host has had in the fleet, expired or replaced as it may be; null: none. It
// shows that a host of the name that the controller knows is this one.
//
// Blocks for at most `timeout`. Unavailable, DeadlineExceeded: worth trying again; all else is
// final.
absl::StatusOr<Enrolled> Enrol(const std::string& address, const Token& token,
                               const std::string& name, const std::string& key,
                               const Identity* proof, absl::Duration timeout);

// Asks for a certificate for a new key of the same host.
using Renewal = UnaryCall<v1::Enrolment, v1::RenewRequest, v1::EnrolResponse>;
absl::StatusOr<std::unique_ptr<Renewal>> StartRenewal(
    const std::string& address, const Identity& identity, absl::Duration timeout, EventLoop& loop,
    std::function<void(absl::StatusOr<Identity>)> done);

// What came of an attempt to reach the controller.
struct ReachAnswer {
  absl::Status status;
  // Without an answer: whether the controller was there nevertheless, so that the line is not cut.
  // It is busy, its answer is late, it refused the call, or nothing listens at its port.
  bool open = false;
  absl::Duration retry_after;  // how long a busy controller wants to be left alone; 0: not said
};

// Opens a connection of its own to the controller and asks for a sign of life.
using ReachCall = UnaryCall<v1::Fleet, v1::ReachRequest, v1::ReachResponse>;
std::unique_ptr<ReachCall> StartReach(const std::string& address, const Identity& identity,
                                      uint64_t revision, absl::Duration timeout, EventLoop& loop,
                                      std::function<void(const ReachAnswer&)> done);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_UPLINK_CALLS_H_
