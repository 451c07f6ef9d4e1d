#include "controller/fleet/host_event_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "controller/event_log.h"

namespace firebreak::controller {
namespace {

constexpr size_t kMaxTextBytes = 300;

// A host's words, of a length that a host cannot choose.
absl::string_view Short(absl::string_view text) { return text.substr(0, kMaxTextBytes); }

absl::Time TimeOf(const v1::HostEvent& event, absl::Time now) {
  const absl::Time at =
      absl::FromUnixSeconds(event.at().seconds()) + absl::Nanoseconds(event.at().nanos());
  // By a clock that may be wrong: never later than now.
  return std::min(at, now);
}

AuditEntry EntryOf(absl::string_view host, absl::string_view peer,
                   const v1::LocalSwitchEvent& event, absl::Time at) {
  const char* mode = event.mode() == v1::Firewall::on    ? "on"
                     : event.mode() == v1::Firewall::off ? "off"
                                                         : "as the fleet's policy says";
  std::string detail =
      absl::StrCat("firewall ", mode,
                   event.interface().empty() ? "" : absl::StrCat(" for ", Short(event.interface())),
                   event.location().empty() ? "" : absl::StrCat(" at ", Short(event.location())),
                   ", by ", Short(event.user()), " (uid ", event.uid(), ") with ",
                   Short(event.program()), " (process ", event.pid(), ")");
  if (!event.terminal().empty()) {
    absl::StrAppend(&detail, ", confirmed at ", Short(event.terminal()));
  }
  if (!event.refused().empty()) absl::StrAppend(&detail, ": ", Short(event.refused()));
  absl::StrAppend(&detail, "; at ", absl::FormatTime(at, absl::UTCTimeZone()));
  return {.actor = absl::StrCat("host/", host),
          .peer = std::string(peer),
          .action = "local switch",
          .object = absl::StrCat("host ", host),
          .result = event.refused().empty() ? "done" : "refused",
          .detail = std::move(detail)};
}

}  // namespace

bool HostEventLog::IsTooMuch(absl::string_view host, absl::Time now) {
  Rate& rate = rates_[std::string(host)];
  if (now >= rate.minute + absl::Minutes(1)) rate = {now, 0};
  return ++rate.events > kMaxAMinute;
}

void HostEventLog::Record(absl::string_view host, absl::string_view peer,
                          const v1::HostEvent& event) {
  const absl::Time now = absl::Now();
  {
    absl::MutexLock lock(&mutex_);
    if (IsTooMuch(host, now)) return;
    if (event.has_local_switch()) {
      if (waiting_.size() >= kMaxWaiting) return;  // the host has it still
      const absl::Time at = TimeOf(event, now);
      waiting_.push_back(
          {std::string(host), event.number(), at, EntryOf(host, peer, event.local_switch(), at)});
      return;
    }
  }
  if (!event.has_location()) return;  // of a newer agent
  const v1::LocationEvent& location = event.location();
  if (location.kind() == v1::LocationEvent::refused) {
    refusals_.Record(
        {.actor = absl::StrCat("host/", host),
         .peer = std::string(peer),
         .action = "prove a location",
         .object = absl::StrCat(Short(location.interface()), " at ", Short(location.location())),
         .detail = std::string(Short(location.reason()))},
        now);
    return;
  }
  LogInfo("host ", host, ": ", Short(location.interface()), " is at ", Short(location.location()),
          ", was at ", Short(location.before()), ": ", Short(location.reason()));
}

absl::Status HostEventLog::Flush(
    absl::Time now, absl::FunctionRef<void(absl::string_view host, uint64_t number)> taken) {
  std::deque<Waiting> waiting;
  {
    absl::MutexLock lock(&mutex_);
    waiting.swap(waiting_);
  }
  if (waiting.empty()) return absl::OkStatus();
  const absl::Status status =
      database_.Transact("record what hosts tell", [&](Connection& connection) {
        for (const Waiting& one : waiting) {
          absl::Status appended = AppendAudit(connection, now, one.entry);
          if (!appended.ok()) return appended;
        }
        return absl::OkStatus();
      });
  if (!status.ok()) {
    absl::MutexLock lock(&mutex_);
    waiting_.insert(waiting_.begin(), waiting.begin(), waiting.end());
    return status;
  }
  std::map<std::string, uint64_t> last;
  for (const Waiting& one : waiting) {
    LogInfo("host ", one.host, ": local switch ", one.entry.result, ": ", one.entry.detail);
    last[one.host] = std::max(last[one.host], one.number);
  }
  for (const auto& [host, number] : last) taken(host, number);
  return absl::OkStatus();
}

}  // namespace firebreak::controller
