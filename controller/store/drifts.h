// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_STORE_DRIFTS_H_
#define FIREBREAK_CONTROLLER_STORE_DRIFTS_H_

#include <functional>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/store/connection.h"
#include "firebreak/v1/fleet.pb.h"

namespace firebreak::controller {

// Returns, by host, the last drift that the audit trail records, with its time and number.
absl::StatusOr<std::map<std::string, v1::Drift, std::less<>>> ReadAuditedDrifts(
    Connection& connection);
absl::Status PutAuditedDrift(Connection& connection, const std::string& host,
                             const v1::Drift& drift);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_DRIFTS_H_
