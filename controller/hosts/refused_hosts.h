#ifndef FIREBREAK_CONTROLLER_HOSTS_REFUSED_HOSTS_H_
#define FIREBREAK_CONTROLLER_HOSTS_REFUSED_HOSTS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace firebreak::controller {

// Who has shown a certificate of the fleet's CA for a host and was not let in all the same: for an
// operator who asks why a host is offline, or what else uses a host's identity. In memory only, as
// a host that is refused comes again.
//
// Thread-safe. Keeps the last refusal of each of at most kMaxHosts names; only the CA gives names.
class RefusedHosts {
 public:
  static constexpr size_t kMaxHosts = 20'000;
  // Whoever is refused tries again sooner than that: later nobody is there any more.
  static constexpr absl::Duration kRecent = absl::Minutes(5);

  struct Refusal {
    std::string reason;
    std::string address;
    absl::Time at;
    uint64_t times = 0;  // since it was last let in
  };

  void Refused(const std::string& host, absl::string_view reason, absl::string_view address,
               absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  // The host has been let in from `address`: it is not the one that was refused there.
  void LetIn(absl::string_view host, absl::string_view address) ABSL_LOCKS_EXCLUDED(mutex_);

  // The last refusal; none if it is not recent and the host is online, so that it was let in since.
  std::optional<Refusal> Find(absl::string_view host, bool online, absl::Time now) const
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, Refusal> refusals_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_HOSTS_REFUSED_HOSTS_H_
