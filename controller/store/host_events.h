// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_STORE_HOST_EVENTS_H_
#define FIREBREAK_CONTROLLER_STORE_HOST_EVENTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/store/connection.h"

namespace firebreak::controller {

// The last event that was accepted from a host: its epoch and number.
struct EventMark {
  uint64_t epoch = 0;  // 0: no event was accepted yet
  uint64_t number = 0;
  uint64_t lost = 0;  // missing events that no row of the audit trail records yet
};

absl::StatusOr<EventMark> ReadEventMark(Connection& connection, const std::string& host);
// Returns the hosts that have lost events which no row records yet.
absl::StatusOr<std::vector<std::string>> ReadHostsWithLostEvents(Connection& connection);
absl::Status PutEventMark(Connection& connection, const std::string& host, const EventMark& mark);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_HOST_EVENTS_H_
