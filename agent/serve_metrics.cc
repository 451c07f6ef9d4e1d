// SPDX-License-Identifier: Apache-2.0
#include "agent/serve_metrics.h"

#include <chrono>
#include <future>
#include <utility>

#include "agent/kernel/counters/counters.h"

namespace firebreak::agent {

absl::StatusOr<std::unique_ptr<MetricsServer>> ServeMetrics(const std::string& address,
                                                            EventLoop& loop,
                                                            std::function<Stats()> stats) {
  return MetricsServer::Start(address, [&loop, stats = std::move(stats)] {
    const auto asked = std::make_shared<std::promise<Stats>>();
    std::future<Stats> answered = asked->get_future();
    loop.Post([stats, asked] { asked->set_value(stats()); });
    if (answered.wait_for(std::chrono::seconds(1)) != std::future_status::ready) {
      return std::string();
    }
    Stats all = answered.get();
    CountFlows(all);
    if (auto counters = Counters::Open(); counters.ok()) {
      all.packets = counters->Read().value_or(PacketCounts());
    }
    return WriteMetrics(all);
  });
}

}  // namespace firebreak::agent
