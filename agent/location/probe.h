// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCATION_PROBE_H_
#define FIREBREAK_AGENT_LOCATION_PROBE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "agent/loop/event_loop.h"
#include "base/descriptor/descriptor.h"
#include "base/openssl/openssl.h"
#include "base/openssl/portioned_socket.h"
#include "firebreak/v1/host.pb.h"
#include "firebreak/v1/location.pb.h"
#include "proto/endpoint/beacon.h"

namespace firebreak::agent {

// The result of one attempt to prove that an interface is at a location.
struct ProbeResult {
  absl::Status status;  // ok if proven; else the reason, worded for users
  // When the question was asked whose answer is the proof.
  EventLoop::Clock::time_point asked;
  std::string evidence;  // "beacon.corp.example at 10.10.0.1:7444 in 0.4 ms, 0 routers"
  std::vector<v1::LocationTestStep> steps;
  // The beacon's address gave a wrong answer, as an attacker would, rather than no answer.
  bool suspicious = false;
};

// Asks one beacon, through one interface, for proof of one location, over a TCP socket bound to the
// device and TLS 1.3 under the location's own CA. The connection is kept for the next question; if
// it no longer works then, a new one is made.
//
// NOTE: A proof requires the following, in the order in which the probe checks it. The packets come
// from the device (SO_BINDTODEVICE) and over no more routers than the location allows (RFC 5082:
// the beacon sends with a hop limit of 255). The certificate is the location's, has the pinned name
// and is valid now by this host's clock. The answer is signed for this very connection (its
// tls-exporter) and this question, and says that the beacon sees this host at the address that the
// host itself has, so that there is no proxy and no NAT in between. The answer comes within the
// round-trip time that the location allows.
//
// NOTE: If the host's clock is wrong (1970, 2099), the certificate is not valid and nothing is
// proven. Without the right time, a key that was retired could not be told from the current one,
// and the cost of being strict is only that the host stays elsewhere.
//
// Threading: on the loop's thread; never blocks. A handshake takes about a millisecond. `loop` must
// outlive the probe.
class Probe {
 public:
  struct Target {
    std::string interface_name;
    uint32_t interface_index = 0;
    std::string location;
    v1::Beacon beacon;
    uint32_t max_hops = 0;
    std::chrono::milliseconds max_round_trip{250};
  };
  using Done = std::function<void(ProbeResult)>;

  // The time for connecting, in addition to the allowed round trip. If connecting takes longer, the
  // answer would be late anyway.
  static constexpr auto kConnect = std::chrono::milliseconds(100);
  static constexpr auto kHandshake = std::chrono::milliseconds(2000);
  // The number of questions before a late answer counts as a failure: the first answers may be late
  // because this host was busy.
  static constexpr int kQuestions = 3;
  // The limit for the bytes received during the handshake or for one answer.
  static constexpr uint64_t kMaxBytes = 64 << 10;
  // The bytes that are handled before the loop's other work gets its turn.
  static constexpr size_t kPortion = 4096;

  Probe(EventLoop& loop, Target target);
  ~Probe();
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  const Target& target() const { return target_; }

  // Asks the beacon and calls `done` once, after this method has returned, unless the probe is
  // destroyed before. Must not be called while a question is open. `done` may destroy the probe.
  void Ask(Done done);
  // Whether `done` is still to be called.
  bool asking() const { return done_ != nullptr; }

 private:
  // Whether what comes from the beacon can still change the result.
  bool waits() const { return asking() && !finished_; }
  absl::Status Connect();
  void OnConnected();
  void OnHandshake();
  // Call this when received bytes have been handled. Fails if the beacon has sent too many.
  void CheckReceived();
  void AskQuestion();
  void OnReadable();
  void OnAnswer(const std::string& message);

  void Passed(const char* step, std::string detail);
  void Fail(const char* step, absl::Status reason, bool suspicious);
  void Finish();
  void Disconnect();
  void SetDeadline(std::chrono::milliseconds after, const char* step, const char* reason);

  EventLoop& loop_;
  const Target target_;
  Done done_;
  ProbeResult result_;

  std::optional<Descriptor> socket_;
  SslPtr ssl_;
  std::optional<PortionedSocket> portions_;
  uint64_t paid_ = 0;       // bytes received until the handshake or the last answer was complete
  bool connected_ = false;  // the handshake is done and the certificate is valid
  std::string own_address_;
  uint32_t own_port_ = 0;
  std::string channel_binding_;
  BeaconFrames frames_;

  std::string nonce_;
  int questions_ = 0;
  EventLoop::Clock::time_point asked_;
  bool finished_ = false;  // the result is known, and `done` is called soon
  bool reused_ = false;    // this attempt uses a connection made by an earlier one
  EventLoop::Timer deadline_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_PROBE_H_
