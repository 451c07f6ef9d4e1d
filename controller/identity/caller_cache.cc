#include "controller/identity/caller_cache.h"

#include <utility>

#include "base/openssl/openssl.h"

namespace firebreak::controller {

absl::StatusOr<Caller> CallerCache::Identify(absl::string_view pem) {
  std::string digest = Sha256(pem);
  {
    absl::MutexLock lock(&mutex_);
    for (Generation* generation : {&young_, &old_}) {
      const auto found = generation->find(digest);
      if (found != generation->end()) return found->second;
    }
  }
  auto caller = IdentifyCaller(chain_, pem);
  if (!caller.ok()) return caller;
  absl::MutexLock lock(&mutex_);
  if (young_.size() >= kGeneration) old_ = std::exchange(young_, {});
  young_.insert_or_assign(std::move(digest), *caller);
  return caller;
}

size_t CallerCache::size() const {
  absl::MutexLock lock(&mutex_);
  return young_.size() + old_.size();
}

}  // namespace firebreak::controller
