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
#include "base/openssl/limited_input.h"
#include "base/openssl/openssl.h"
#include "firebreak/v1/host.pb.h"
#include "firebreak/v1/location.pb.h"
#include "proto/endpoint/beacon.h"

namespace firebreak::agent {

// What came of one attempt to prove that an interface is at a location.
struct ProbeResult {
  absl::Status status;  // ok: proven; else the reason, for the user
  // When the question was asked that the answer is to.
  EventLoop::Clock::time_point asked;
  std::string evidence;  // "beacon.corp.example at 10.10.0.1:7444 in 0.4 ms, 0 routers"
  std::vector<v1::LocationTestStep> steps;
  // Something answered that is not what was looked for, as an attacker would; not just nothing.
  bool suspicious = false;
};

// Asks one beacon, through one interface, for proof of one location: a plain socket, bound to the
// device, and TLS 1.3 under the location's own CA. The connection is kept for the next time that it
// is asked; one that does not answer is made anew then.
//
// NOTE: What it insists on, in the order in which it is found out. The packets come from the
// device (SO_BINDTODEVICE) and over no more routers than the location allows (RFC 5082: the beacon
// sends with a hop limit of 255). The certificate is the location's, has the pinned name and is
// valid now by this host's clock. The answer is signed for this very connection (its tls-exporter)
// and this question, and says that the beacon sees this host at the address that this host knows
// for itself, so that no proxy and no NAT is in between. It comes within the round trip that the
// location allows.
//
// NOTE: By a clock that is wrong (1970, 2099) the certificate is not valid, and nothing is proven:
// without knowing the time an old key that was given up could not be told from the one in use, and
// staying strict costs no more than the convenience of the place.
//
// Threading: on the loop's thread; never waits. A handshake takes it a millisecond. `loop` must
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

  // Beyond the round trip: a connection that takes longer leads to no answer in time.
  static constexpr auto kConnect = std::chrono::milliseconds(100);
  static constexpr auto kHandshake = std::chrono::milliseconds(2000);
  // The first answer may be late because this host was busy: so many questions are asked.
  static constexpr int kQuestions = 3;
  // On the wire, for the handshake or an answer.
  static constexpr size_t kMaxBytes = 64 << 10;

  Probe(EventLoop& loop, Target target);
  ~Probe();
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  const Target& target() const { return target_; }

  // Asks, and calls `done` once, later, unless the probe is destroyed before. Not while it is
  // asking. `done` may destroy the probe.
  void Ask(Done done);
  bool asking() const { return done_ != nullptr; }

 private:
  absl::Status Connect();
  void OnConnected();
  // Takes a portion of what the beacon has sent. False: the attempt is over.
  bool Feed();
  void OnHandshake();
  absl::Status CheckCertificate();
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

  int socket_ = -1;
  SslPtr ssl_;
  std::optional<LimitedInput> input_;
  bool connected_ = false;  // the handshake is done, the certificate is good
  std::string own_address_;
  uint32_t own_port_ = 0;
  std::string channel_binding_;
  BeaconFrames frames_;

  std::string nonce_;
  int questions_ = 0;
  EventLoop::Clock::time_point asked_;
  bool reused_ = false;  // this attempt began on a connection of an earlier one
  EventLoop::Timer deadline_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_PROBE_H_
