#include "controller/hosts/registry.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "base/time/passed.h"

namespace firebreak::controller {
namespace {

// The maps are keyed by std::string; its transparent order knows std::string_view only.
std::string_view Std(absl::string_view text) { return {text.data(), text.size()}; }

}  // namespace

absl::StatusOr<std::unique_ptr<Registry>> Registry::Load(Database& database) {
  std::unique_ptr<Registry> registry(new Registry(database));
  const absl::Status status = database.Transact("load the hosts", [&](Connection& connection) {
    ASSIGN_OR_RETURN(auto hosts, LoadHosts(connection));
    absl::MutexLock lock(&registry->mutex_);
    for (StoredHost& host : hosts) {
      std::string name = host.record.name;
      registry->hosts_.emplace(std::move(name), std::move(host));
    }
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return registry;
}

std::optional<StoredHost> Registry::Find(absl::string_view name) const {
  absl::MutexLock lock(&mutex_);
  const auto host = hosts_.find(Std(name));
  return host == hosts_.end() ? std::nullopt : std::optional(host->second);
}

std::vector<StoredHost> Registry::All() const {
  absl::MutexLock lock(&mutex_);
  std::vector<StoredHost> all;
  all.reserve(hosts_.size());
  for (const auto& [name, host] : hosts_) all.push_back(host);
  return all;
}

std::set<std::string> Registry::Names() const {
  absl::MutexLock lock(&mutex_);
  std::set<std::string> names;
  for (const auto& [name, host] : hosts_) {
    names.insert(names.end(), name);
  }
  return names;
}

size_t Registry::CountHosts() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<size_t>(std::count_if(hosts_.begin(), hosts_.end(), [](const auto& host) {
    return !host.second.record.revoked();
  }));
}

std::vector<HostRecord> Registry::Records() const {
  absl::MutexLock lock(&mutex_);
  std::vector<HostRecord> records;
  for (const auto& [name, host] : hosts_) {
    if (!host.record.revoked()) records.push_back(host.record);
  }
  return records;
}

absl::Status Registry::Admit(absl::string_view name, absl::string_view fingerprint) {
  absl::MutexLock lock(&mutex_);
  const auto host = hosts_.find(Std(name));
  if (host == hosts_.end()) {
    return absl::UnauthenticatedError(absl::StrCat("host ", name, " is not known here"));
  }
  HostRecord& record = host->second.record;
  if (record.revoked()) {
    return absl::UnauthenticatedError(absl::StrCat("host ", name, " has been revoked"));
  }
  if (fingerprint == record.fingerprint) return absl::OkStatus();
  if (!record.next_fingerprint.empty() && fingerprint == record.next_fingerprint) {
    record.fingerprint = std::move(record.next_fingerprint);
    record.next_fingerprint.clear();
    unwritten_.insert(record.name);
    changed_records_.insert(record.name);
    return absl::OkStatus();
  }
  return absl::UnauthenticatedError(
      absl::StrCat("host ", name, " has a newer certificate than this one"));
}

absl::Status Registry::Change(
    absl::string_view operation, const std::string& name,
    absl::FunctionRef<absl::StatusOr<HostRecord>(Connection&, const std::optional<HostRecord>&)>
        make) {
  absl::MutexLock change_lock(&change_mutex_);
  std::optional<HostRecord> present;
  {
    absl::MutexLock lock(&mutex_);
    if (const auto host = hosts_.find(name); host != hosts_.end()) present = host->second.record;
  }
  absl::StatusOr<HostRecord> next = absl::UnknownError("not made");
  const absl::Status status = database_.Transact(operation, [&](Connection& connection) {
    next = make(connection, present);
    return next.ok() ? PutHost(connection, *next) : next.status();
  });
  if (!next.ok()) return next.status();
  if (!status.ok()) return status;
  absl::MutexLock lock(&mutex_);
  hosts_[name].record = *std::move(next);
  return absl::OkStatus();
}

void Registry::Report(absl::string_view name, absl::FunctionRef<void(HostReport&)> update) {
  absl::MutexLock lock(&mutex_);
  const auto host = hosts_.find(Std(name));
  if (host == hosts_.end()) return;
  update(host->second.report);
  unwritten_.insert(host->first);
}

void Registry::Seen(const std::vector<std::string>& names, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  for (const std::string& name : names) {
    const auto host = hosts_.find(name);
    if (host == hosts_.end()) continue;
    HostReport& report = host->second.report;
    if (!HasPassed(kSeenInterval, report.last_seen, now)) continue;
    report.last_seen = now;
    unwritten_.insert(name);
  }
}

absl::Status Registry::Flush() {
  size_t left = 0;
  {
    absl::MutexLock lock(&mutex_);
    left = unwritten_.size();
  }
  for (; left > 0; left -= std::min(left, kFlushedAtOnce)) RETURN_IF_ERROR(FlushSome());
  return absl::OkStatus();
}

absl::Status Registry::FlushSome() {
  absl::MutexLock change_lock(&change_mutex_);
  std::vector<StoredHost> changed;
  std::set<std::string> names;
  std::set<std::string> records;
  {
    absl::MutexLock lock(&mutex_);
    while (!unwritten_.empty() && names.size() < kFlushedAtOnce) {
      names.insert(unwritten_.extract(unwritten_.begin()));
    }
    for (const std::string& name : names) {
      changed.push_back(hosts_[name]);
      if (changed_records_.erase(name) > 0) records.insert(name);
    }
  }
  absl::Status status = database_.Transact("store host reports", [&](Connection& connection) {
    for (const StoredHost& host : changed) {
      if (records.contains(host.record.name)) {
        RETURN_IF_ERROR(PutHost(connection, host.record));
      }
      RETURN_IF_ERROR(SetHostReport(connection, host.record.name, host.report));
    }
    return absl::OkStatus();
  });
  if (!status.ok()) {
    absl::MutexLock lock(&mutex_);
    unwritten_.merge(names);
    changed_records_.merge(records);
  }
  return status;
}

}  // namespace firebreak::controller
