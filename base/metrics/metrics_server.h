// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_METRICS_METRICS_SERVER_H_
#define FIREBREAK_BASE_METRICS_METRICS_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"

namespace firebreak {

// Serves metrics to Prometheus over plain HTTP, on a loopback address only. To read them from
// elsewhere, put a proxy that authenticates its clients in front.
//
// Threading: a thread of its own serves one connection after the other, each for at most kPatience,
// so that a silent client delays others by no more than that. `metrics` is called on that thread.
class MetricsServer {
 public:
  static constexpr int kPatienceMillis = 2000;

  // `address` is 127.0.0.1:PORT or [::1]:PORT; with port 0 the kernel chooses one. InvalidArgument:
  // `address` has another form.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(const std::string& address,
                                                              std::function<std::string()> metrics);
  // Waits for the thread to end, and so for a running call of `metrics`.
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  int port() const { return port_; }

 private:
  MetricsServer(int listener, int wakeup, int port, std::function<std::string()> metrics);
  void Run();
  void Serve(int client) const;

  const int listener_;
  const int wakeup_;  // an eventfd; readable once the thread must end
  const int port_;
  const std::function<std::string()> metrics_;
  std::thread thread_;
};

}  // namespace firebreak

#endif  // FIREBREAK_BASE_METRICS_METRICS_SERVER_H_
