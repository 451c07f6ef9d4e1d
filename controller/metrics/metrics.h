// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_METRICS_METRICS_H_
#define FIREBREAK_CONTROLLER_METRICS_METRICS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "controller/fleet/fleet.h"
#include "controller/front/stats.h"
#include "controller/hosts/registry.h"
#include "controller/log/log_store.h"
#include "firebreak/v1/rollout.pb.h"

namespace firebreak::controller {

// The controller's metrics in Prometheus's text format; `rollout` is the newest one, with its
// waves. Any thread.
std::string WriteMetrics(const Fleet& fleet, const Registry& registry, const LogStats& log,
                         const FrontStats& front, const std::optional<v1::StagedRollout>& rollout);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_METRICS_METRICS_H_
