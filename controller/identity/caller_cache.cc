#include "controller/identity/caller_cache.h"

#include <utility>

#include "base/openssl/openssl.h"

namespace firebreak::controller {

absl::StatusOr<Caller> CallerCache::Identify(absl::string_view pem, absl::Time now) {
  std::string digest = Sha256(pem);
  {
    absl::MutexLock lock(&mutex_);
    for (Generation* generation : {&young_, &old_}) {
      const auto found = generation->find(digest);
      if (found == generation->end()) continue;
      const Known& known = found->second;
      // A clock that was set back behind `since` may be before the certificate's beginning.
      if (now >= known.since && now < known.since + kTrusted && now < known.caller.not_after) {
        return known.caller;
      }
    }
  }
  auto caller = IdentifyCaller(chain_, pem, now);
  if (!caller.ok()) return caller;
  absl::MutexLock lock(&mutex_);
  if (young_.size() >= kGeneration) old_ = std::exchange(young_, {});
  young_.insert_or_assign(std::move(digest), Known{*caller, now});
  return caller;
}

size_t CallerCache::size() const {
  absl::MutexLock lock(&mutex_);
  return young_.size() + old_.size();
}

}  // namespace firebreak::controller
