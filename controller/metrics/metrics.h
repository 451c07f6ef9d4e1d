#ifndef FIREBREAK_CONTROLLER_METRICS_METRICS_H_
#define FIREBREAK_CONTROLLER_METRICS_METRICS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "controller/fleet/fleet.h"
#include "controller/hosts/registry.h"

namespace firebreak::controller {

// What the controller's log counts since it was started; a store fills it in.
struct LogFigures {
  uint64_t records = 0;  // taken in
  uint64_t lost = 0;     // that hosts have declared as lost
  uint64_t bytes = 0;    // on the disk now
};

// The controller's metrics in Prometheus's text format. Any thread.
std::string WriteMetrics(const Fleet& fleet, const Registry& registry,
                         const std::optional<LogFigures>& log);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_METRICS_METRICS_H_
