#ifndef FIREBREAK_CONTROLLER_STORE_HOST_EVENTS_H_
#define FIREBREAK_CONTROLLER_STORE_HOST_EVENTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "controller/store/connection.h"

namespace firebreak::controller {

// The last event of a host that was taken: its number, in that epoch of the host's numbering.
struct EventMark {
  uint64_t epoch = 0;  // 0: none was
  uint64_t number = 0;
  uint64_t lost = 0;  // events that were missing, and that no row of the audit trail tells yet
};

absl::StatusOr<EventMark> ReadEventMark(Connection& connection, const std::string& host);
// The hosts that have lost events of which no row tells yet.
absl::StatusOr<std::vector<std::string>> ReadHostsWithLostEvents(Connection& connection);
absl::Status PutEventMark(Connection& connection, const std::string& host, const EventMark& mark);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_STORE_HOST_EVENTS_H_
