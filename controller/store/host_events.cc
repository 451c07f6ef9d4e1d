// SPDX-License-Identifier: Apache-2.0
#include "controller/store/host_events.h"

namespace firebreak::controller {

absl::StatusOr<EventMark> ReadEventMark(Connection& connection, const std::string& host) {
  EventMark mark;
  absl::Status status = connection.Query(
      "SELECT epoch, number, lost FROM host_events WHERE host = ?", {host}, [&](const Row& row) {
        mark.epoch = static_cast<uint64_t>(row.Integer(0));
        mark.number = static_cast<uint64_t>(row.Integer(1));
        mark.lost = static_cast<uint64_t>(row.Integer(2));
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return mark;
}

absl::StatusOr<std::vector<std::string>> ReadHostsWithLostEvents(Connection& connection) {
  std::vector<std::string> hosts;
  absl::Status status =
      connection.Query("SELECT host FROM host_events WHERE lost != 0", {}, [&](const Row& row) {
        hosts.push_back(row.Bytes(0));
        return absl::OkStatus();
      });
  if (!status.ok()) return status;
  return hosts;
}

absl::Status PutEventMark(Connection& connection, const std::string& host, const EventMark& mark) {
  return connection.Execute(
      "INSERT INTO host_events (host, epoch, number, lost) VALUES (?, ?, ?, ?)"
      " ON CONFLICT (host) DO UPDATE SET epoch = excluded.epoch, number = excluded.number,"
      " lost = excluded.lost",
      {host, static_cast<int64_t>(mark.epoch), static_cast<int64_t>(mark.number),
       static_cast<int64_t>(mark.lost)});
}

}  // namespace firebreak::controller
