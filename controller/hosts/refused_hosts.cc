// SPDX-License-Identifier: Apache-2.0
#include "controller/hosts/refused_hosts.h"

#include "controller/identity/peer_address.h"

namespace firebreak::controller {
void RefusedHosts::Refused(const std::string& host, absl::string_view reason,
                           absl::string_view address, absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (refusals_.size() >= kMaxHosts && refusals_.count(host) == 0) return;
  Refusal& refusal = refusals_[host];
  refusal.reason = std::string(reason);
  refusal.address = std::string(address);
  refusal.at = now;
  ++refusal.times;
}

void RefusedHosts::LetIn(absl::string_view host, absl::string_view address) {
  absl::MutexLock lock(&mutex_);
  const auto found = refusals_.find(std::string(host));
  if (found == refusals_.end()) return;
  if (WithoutPort(found->second.address) == WithoutPort(address)) refusals_.erase(found);
}

std::optional<RefusedHosts::Refusal> RefusedHosts::Find(absl::string_view host, bool online,
                                                        absl::Time now) const {
  absl::MutexLock lock(&mutex_);
  const auto found = refusals_.find(std::string(host));
  if (found == refusals_.end()) return std::nullopt;
  if (online && now >= found->second.at + kRecent) return std::nullopt;
  return found->second;
}

}  // namespace firebreak::controller
