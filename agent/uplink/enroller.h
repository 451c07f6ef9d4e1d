// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_UPLINK_ENROLLER_H_
#define FIREBREAK_AGENT_UPLINK_ENROLLER_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "absl/random/random.h"
#include "absl/status/statusor.h"
#include "agent/identity/identity.h"
#include "agent/loop/event_loop.h"
#include "agent/uplink/calls.h"
#include "base/backoff/backoff.h"
#include "proto/endpoint/token.h"

namespace firebreak::agent {

// Enrols this host, trying again until the controller has answered. It asks on a thread of its own,
// so the loop goes on meanwhile.
//
// Threading: on the event loop's thread; `done` runs there, once, and may destroy the enroller. The
// destructor waits for an attempt that is under way, which takes at most kAttempt.
class Enroller {
 public:
  static constexpr absl::Duration kAttempt = absl::Seconds(20);
  static constexpr absl::Duration kShortestPause = absl::Seconds(1);
  static constexpr absl::Duration kLongestPause = absl::Seconds(30);

  struct Options {
    std::string controller;  // HOST:PORT
    Token token;
    std::string name;
    std::string key_path;           // see enrolment_key.h
    std::optional<Identity> proof;  // see Enrol
  };
  // An error is final: the token, the name or this host's disk is at fault.
  using Done = std::function<void(absl::StatusOr<Enrolled>)>;

  Enroller(Options options, EventLoop& loop, Done done);
  ~Enroller();
  Enroller(const Enroller&) = delete;
  Enroller& operator=(const Enroller&) = delete;

 private:
  // What an attempt needs, and its thread keeps for as long as it runs.
  struct Attempts;

  void Try();
  void Tried(absl::StatusOr<Enrolled> enrolled);

  EventLoop& loop_;
  const std::shared_ptr<Attempts> attempts_;
  Done done_;
  Backoff backoff_;
  absl::BitGen random_;
  EventLoop::Timer retry_ = 0;
  std::thread thread_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_UPLINK_ENROLLER_H_
