// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_SERVE_METRICS_H_
#define FIREBREAK_AGENT_SERVE_METRICS_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "agent/loop/event_loop.h"
#include "agent/metrics/metrics.h"
#include "base/metrics/metrics_server.h"

namespace firebreak::agent {

// Serves this host's metrics at `address`. `figures` is called on the loop's thread; the kernel's
// counters are read on the server's thread. Both arguments must outlive the server.
absl::StatusOr<std::unique_ptr<MetricsServer>> ServeMetrics(const std::string& address,
                                                            EventLoop& loop,
                                                            std::function<Stats()> stats);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_SERVE_METRICS_H_
