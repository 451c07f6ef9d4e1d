// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_FRONT_H_
#define FIREBREAK_CONTROLLER_FRONT_FRONT_H_

#include <openssl/ssl.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "base/descriptor/descriptor.h"
#include "controller/front/door.h"
#include "controller/front/http2/call_pool.h"
#include "controller/front/self_check.h"
#include "controller/front/stats.h"
#include "controller/listen_address.h"

namespace firebreak::controller {

// What stands between the network and the controller's services: it listens, ends TLS, lets members
// of the fleet in, serves hosts and takes enrolments. Whoever is no member reaches nothing behind
// it. What one client costs, and all strangers together, is bounded.
//
// Serves from Start until it is destroyed, with a loop (Door) for each CPU, threads that run the
// methods which hosts call, and a thread that looks whether connections are accepted. When it is
// destroyed, the calls of hosts are over and their handlers know. Thread-safe.
class Front {
 public:
  // What members and enrolling hosts are passed on to.
  struct Backend {
    const Gatekeeper& gatekeeper;
    Connections& connections;
    EnrolmentDesk& desk;
    // Takes the server's end of an administrator's connection; the name of the other end is the one
    // by which Connections finds the caller. Any thread.
    std::function<void(Descriptor)> serve;
    // What hosts may call: their connections are served by the front itself.
    const Methods& methods;
  };

  // `chain` and `key` are PEM: see Use. What is referred to must outlive the front.
  static absl::StatusOr<std::unique_ptr<Front>> Start(const ListenAddress& address,
                                                      absl::string_view chain,
                                                      absl::string_view key, Backend backend);
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;
  ~Front();

  // The port that it listens on, of use if the address left the choice open.
  uint16_t port() const { return port_; }

  // From now on handshakes are made with this certificate, its chain and its key.
  absl::Status Use(absl::string_view chain, absl::string_view key) ABSL_LOCKS_EXCLUDED(mutex_);

  const FrontStats& stats() const { return stats_; }

 private:
  Front() = default;
  absl::Status Listen(const ListenAddress& address);
  std::shared_ptr<SSL_CTX> context() ABSL_LOCKS_EXCLUDED(mutex_);

  FrontStats stats_;
  uint16_t port_ = 0;
  absl::Mutex mutex_;
  std::shared_ptr<SSL_CTX> context_ ABSL_GUARDED_BY(mutex_);
  std::string used_ ABSL_GUARDED_BY(mutex_);  // the chain that it was made of
  std::optional<Descriptor> listener_;
  std::unique_ptr<SelfCheck> self_check_;
  std::unique_ptr<CallPool> pool_;
  std::vector<std::unique_ptr<Door>> doors_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_FRONT_H_
