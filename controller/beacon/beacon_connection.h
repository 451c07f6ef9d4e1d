// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_BEACON_BEACON_CONNECTION_H_
#define FIREBREAK_CONTROLLER_BEACON_BEACON_CONNECTION_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/openssl/portioned_socket.h"
#include "controller/beacon/beacon_key.h"
#include "firebreak/v1/location.pb.h"
#include "proto/endpoint/beacon.h"

namespace firebreak::controller {

// One client of a beacon, who may be anybody: its handshake, its questions and their answers. Owns
// the socket. The cost of a client is bounded: the time for which it may be silent, the bytes of a
// message and of what TLS adds to it, and the number of questions, each of which costs a signature.
// After a portion of a client's bytes, other clients get their turn.
//
// Threading: one thread at a time; never waits.
class BeaconConnection {
 public:
  using Clock = std::chrono::steady_clock;
  // The time for a handshake, from its first byte.
  static constexpr auto kHandshake = std::chrono::seconds(5);
  // The time between questions. A host asks again when a third of its lease, at most one hour, is
  // over.
  static constexpr auto kSilence = std::chrono::minutes(25);
  // A host asks a few times at once, and then not for seconds.
  static constexpr int kBurst = 16;
  static constexpr auto kPerQuestion = std::chrono::milliseconds(500);
  // The bytes on the wire for the handshake or for a question.
  static constexpr uint64_t kMaxBytes = 16 << 10;
  // The bytes that are handled before other clients get their turn.
  static constexpr size_t kPortion = 4096;

  // `descriptor` is a connected socket that does not block. `key` must outlive the connection.
  BeaconConnection(int descriptor, const BeaconKey& key, Clock::time_point now);
  ~BeaconConnection();
  BeaconConnection(const BeaconConnection&) = delete;
  BeaconConnection& operator=(const BeaconConnection&) = delete;

  int descriptor() const { return descriptor_; }

  // Handles up to kPortion of the bytes that have arrived. Returns false if the connection has
  // ended; the caller must then destroy the object.
  bool Advance(Clock::time_point now);

  // When the connection ends if nothing arrives before.
  Clock::time_point deadline() const { return deadline_; }
  // Whether the last call of Advance waits to write; otherwise it waits to read.
  bool waits_to_write() const { return waits_to_write_; }

 private:
  bool Handshake(Clock::time_point now);
  bool Read(Clock::time_point now);
  bool Answer(const std::string& message, Clock::time_point now);
  v1::BeaconAnswer AnswerTo(const v1::BeaconQuestion& question);

  const int descriptor_;
  const BeaconKey& key_;
  const SslPtr ssl_;
  std::optional<PortionedSocket> socket_;
  uint64_t paid_ = 0;  // bytes received until the handshake or the last question was complete
  bool connected_ = false;
  bool waits_to_write_ = false;
  Clock::time_point deadline_;
  Clock::time_point paid_until_;  // moves on by kPerQuestion with each question
  BeaconFrames frames_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_BEACON_BEACON_CONNECTION_H_
