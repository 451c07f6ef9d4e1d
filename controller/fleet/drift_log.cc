// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/drift_log.h"

#include <functional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/log/log.h"
#include "base/time/passed.h"
#include "controller/store/audit.h"
#include "controller/store/drifts.h"

namespace firebreak::controller {
namespace {

constexpr size_t kMaxDetailBytes = 1000;

bool SameMoment(const v1::Drift& a, const v1::Drift& b) {
  return a.at().seconds() == b.at().seconds() && a.at().nanos() == b.at().nanos() &&
         a.times() == b.times();
}

bool IsBefore(const v1::Drift& a, const v1::Drift& b) {
  return std::make_tuple(a.at().seconds(), a.at().nanos(), a.times()) <
         std::make_tuple(b.at().seconds(), b.at().nanos(), b.times());
}

std::string Detail(const v1::Drift& drift, uint64_t times) {
  std::string detail = absl::StrCat(
      drift.program().empty() ? "another program"
                              : absl::StrCat(drift.program(), " (process ", drift.pid(), ")"),
      " changed the rules: ", absl::StrJoin(drift.changed(), ", "));
  absl::StrAppend(&detail, "; ",
                  drift.error().empty() ? absl::StrCat("undone in ", drift.undone_micros(), " µs")
                                        : absl::StrCat("not undone: ", drift.error()));
  if (detail.size() > kMaxDetailBytes) detail.resize(kMaxDetailBytes);
  if (times > 1) absl::StrAppend(&detail, "; the last of ", times);
  return detail;
}

}  // namespace

absl::Status DriftLog::Load(const std::vector<StoredHost>& hosts) {
  std::map<std::string, v1::Drift, std::less<>> audited;
  absl::Status status = database_.Transact("read which drift is recorded", [&](Connection& c) {
    auto read = ReadAuditedDrifts(c);
    if (read.ok()) audited = *std::move(read);
    return read.status();
  });
  if (!status.ok()) return status;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [name, drift] : audited) hosts_[name].drift = drift;
  }
  for (const StoredHost& host : hosts) {
    const v1::Drift& told = host.report.facts.drift();
    // The last process may have died after it wrote the row and before it stored the host's report.
    if (!host.report.facts.has_drift() || IsBefore(told, audited[host.record.name])) continue;
    Record(host.record.name, host.report.address, told);
  }
  return absl::OkStatus();
}

void DriftLog::Record(absl::string_view host, absl::string_view peer, const v1::Drift& drift) {
  absl::MutexLock lock(&mutex_);
  Host& entry = hosts_[std::string(host)];
  if (SameMoment(entry.drift, drift)) return;
  const uint64_t before = entry.drift.times();
  entry.peer = std::string(peer);
  entry.drift = drift;
  entry.pending = true;
  // A restarted agent counts from the beginning.
  entry.times += drift.times() > before ? drift.times() - before : drift.times();
}

absl::Status DriftLog::Flush(absl::Time now, bool closing) {
  struct Entry {
    std::string host;
    v1::Drift drift;
    uint64_t times;
    AuditEntry row;
  };
  std::vector<Entry> entries;
  {
    absl::MutexLock lock(&mutex_);
    for (auto& [name, host] : hosts_) {
      if (!host.pending || !(closing || HasPassed(kInterval, host.written_at, now))) continue;
      entries.push_back({name,
                         host.drift,
                         host.times,
                         {.actor = absl::StrCat("host/", name),
                          .peer = host.peer,
                          .action = "drift",
                          .object = absl::StrCat("host ", name),
                          .result = host.drift.error().empty() ? "undone" : "failed",
                          .detail = Detail(host.drift, host.times)}});
      host.pending = false;
      host.times = 0;
      host.written_at = now;
    }
  }
  if (entries.empty()) return absl::OkStatus();
  absl::Status status = database_.Transact("record drift", [&](Connection& connection) {
    for (const Entry& entry : entries) {
      absl::Status appended = AppendAudit(connection, now, entry.row);
      if (appended.ok()) appended = PutAuditedDrift(connection, entry.host, entry.drift);
      if (!appended.ok()) return appended;
    }
    return absl::OkStatus();
  });
  if (status.ok()) {
    for (const Entry& entry : entries) LogWarning("host ", entry.host, ": ", entry.row.detail);
    return status;
  }
  absl::MutexLock lock(&mutex_);
  for (const Entry& entry : entries) {
    Host& host = hosts_[entry.host];
    host.pending = true;
    host.times += entry.times;
    host.written_at = absl::InfinitePast();
  }
  return status;
}

}  // namespace firebreak::controller
