// SPDX-License-Identifier: Apache-2.0
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

// Remembers callers who were refused although they had a certificate of the fleet's CA for a host,
// for operators who ask why a host is offline or who else uses a host's identity. Kept in memory
// only, because a refused host tries again.
//
// Thread-safe. Keeps the last refusal of each name, for at most kMaxHosts names; only the CA can
// give names.
class RefusedHosts {
 public:
  static constexpr size_t kMaxHosts = 20'000;
  // A refused caller retries sooner than this; without a retry for that long, the caller is gone.
  static constexpr absl::Duration kRecent = absl::Minutes(5);

  struct Refusal {
    std::string reason;
    std::string address;
    absl::Time at;
    uint64_t times = 0;  // refusals since the host was last admitted
  };

  void Refused(const std::string& host, absl::string_view reason, absl::string_view address,
               absl::Time now) ABSL_LOCKS_EXCLUDED(mutex_);
  // Must be called when the host was admitted from `address`: then it is not the caller that was
  // refused there.
  void LetIn(absl::string_view host, absl::string_view address) ABSL_LOCKS_EXCLUDED(mutex_);

  // Returns the last refusal; nullopt if it is not recent and the host is online, which shows that
  // it has been admitted since.
  std::optional<Refusal> Find(absl::string_view host, bool online, absl::Time now) const
      ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  mutable absl::Mutex mutex_;
  std::map<std::string, Refusal> refusals_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_HOSTS_REFUSED_HOSTS_H_
