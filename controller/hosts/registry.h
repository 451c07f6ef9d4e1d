// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_HOSTS_REGISTRY_H_
#define FIREBREAK_CONTROLLER_HOSTS_REGISTRY_H_

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "controller/store/hosts.h"
#include "proto/endpoint/standing.h"

namespace firebreak::controller {

// All hosts that ever enrolled, in memory and in the database.
//
// A host's identity changes only by Change and Forget, which are durable when they return. Reports
// of a host are kept in memory and written by Flush: a crash loses them, but the host sends them
// again when it reconnects. Thread-safe.
class Registry {
 public:
  static constexpr absl::Duration kSeenInterval = absl::Minutes(5);
  // The number of reports that Flush writes in one transaction, during which others wait for the
  // database.
  static constexpr size_t kFlushedAtOnce = 256;

  // `database` must outlive the registry.
  static absl::StatusOr<std::unique_ptr<Registry>> Load(Database& database);

  std::optional<StoredHost> Find(absl::string_view name) const ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<StoredHost> All() const ABSL_LOCKS_EXCLUDED(mutex_);
  // Some of the hosts, in the order of their names.
  struct Page {
    std::vector<StoredHost> hosts;
    std::string last;  // where the next page begins; empty: there is none
  };
  // Returns, of the kPage hosts behind this name, those that are `wanted`, which is called under
  // the lock. So whoever wants many hosts copies few at a time, and keeps nobody waiting.
  static constexpr size_t kPage = 256;
  Page PageAfter(absl::string_view name, absl::FunctionRef<bool(const StoredHost&)> wanted) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Returns all hosts that are `wanted`, page by page.
  std::vector<StoredHost> Where(absl::FunctionRef<bool(const StoredHost&)> wanted) const
      ABSL_LOCKS_EXCLUDED(mutex_);
  std::set<std::string> Names() const ABSL_LOCKS_EXCLUDED(mutex_);
  // The records of all hosts that are not revoked.
  std::vector<HostRecord> Records() const ABSL_LOCKS_EXCLUDED(mutex_);
  size_t CountHosts() const ABSL_LOCKS_EXCLUDED(mutex_);
  // When the first certificate of a host that is not revoked ends; nullopt: there is no host.
  std::optional<absl::Time> FirstCertificateEnd() const ABSL_LOCKS_EXCLUDED(mutex_);

  // A certificate of a host, issued by the fleet's CA, as shown by a caller.
  struct Shown {
    absl::string_view fingerprint;
    absl::string_view key_sha256;
    int64_t number = 0;  // see HostRecord::certificate_number
    absl::Time not_after;
  };

  // Returns where the owner of this certificate stands, whether or not the caller holds its key;
  // changes nothing and does not look at the certificate's end.
  Standing Look(absl::string_view name, const Shown& shown) const ABSL_LOCKS_EXCLUDED(mutex_);

  // OK if the host may use this certificate, whose key the caller has proven to hold; otherwise
  // Unauthenticated, with the words of WhyRefused. The first use of a renewed certificate
  // invalidates the older one. A certificate with a higher number than any known one was issued by
  // this controller before its database was put back to an earlier state: it becomes the host's
  // certificate, and the audit trail records that.
  absl::Status Admit(absl::string_view name, const Shown& shown) ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether Admit would return OK; has no effects.
  bool IsCurrent(absl::string_view name, absl::string_view fingerprint) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Replaces the host's record and runs `with`, in one transaction. `make` gets the present record
  // and returns the new one or the reason for refusing; Change returns that reason unchanged.
  absl::Status Change(
      absl::string_view operation, const std::string& name,
      absl::FunctionRef<absl::StatusOr<HostRecord>(Connection&, const std::optional<HostRecord>&)>
          make) ABSL_LOCKS_EXCLUDED(change_mutex_, mutex_);

  // Deletes the host and runs `with`, in one transaction. NotFound: there is no such host.
  absl::Status Forget(const std::string& name, absl::FunctionRef<absl::Status(Connection&)> with)
      ABSL_LOCKS_EXCLUDED(change_mutex_, mutex_);

  // Lets `update` edit the host's last report.
  void Report(absl::string_view name, absl::FunctionRef<void(HostReport&)> update)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Must be called for hosts that are connected now, even if they report nothing: keeps the stored
  // time at which each was last seen no older than kSeenInterval.
  void Seen(const std::vector<std::string>& names, absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

  // Writes the reports that have changed since the last Flush; reports that could not be written
  // are written by the next one.
  absl::Status Flush(absl::Time now) ABSL_LOCKS_EXCLUDED(change_mutex_, mutex_);

 private:
  explicit Registry(Database& database) : database_(database) {}

  Standing LookLocked(absl::string_view name, const Shown& shown) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status FlushSome(absl::Time now) ABSL_LOCKS_EXCLUDED(change_mutex_, mutex_);

  Database& database_;
  // Held while a record is written to the database, so that memory changes in the same order.
  absl::Mutex change_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);
  mutable absl::Mutex mutex_;
  std::map<std::string, StoredHost, std::less<>> hosts_ ABSL_GUARDED_BY(mutex_);
  // Hosts whose report must be written, and those of them whose record must be written as well.
  std::set<std::string> unwritten_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> changed_records_ ABSL_GUARDED_BY(mutex_);
  // Hosts that have shown a newer certificate than was known, which the audit trail does not record
  // yet.
  std::set<std::string> recovered_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_HOSTS_REGISTRY_H_
