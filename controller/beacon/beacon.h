// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_BEACON_BEACON_H_
#define FIREBREAK_CONTROLLER_BEACON_BEACON_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "controller/beacon/beacon_connection.h"
#include "controller/beacon/beacon_key.h"
#include "controller/listen_address.h"

namespace firebreak::controller {

// A beacon: proves to any client that can reach it that it is there, and tells the client the
// address from which it sees the client. Serves from Start until it is destroyed, with one thread
// of its own.
//
// NOTE: A beacon has no secrets to tell and takes no orders, so anybody may ask. Silent clients are
// cut off. One address may have kMaxPerAddress connections, and all together kMaxConnections; if
// one more arrives, the client that has been silent for longest is cut off. An overloaded beacon
// proves nothing to anybody, which is safe.
class Beacon {
 public:
  static constexpr size_t kMaxConnections = 8192;
  static constexpr size_t kMaxPerAddress = 64;

  static absl::StatusOr<std::unique_ptr<Beacon>> Start(const ListenAddress& address, BeaconKey key);
  Beacon(const Beacon&) = delete;
  Beacon& operator=(const Beacon&) = delete;
  ~Beacon();

  // The port on which the beacon listens, for callers that asked for any free port.
  uint16_t port() const { return port_; }

 private:
  struct Client {
    std::string address;
    std::unique_ptr<BeaconConnection> connection;
  };
  using Clock = BeaconConnection::Clock;

  explicit Beacon(BeaconKey key);

  absl::Status Listen(const ListenAddress& address);
  void Serve();
  void Accept(Clock::time_point now);
  void Advance(int descriptor, Clock::time_point now);
  void Close(int descriptor);
  void CloseSilent(Clock::time_point now);

  const BeaconKey key_;
  int listener_ = -1;
  const int epoll_;
  const int stop_;  // an eventfd
  uint16_t port_ = 0;
  std::thread thread_;

  // Used on the beacon's thread only.
  std::map<int, Client> clients_;
  std::map<std::string, size_t> per_address_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_BEACON_BEACON_H_
