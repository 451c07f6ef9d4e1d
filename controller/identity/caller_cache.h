// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_IDENTITY_CALLER_CACHE_H_
#define FIREBREAK_CONTROLLER_IDENTITY_CALLER_CACHE_H_

#include <cstddef>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "controller/identity/caller.h"
#include "controller/pki/chain.h"

namespace firebreak::controller {

// IdentifyCaller, which costs more than all else that a small call does, with a memory of who was
// identified lately. Whether the certificate is still in force and its owner still in the fleet is
// asked elsewhere, each time. Only certificates of the fleet are remembered, so strangers neither
// fill nor empty the memory.
//
// Thread-safe. `chain` must outlive it.
class CallerCache {
 public:
  // Half of what is remembered at most: what is not used goes a generation later. A fleet of
  // 100,000 hosts fits.
  static constexpr size_t kGeneration = 65'536;

  explicit CallerCache(const ChainVerifier& chain) : chain_(chain) {}

  absl::StatusOr<Caller> Identify(X509* certificate) ABSL_LOCKS_EXCLUDED(mutex_);

  size_t size() const ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  // By the certificate's fingerprint.
  using Generation = absl::flat_hash_map<std::string, Caller>;

  void Remember(std::string fingerprint, const Caller& caller)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ChainVerifier& chain_;
  mutable absl::Mutex mutex_;
  Generation young_ ABSL_GUARDED_BY(mutex_);
  Generation old_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_IDENTITY_CALLER_CACHE_H_
