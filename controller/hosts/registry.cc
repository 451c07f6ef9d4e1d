// SPDX-License-Identifier: Apache-2.0
#include "controller/hosts/registry.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "base/time/passed.h"

namespace firebreak::controller {
namespace {

// The maps are keyed by std::string, whose transparent order compares std::string_view only.
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

Registry::Page Registry::PageAfter(absl::string_view name,
                                   absl::FunctionRef<bool(const StoredHost&)> wanted) const {
  absl::MutexLock lock(&mutex_);
  Page page;
  size_t seen = 0;
  for (auto host = hosts_.upper_bound(Std(name)); host != hosts_.end(); ++host) {
    if (wanted(host->second)) page.hosts.push_back(host->second);
    if (++seen < kPage) continue;
    page.last = host->first;
    break;
  }
  return page;
}

std::vector<StoredHost> Registry::Where(absl::FunctionRef<bool(const StoredHost&)> wanted) const {
  std::vector<StoredHost> all;
  Page page;
  do {
    page = PageAfter(page.last, wanted);
    std::move(page.hosts.begin(), page.hosts.end(), std::back_inserter(all));
  } while (!page.last.empty());
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

std::optional<absl::Time> Registry::FirstCertificateEnd() const {
  absl::MutexLock lock(&mutex_);
  std::optional<absl::Time> first;
  for (const auto& [name, host] : hosts_) {
    if (host.record.revoked()) continue;
    first = std::min(first.value_or(absl::InfiniteFuture()), host.record.certificate_ends);
  }
  return first;
}

std::vector<HostRecord> Registry::Records() const {
  absl::MutexLock lock(&mutex_);
  std::vector<HostRecord> records;
  for (const auto& [name, host] : hosts_) {
    if (!host.record.revoked()) records.push_back(host.record);
  }
  return records;
}

Standing Registry::LookLocked(absl::string_view name, const Shown& shown) const {
  const auto host = hosts_.find(Std(name));
  if (host == hosts_.end()) return Standing::kUnknown;
  const HostRecord& record = host->second.record;
  if (record.revoked()) return Standing::kRevoked;
  const bool is_given =
      shown.fingerprint == record.fingerprint ||
      (!record.next_fingerprint.empty() && shown.fingerprint == record.next_fingerprint);
  return is_given || shown.number > record.certificate_number ? Standing::kMember
                                                              : Standing::kSuperseded;
}

Standing Registry::Look(absl::string_view name, const Shown& shown) const {
  absl::MutexLock lock(&mutex_);
  return LookLocked(name, shown);
}

absl::Status Registry::Admit(absl::string_view name, const Shown& shown) {
  absl::MutexLock lock(&mutex_);
  const Standing standing = LookLocked(name, shown);
  if (standing != Standing::kMember) {
    return absl::UnauthenticatedError(WhyRefused(standing, name));
  }
  HostRecord& record = hosts_.find(Std(name))->second.record;
  if (shown.fingerprint == record.fingerprint) return absl::OkStatus();
  if (shown.fingerprint == record.next_fingerprint) {
    record.fingerprint = std::move(record.next_fingerprint);
  } else {
    record.fingerprint = std::string(shown.fingerprint);
    record.key_sha256 = std::string(shown.key_sha256);
    record.certificate_number = shown.number;
    record.certificate_ends = shown.not_after;
    recovered_.insert(record.name);
  }
  record.next_fingerprint.clear();
  unwritten_.insert(record.name);
  changed_records_.insert(record.name);
  return absl::OkStatus();
}

bool Registry::IsCurrent(absl::string_view name, absl::string_view fingerprint) const {
  absl::MutexLock lock(&mutex_);
  const auto host = hosts_.find(Std(name));
  if (host == hosts_.end() || host->second.record.revoked()) return false;
  const HostRecord& record = host->second.record;
  return !fingerprint.empty() &&
         (fingerprint == record.fingerprint || fingerprint == record.next_fingerprint);
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

absl::Status Registry::Forget(const std::string& name,
                              absl::FunctionRef<absl::Status(Connection&)> with) {
  absl::MutexLock change_lock(&change_mutex_);
  HostRecord present;
  {
    absl::MutexLock lock(&mutex_);
    const auto host = hosts_.find(name);
    if (host == hosts_.end()) return absl::NotFoundError(absl::StrCat("no host ", name));
    present = host->second.record;
  }
  RETURN_IF_ERROR(
      database_.Transact(absl::StrCat("forget host ", name), [&](Connection& connection) {
        RETURN_IF_ERROR(ForgetHost(connection, present));
        return with(connection);
      }));
  absl::MutexLock lock(&mutex_);
  hosts_.erase(name);
  unwritten_.erase(name);
  changed_records_.erase(name);
  recovered_.erase(name);
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

absl::Status Registry::Flush(absl::Time now) {
  size_t left = 0;
  {
    absl::MutexLock lock(&mutex_);
    left = unwritten_.size();
  }
  for (; left > 0; left -= std::min(left, kFlushedAtOnce)) RETURN_IF_ERROR(FlushSome(now));
  return absl::OkStatus();
}

absl::Status Registry::FlushSome(absl::Time now) {
  absl::MutexLock change_lock(&change_mutex_);
  std::vector<StoredHost> changed;
  std::set<std::string> names;
  std::set<std::string> records;
  std::set<std::string> recovered;
  {
    absl::MutexLock lock(&mutex_);
    while (!unwritten_.empty() && names.size() < kFlushedAtOnce) {
      names.insert(unwritten_.extract(unwritten_.begin()));
    }
    for (const std::string& name : names) {
      changed.push_back(hosts_.at(name));
      if (changed_records_.erase(name) > 0) records.insert(name);
      if (recovered_.erase(name) > 0) recovered.insert(name);
    }
  }
  absl::Status status = database_.Transact("store host reports", [&](Connection& connection) {
    for (const StoredHost& host : changed) {
      if (records.contains(host.record.name)) {
        RETURN_IF_ERROR(PutHost(connection, host.record));
      }
      RETURN_IF_ERROR(SetHostReport(connection, host.record.name, host.report));
    }
    for (const std::string& name : recovered) {
      RETURN_IF_ERROR(AppendAudit(
          connection, now,
          {.actor = absl::StrCat("host/", name),
           .action = "recover certificate",
           .object = absl::StrCat("host ", name),
           .result = "done",
           .detail = "it has a newer certificate of this fleet than this database knew: the "
                     "database was put back to an earlier state"}));
    }
    return absl::OkStatus();
  });
  if (!status.ok()) {
    absl::MutexLock lock(&mutex_);
    unwritten_.merge(names);
    changed_records_.merge(records);
    recovered_.merge(recovered);
  }
  return status;
}

}  // namespace firebreak::controller
