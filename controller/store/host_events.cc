#include "controller/store/host_events.h"

namespace firebreak::controller {

absl::StatusOr<EventMark> ReadEventMark(Connection& connection, const std::string& host) {
  EventMark mark;
  absl::Status status = connection.Query("SELECT epoch, number FROM host_events WHERE host = ?",
                                         {host}, [&](const Row& row) {
                                           mark.epoch = static_cast<uint64_t>(row.Integer(0));
                                           mark.number = static_cast<uint64_t>(row.Integer(1));
                                           return absl::OkStatus();
                                         });
  if (!status.ok()) return status;
  return mark;
}

absl::Status PutEventMark(Connection& connection, const std::string& host, const EventMark& mark) {
  return connection.Execute(
      "INSERT INTO host_events (host, epoch, number) VALUES (?, ?, ?)"
      " ON CONFLICT (host) DO UPDATE SET epoch = excluded.epoch, number = excluded.number",
      {host, static_cast<int64_t>(mark.epoch), static_cast<int64_t>(mark.number)});
}

}  // namespace firebreak::controller
