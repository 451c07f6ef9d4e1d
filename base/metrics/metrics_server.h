#ifndef FIREBREAK_BASE_METRICS_METRICS_SERVER_H_
#define FIREBREAK_BASE_METRICS_METRICS_SERVER_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"

namespace firebreak {

// Serves metrics to Prometheus over plain HTTP, on a loopback address only: whoever is to read them
// from elsewhere puts something that authenticates in between.
//
// Threading: one thread of its own, one connection after the other, each for at most kPatience, so
// that a client who says nothing delays others by no more. `metrics` is called on it.
class MetricsServer {
 public:
  static constexpr int kPatienceMillis = 2000;

  // `address` is 127.0.0.1:PORT or [::1]:PORT; port 0 is one of the kernel's choice.
  // InvalidArgument: it is something else.
  static absl::StatusOr<std::unique_ptr<MetricsServer>> Start(const std::string& address,
                                                              std::function<std::string()> metrics);
  // Waits for the thread, and so for `metrics`.
  ~MetricsServer();
  MetricsServer(const MetricsServer&) = delete;
  MetricsServer& operator=(const MetricsServer&) = delete;

  int port() const { return port_; }

 private:
  MetricsServer(int listener, int wakeup, int port, std::function<std::string()> metrics);
  void Run();
  void Serve(int client) const;

  const int listener_;
  const int wakeup_;  // eventfd; readable: end
  const int port_;
  const std::function<std::string()> metrics_;
  std::thread thread_;
};

}  // namespace firebreak

#endif  // FIREBREAK_BASE_METRICS_METRICS_SERVER_H_
