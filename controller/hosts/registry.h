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

namespace firebreak::controller {

// All hosts that ever enrolled, in memory, and in the database beneath.
//
// Who a host is changes by Change and Forget only, which are durable when they return. What a
// host reports is kept in memory and written by Flush: it is lost in a crash, and told again by the
// host when it reconnects. Thread-safe.
class Registry {
 public:
  static constexpr absl::Duration kSeenInterval = absl::Minutes(5);
  // Reports that Flush writes in one transaction: others wait for the database no longer than that.
  static constexpr size_t kFlushedAtOnce = 256;

  // `database` must outlive the registry.
  static absl::StatusOr<std::unique_ptr<Registry>> Load(Database& database);

  std::optional<StoredHost> Find(absl::string_view name) const ABSL_LOCKS_EXCLUDED(mutex_);
  std::vector<StoredHost> All() const ABSL_LOCKS_EXCLUDED(mutex_);
  std::set<std::string> Names() const ABSL_LOCKS_EXCLUDED(mutex_);
  // The records of hosts that are not revoked.
  std::vector<HostRecord> Records() const ABSL_LOCKS_EXCLUDED(mutex_);
  size_t CountHosts() const ABSL_LOCKS_EXCLUDED(mutex_);

  // A certificate of a host that the fleet's CA has issued.
  struct Shown {
    absl::string_view fingerprint;
    absl::string_view key_sha256;
    int64_t number = 0;  // see HostRecord::certificate_number
    absl::Time not_after;
  };

  // OK if the host may use this certificate. The first use of a renewed one ends the older one. One
  // with a higher number than any that is known here was given by this controller before its
  // database was put back to an earlier state: it becomes the host's, and the audit trail says so.
  absl::Status Admit(absl::string_view name, const Shown& shown) ABSL_LOCKS_EXCLUDED(mutex_);

  // Whether Admit would say OK, without its effects.
  bool IsCurrent(absl::string_view name, absl::string_view fingerprint) const
      ABSL_LOCKS_EXCLUDED(mutex_);

  // Replaces the host's record in one transaction, together with what `with` does. `make` gets the
  // present record and returns the new one or the reason for refusing, which is returned as it is.
  absl::Status Change(
      absl::string_view operation, const std::string& name,
      absl::FunctionRef<absl::StatusOr<HostRecord>(Connection&, const std::optional<HostRecord>&)>
          make) ABSL_LOCKS_EXCLUDED(change_mutex_, mutex_);

  // Forgets the host in one transaction, together with what `with` does. NotFound: there is none.
  absl::Status Forget(const std::string& name, absl::FunctionRef<absl::Status(Connection&)> with)
      ABSL_LOCKS_EXCLUDED(change_mutex_, mutex_);

  // Lets `update` edit what was last heard of the host.
  void Report(absl::string_view name, absl::FunctionRef<void(HostReport&)> update)
      ABSL_LOCKS_EXCLUDED(mutex_);

  // These hosts are there now, though they may say nothing: what is written of when they were last
  // seen becomes no older than kSeenInterval.
  void Seen(const std::vector<std::string>& names, absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);

  // Writes the reports that changed since the last time; what could not be written stays for the
  // next.
  absl::Status Flush(absl::Time now) ABSL_LOCKS_EXCLUDED(change_mutex_, mutex_);

 private:
  explicit Registry(Database& database) : database_(database) {}

  absl::Status FlushSome(absl::Time now) ABSL_LOCKS_EXCLUDED(change_mutex_, mutex_);

  Database& database_;
  // Held while a record goes to the database, so that memory follows in the same order.
  absl::Mutex change_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);
  mutable absl::Mutex mutex_;
  std::map<std::string, StoredHost, std::less<>> hosts_ ABSL_GUARDED_BY(mutex_);
  // Hosts with something to be written, and those of them whose record has changed as well.
  std::set<std::string> unwritten_ ABSL_GUARDED_BY(mutex_);
  std::set<std::string> changed_records_ ABSL_GUARDED_BY(mutex_);
  // Hosts that have shown a newer certificate than was known, which the trail does not tell yet.
  std::set<std::string> recovered_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_HOSTS_REGISTRY_H_
