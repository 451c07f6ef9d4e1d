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
    for (Generation* generation : {&young_, &old_}) {
      const auto found = generation->find(fingerprint);
      if (found != generation->end()) return found->second;
    }
  }
  auto caller = IdentifyCaller(chain_, certificate);
  if (!caller.ok()) return caller;
  absl::MutexLock lock(&mutex_);
  if (young_.size() >= kGeneration) old_ = std::exchange(young_, {});
  young_.insert_or_assign(std::move(fingerprint), *caller);
  return caller;
}

size_t CallerCache::size() const {
  absl::MutexLock lock(&mutex_);
  return young_.size() + old_.size();
}

}  // namespace firebreak::controller
