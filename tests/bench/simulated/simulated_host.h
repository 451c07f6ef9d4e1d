// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_SIMULATED_SIMULATED_HOST_H_
#define FIREBREAK_TESTS_BENCH_SIMULATED_SIMULATED_HOST_H_

#include <chrono>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>

#include "firebreak/v1/fleet.pb.h"
#include "tests/bench/simulated/grpc_call.h"
#include "tests/bench/simulated/scoreboard.h"

namespace firebreak::bench {

// One host as the controller sees it: it enrols, keeps a stream with the agent's backoff, applies
// every push after a short fixed time, proves by a new connection that it reaches the controller,
// as the agent does, and undoes a revision if it cannot prove that. It answers questions with next
// to nothing. It has no kernel. It is as strict as the strictest agent: a late attempt counts as
// failed.
class SimulatedHost {
 public:
  struct World {
    TurnLoop& loop;
    Scoreboard& board;
    sockaddr_in controller;
    SSL_CTX* enrolling;  // offers the enrolment protocol
    SSL_CTX* context;    // trusts the fleet's authority
  };

  // The host's name and its loopback address follow from `number`.
  SimulatedHost(const World& world, size_t number);
  ~SimulatedHost();

  // Calls `done` once the host has a certificate, or has failed to get one.
  void Enrol(const std::string& token, std::function<void()> done);
  // Opens a stream, and opens it again whenever it ends.
  void Connect();

 private:
  class Enrolling;
  class Streaming;
  class Reaching;

  Scoreboard::Host& score() { return world_.board.hosts[number_]; }
  std::shared_ptr<GrpcCall> Call(std::string_view method, const Identity* identity,
                                 GrpcCall::Listener* listener);
  void Discard(std::shared_ptr<GrpcCall> call);

  void OnController(const v1::ControllerMessage& message);
  void OnServed();
  void OnStreamEnd();
  void Answer(const v1::Question& question);
  void PingNowAndThen();
  void Take(const v1::Push& push);
  void Prove();
  void OnProof(bool reached);
  void Settle();
  void Undo();
  v1::Receipt Receipt() const;
  void Tell(const v1::AgentMessage& message);

  const World& world_;
  const size_t number_;
  const sockaddr_in address_;
  std::minstd_rand random_;
  Identity identity_;
  std::unique_ptr<Enrolling> enrolling_;
  std::unique_ptr<Streaming> streaming_;
  std::unique_ptr<Reaching> reaching_;
  bool pings_ = false;
  TurnLoop::Clock::duration delay_;
  // The revisions in force and on trial (0: none).
  uint64_t revision_ = 0;
  std::string policy_digest_;
  uint64_t trial_revision_ = 0;
  std::string trial_digest_;
  TurnLoop::Clock::time_point trial_ends_;
  uint64_t attempt_ = 0;
};

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_SIMULATED_SIMULATED_HOST_H_
