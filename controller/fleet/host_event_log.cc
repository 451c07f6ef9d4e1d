// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/host_event_log.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "base/time/passed.h"
#include "base/time/timestamp.h"
#include "policy/merge/local_switch.h"

namespace firebreak::controller {
namespace {

constexpr size_t kMaxTextBytes = 512;

// Cuts a text that a host has chosen to a length that the host cannot choose.
absl::string_view Short(absl::string_view text) { return text.substr(0, kMaxTextBytes); }

// Returns the time of the event by the host's clock, which may be wrong, but never later than now.
std::string TimeOf(const v1::HostEvent& event, absl::Time now) {
  return absl::FormatTime(absl::RFC3339_sec, std::min(FromTimestamp(event.at()), now),
                          absl::UTCTimeZone());
}

std::string Describe(const v1::LocalSwitch& what) {
  return absl::StrCat(
      Short(policy::DescribeSwitch(what)),
      what.interface().empty() ? "" : absl::StrCat(" on ", Short(what.interface())),
      what.location().empty() ? "" : absl::StrCat(" at ", Short(what.location())),
      what.user().empty() ? ""
                          : absl::StrCat(", by ", Short(what.user()), " (uid ", what.uid(),
                                         ") with ", Short(what.program())),
      what.reason().empty() ? "" : absl::StrCat(", reason: ", Short(what.reason())));
}

// Makes the entry for a switch of the host's own: of its firewall, of ICMP or of its log.
AuditEntry SwitchEntryOf(absl::string_view host, const std::string& peer,
                         const v1::HostEvent& event, absl::Time now) {
  const bool option = event.has_local_option();
  const v1::LocalSwitchEvent& told = option ? event.local_option() : event.local_switch();
  const char* const what = option ? "local option" : "local switch";
  std::string detail = Describe(told.what());
  if (!told.terminal().empty()) {
    absl::StrAppend(&detail, told.refused().empty() ? ", confirmed at " : ", asked at ",
                    Short(told.terminal()));
  }
  if (!told.refused().empty()) absl::StrAppend(&detail, "; refused: ", Short(told.refused()));
  if (!told.ended().empty()) absl::StrAppend(&detail, "; has ended: ", Short(told.ended()));
  absl::StrAppend(&detail, "; at ", TimeOf(event, now));
  return {.actor = absl::StrCat("host/", host),
          .peer = peer,
          .action = told.ended().empty() ? what : absl::StrCat("end a ", what),
          .object = absl::StrCat("host ", host),
          .result = told.refused().empty() ? "done" : "refused",
          .detail = std::move(detail)};
}

// Makes the entry for an event of a host's TCP/IP stack: an attack, or a setting changed by others.
AuditEntry StackEntryOf(absl::string_view host, const std::string& peer, const v1::HostEvent& event,
                        absl::Time now) {
  const v1::StackEvent& stack = event.stack();
  const bool attack =
      stack.kind() == v1::StackEvent::attack_began || stack.kind() == v1::StackEvent::attack_ended;
  return {.actor = absl::StrCat("host/", host),
          .peer = peer,
          .action = stack.kind() == v1::StackEvent::attack_began   ? "attack began"
                    : stack.kind() == v1::StackEvent::attack_ended ? "attack ended"
                                                                   : "setting changed",
          .object = absl::StrCat("host ", host),
          .result = stack.kind() == v1::StackEvent::put_back ? "undone" : "done",
          .detail = absl::StrCat(attack ? "flood of connection requests: "
                                        : absl::StrCat(Short(stack.setting()), ": "),
                                 Short(stack.detail()), "; at ", TimeOf(event, now))};
}

// Makes the entry for a table of connections that is full, or has room again.
AuditEntry FlowTableEntryOf(absl::string_view host, const std::string& peer,
                            const v1::HostEvent& event, absl::Time now) {
  const v1::FlowTableEvent& table = event.flow_table();
  return {.actor = absl::StrCat("host/", host),
          .peer = peer,
          .action = table.full() ? "flow table full" : "flow table has room",
          .object = absl::StrCat("host ", host),
          .result = "done",
          .detail = absl::StrCat("room for ", table.limit(), ", ", table.dropped(),
                                 " new connections refused, ", table.evicted(),
                                 " older ones forgotten; at ", TimeOf(event, now))};
}

const char* ActionOf(v1::LocalMappingEvent::Kind kind) {
  switch (kind) {
    case v1::LocalMappingEvent::asked: return "ask for a mapping";
    case v1::LocalMappingEvent::added: return "add a local mapping";
    case v1::LocalMappingEvent::granted: return "grant a mapping";
    case v1::LocalMappingEvent::refused: return "refuse a mapping";
    case v1::LocalMappingEvent::removed: return "remove a local mapping";
    default: return "end a local mapping";
  }
}

// Returns a text such as "tcp 8080,8081 from 10.0.0.0/8", from a host's own words.
std::string Describe(const v1::PortMapping& what) {
  return absl::StrCat(Short(what.service()), Short(what.protocol()),
                      what.ports().empty() ? "" : " ", Short(absl::StrJoin(what.ports(), ",")),
                      what.types().empty() ? "" : " ", Short(absl::StrJoin(what.types(), ",")),
                      what.from().empty() ? "" : " from ", Short(absl::StrJoin(what.from(), ",")));
}

// Makes the entry for a mapping that the host itself has opened, or that is asked for there.
AuditEntry MappingEntryOf(absl::string_view host, const std::string& peer,
                          const v1::HostEvent& event, absl::Time now) {
  const v1::LocalMappingEvent& told = event.local_mapping();
  const v1::LocalMapping& what = told.what();
  const auto add = [](absl::string_view words, absl::string_view value) {
    return value.empty() ? "" : absl::StrCat(words, Short(value));
  };
  const bool refused = told.kind() == v1::LocalMappingEvent::refused;
  return {
      .actor = absl::StrCat("host/", host),
      .peer = peer,
      .action = ActionOf(told.kind()),
      .object = absl::StrCat("host ", host),
      .result = refused ? "refused" : "done",
      .detail = absl::StrCat(
          what.number() == 0 ? "" : absl::StrCat("mapping ", what.number(), ": "),
          Describe(what.mapping()), add(" on ", what.interface()), add(" at ", what.location()),
          ", for ", Short(what.user()), " (uid ", what.uid(), ") with ", Short(what.program()),
          what.seconds() == 0 ? "" : absl::StrCat(", for ", what.seconds(), " s"),
          add(", until the end of ", what.unit()), add(", reason: ", what.reason()),
          add("; by ", told.by()), add("; because: ", told.reason()), "; at ", TimeOf(event, now))};
}

bool IsTold(const v1::HostEvent& event) {
  return event.has_local_switch() || event.has_local_option() || event.has_stack() ||
         event.has_flow_table() || event.has_local_mapping();
}

AuditEntry RowOf(absl::string_view host, const std::string& peer, const v1::HostEvent& event,
                 absl::Time now) {
  if (event.has_flow_table()) return FlowTableEntryOf(host, peer, event, now);
  if (event.has_local_mapping()) return MappingEntryOf(host, peer, event, now);
  return event.has_stack() ? StackEntryOf(host, peer, event, now)
                           : SwitchEntryOf(host, peer, event, now);
}

AuditEntry LossOf(absl::string_view host, const std::string& peer, uint64_t count) {
  return {.actor = absl::StrCat("host/", host),
          .peer = peer,
          .action = "lose events",
          .object = absl::StrCat("host ", host),
          .result = "done",
          .detail = absl::StrCat(count, count == 1 ? " event" : " events",
                                 " of where its interfaces are, of its own switches and mappings "
                                 "and of its TCP/IP stack: a host "
                                 "keeps 256 that wait, and ",
                                 HostEventLog::kMaxRowsAMinute,
                                 " rows of one host are taken in a minute")};
}

}  // namespace

void HostEventLog::Record(absl::string_view host, absl::string_view peer,
                          const v1::HostEvent& event) {
  if (event.number() == 0 || event.epoch() == 0) return;  // a repetition would not be recognised
  absl::MutexLock lock(&mutex_);
  std::deque<Waiting>& waiting = hosts_[std::string(host)].waiting;
  if (waiting.size() >= kMaxWaiting) return;
  // The host has sent the event again on another stream, and it is waiting here already.
  if (!waiting.empty() && waiting.back().event.epoch() == event.epoch() &&
      waiting.back().event.number() >= event.number()) {
    return;
  }
  waiting.push_back({std::string(peer), event});
}

void HostEventLog::Tell(absl::string_view host, const Waiting& told, absl::Time now) {
  const auto log = [&](absl::string_view text) {
    const auto line = lines_.Line(std::string(host), text, now);
    if (line.has_value()) LogInfo(*line);
  };
  if (IsTold(told.event)) {
    const AuditEntry entry = RowOf(host, told.peer, told.event, now);
    return log(absl::StrCat(": ", entry.action, ": ", entry.detail));
  }
  if (!told.event.has_location()) return;  // an event of a newer agent
  const v1::LocationEvent& location = told.event.location();
  if (location.kind() == v1::LocationEvent::refused) {
    return refusals_.Record(
        {.actor = absl::StrCat("host/", host),
         .peer = told.peer,
         .action = "prove a location",
         .object = absl::StrCat(Short(location.interface()), " at ", Short(location.location())),
         .detail = std::string(Short(location.reason()))},
        now);
  }
  log(absl::StrCat(": ", Short(location.interface()), " is at ", Short(location.location()),
                   ", was at ", Short(location.before()), ": ", Short(location.reason()), "; at ",
                   TimeOf(told.event, now)));
}

bool HostEventLog::MakesRow(const v1::HostEvent& event) {
  return IsTold(event) ||
         (event.has_location() && event.location().kind() == v1::LocationEvent::refused);
}

std::map<std::string, HostEventLog::Batch> HostEventLog::RemoveWaiting(absl::Time now) {
  std::map<std::string, Batch> taken;
  absl::MutexLock lock(&mutex_);
  for (auto& [name, host] : hosts_) {
    if (HasPassed(absl::Minutes(1), host.minute, now)) {
      host.minute = now;
      host.rows = 0;
    }
    Batch batch = {.tell_lost = HasPassed(absl::Minutes(1), host.told_lost, now)};
    while (!host.waiting.empty()) {
      const bool makes_row = MakesRow(host.waiting.front().event);
      if (makes_row && host.rows >= kMaxRowsAMinute) break;
      host.rows += makes_row ? 1 : 0;
      host.peer = host.waiting.front().peer;
      batch.waiting.push_back(std::move(host.waiting.front()));
      host.waiting.pop_front();
    }
    batch.peer = host.peer;
    if (batch.waiting.empty() && !(host.lost && batch.tell_lost)) continue;
    taken.emplace(name, std::move(batch));
  }
  return taken;
}

absl::Status HostEventLog::LoadLost() {
  std::vector<std::string> hosts;
  absl::Status status = database_.Transact("read which hosts have lost events", [&](Connection& c) {
    auto read = ReadHostsWithLostEvents(c);
    if (read.ok()) hosts = *std::move(read);
    return read.status();
  });
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  for (const std::string& host : hosts) hosts_[host].lost = true;
  loaded_lost_ = true;
  return absl::OkStatus();
}

absl::StatusOr<HostEventLog::Taken> HostEventLog::Store(Connection& connection,
                                                        const std::string& host, const Batch& batch,
                                                        absl::Time now) {
  ASSIGN_OR_RETURN(EventMark before, ReadEventMark(connection, host));
  Taken taken = {.mark = before};
  EventMark& mark = taken.mark;
  absl::Status status;
  for (const Waiting& one : batch.waiting) {
    const v1::HostEvent& event = one.event;
    if (mark.epoch != event.epoch()) {
      mark.number = mark.epoch == 0 ? event.number() - 1 : 0;
      mark.epoch = event.epoch();
    }
    if (event.number() <= mark.number) continue;
    const uint64_t missing = event.number() - mark.number - 1;
    mark.lost += std::min(missing, std::numeric_limits<uint64_t>::max() - mark.lost);
    if (IsTold(event)) {
      status = AppendAudit(connection, now, RowOf(host, one.peer, event, now));
    }
    if (!status.ok()) return status;
    mark.number = event.number();
    taken.events.push_back(one);
  }
  if (batch.tell_lost && mark.lost > 0) {
    status = AppendAudit(connection, now, LossOf(host, batch.peer, mark.lost));
    mark.lost = 0;
    taken.told_lost = true;
  }
  if (status.ok()) status = PutEventMark(connection, host, mark);
  if (!status.ok()) return status;
  return taken;
}

absl::Status HostEventLog::Flush(
    absl::Time now, absl::FunctionRef<void(absl::string_view host, uint64_t number)> taken) {
  if (!loaded_lost_) {
    RETURN_IF_ERROR(LoadLost());
  }
  std::map<std::string, Batch> batches = RemoveWaiting(now);
  if (batches.empty()) return absl::OkStatus();
  std::map<std::string, Taken> stored;
  absl::Status status = database_.Transact("record what hosts tell", [&](Connection& connection) {
    for (const auto& [host, batch] : batches) {
      ASSIGN_OR_RETURN(Taken one, Store(connection, host, batch, now));
      stored[host] = std::move(one);
    }
    return absl::OkStatus();
  });
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [name, batch] : batches) {
      Host& host = hosts_[name];
      if (status.ok()) {
        const Taken& one = stored[name];
        host.lost = one.mark.lost > 0;
        if (one.told_lost) host.told_lost = now;
        continue;
      }
      for (const Waiting& one : batch.waiting) host.rows -= MakesRow(one.event) ? 1 : 0;
      host.waiting.insert(host.waiting.begin(), std::make_move_iterator(batch.waiting.begin()),
                          std::make_move_iterator(batch.waiting.end()));
    }
  }
  if (!status.ok()) return status;
  for (const auto& [host, one] : stored) {
    for (const Waiting& told : one.events) Tell(host, told, now);
    if (!batches[host].waiting.empty()) taken(host, one.mark.number);
  }
  return absl::OkStatus();
}

}  // namespace firebreak::controller
