// SPDX-License-Identifier: Apache-2.0
#include "controller/identity/caller_cache.h"

#include <utility>

#include "base/status/status.h"
#include "controller/pki/certificate.h"

namespace firebreak::controller {

absl::StatusOr<Caller> CallerCache::Identify(X509* certificate) {
  ASSIGN_OR_RETURN(std::string fingerprint, Fingerprint(certificate));
  {
    absl::MutexLock lock(&mutex_);
    const auto young = young_.find(fingerprint);
    if (young != young_.end()) return young->second;
    const auto old = old_.find(fingerprint);
    if (old != old_.end()) {
      Caller caller = old->second;
      old_.erase(old);
      Remember(std::move(fingerprint), caller);
      return caller;
    }
  }
  auto caller = IdentifyCaller(chain_, certificate);
  if (!caller.ok()) return caller;
  absl::MutexLock lock(&mutex_);
  Remember(std::move(fingerprint), *caller);
  return caller;
}

void CallerCache::Remember(std::string fingerprint, const Caller& caller) {
  if (young_.size() >= kGeneration) old_ = std::exchange(young_, {});
  young_.insert_or_assign(std::move(fingerprint), caller);
}

size_t CallerCache::size() const {
  absl::MutexLock lock(&mutex_);
  return young_.size() + old_.size();
}

}  // namespace firebreak::controller
