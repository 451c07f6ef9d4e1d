// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_OPTIONS_H_
#define FIREBREAK_CONTROLLER_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "controller/log/segment_store.h"

namespace firebreak::controller {

struct ControllerOptions {
  std::string data_dir;
  std::string listen = "0.0.0.0:7443";
  // The names and addresses under which the controller is reached; the first goes into admin.yaml.
  std::vector<std::string> advertise;
  absl::Duration host_certificate_lifetime = absl::Hours(24 * 30);
  SegmentStore::Options log;
  int64_t keep_revisions = 1000;  // the number of revisions whose resources are kept
  std::string metrics;            // a loopback address and port; empty: no metrics are served
  // The largest number of hosts that are sent a policy and prove it at the same time; 0: as many as
  // the controller keeps up with.
  size_t max_trials = 0;
  // The address at which a beacon is served too, and the beacon's key; empty: no beacon is served.
  std::string beacon;
  std::string beacon_key;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_OPTIONS_H_
