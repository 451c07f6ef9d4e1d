#include "agent/serve_metrics.h"

#include <chrono>
#include <future>
#include <utility>

#include "agent/kernel/counters/counters.h"

namespace firebreak::agent {

absl::StatusOr<std::unique_ptr<MetricsServer>> ServeMetrics(const std::string& address,
                                                            EventLoop& loop,
                                                            std::function<Figures()> figures) {
  return MetricsServer::Start(address, [&loop, figures = std::move(figures)] {
    const auto asked = std::make_shared<std::promise<Figures>>();
    std::future<Figures> answered = asked->get_future();
    loop.Post([figures, asked] { asked->set_value(figures()); });
    if (answered.wait_for(std::chrono::seconds(1)) != std::future_status::ready) {
      return std::string();
    }
    Figures all = answered.get();
    CountFlows(all);
    if (auto counters = Counters::Open(); counters.ok()) {
      all.packets = counters->Read().value_or(PacketCounts());
    }
    return WriteMetrics(all);
  });
}

}  // namespace firebreak::agent
