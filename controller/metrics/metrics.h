// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_METRICS_METRICS_H_
#define FIREBREAK_CONTROLLER_METRICS_METRICS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "controller/fleet/fleet.h"
#include "controller/front/stats.h"
#include "controller/hosts/registry.h"
#include "controller/log/log_store.h"
#include "firebreak/v1/rollout.pb.h"

namespace firebreak::controller {

// Facts about the parts of the controller that keep no figures of their own.
struct KeptFigures {
  uint64_t audit_rows = 0;
  // nullopt: unknown.
  std::optional<absl::Time> authority_ends;
  std::optional<absl::Time> controller_ends;
  // The newest rollout, with its waves; nullopt: there was none.
  std::optional<v1::StagedRollout> rollout;
};

// The controller's metrics in Prometheus's text format. Any thread.
std::string WriteMetrics(const Fleet& fleet, const Registry& registry, const LogStats& log,
                         const FrontStats& front, const KeptFigures& kept);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_METRICS_METRICS_H_
