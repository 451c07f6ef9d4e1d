#ifndef FIREBREAK_CONTROLLER_BEACON_BEACON_CONNECTION_H_
#define FIREBREAK_CONTROLLER_BEACON_BEACON_CONNECTION_H_

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

#include "base/openssl/limited_input.h"
#include "controller/beacon/beacon_key.h"
#include "firebreak/v1/location.pb.h"
#include "proto/endpoint/beacon.h"

namespace firebreak::controller {

// One client of a beacon, who may be anybody: its handshake, its questions and their answers. Owns
// the socket. What it may cost is bounded: the time that it says nothing, the bytes of a message
// and of what TLS adds to it, and the questions, of which each costs a signature. It takes no more
// than a portion of what a client sends before others get their turn.
//
// Threading: one thread at a time; never waits.
class BeaconConnection {
 public:
  using Clock = std::chrono::steady_clock;
  // A handshake, from the first byte on.
  static constexpr auto kHandshake = std::chrono::seconds(5);
  // Between questions; a host asks again when a third of its lease is over, of one hour at most.
  static constexpr auto kSilence = std::chrono::minutes(25);
  // A host asks a few times at once, then not for seconds.
  static constexpr int kBurst = 16;
  static constexpr auto kPerQuestion = std::chrono::milliseconds(500);
  // On the wire, for the handshake or a question.
  static constexpr size_t kMaxBytes = 16 << 10;

  // `descriptor` is a connected socket that does not block. `key` must outlive the connection.
  BeaconConnection(int descriptor, const BeaconKey& key, Clock::time_point now);
  ~BeaconConnection();
  BeaconConnection(const BeaconConnection&) = delete;
  BeaconConnection& operator=(const BeaconConnection&) = delete;

  int descriptor() const { return descriptor_; }

  // Goes on with a portion of what has come (LimitedInput). False: it is over, and the object to be
  // destroyed.
  bool Advance(Clock::time_point now);

  // It is over then, if nothing has come.
  Clock::time_point deadline() const { return deadline_; }
  // Whether the last call of Advance waits to write, else it waits to read.
  bool waits_to_write() const { return waits_to_write_; }

 private:
  bool Handshake(Clock::time_point now);
  bool Read(Clock::time_point now);
  bool Answer(const std::string& message, Clock::time_point now);
  v1::BeaconAnswer AnswerTo(const v1::BeaconQuestion& question);

  const int descriptor_;
  const BeaconKey& key_;
  const SslPtr ssl_;
  std::optional<LimitedInput> input_;
  bool connected_ = false;
  bool waits_to_write_ = false;
  Clock::time_point deadline_;
  Clock::time_point paid_until_;  // one kPerQuestion further with every question
  BeaconFrames frames_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_BEACON_BEACON_CONNECTION_H_
