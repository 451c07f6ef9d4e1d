// SPDX-License-Identifier: Apache-2.0
#include "controller/front/self_check.h"

#include <sys/socket.h>

#include <algorithm>

#include "base/descriptor/descriptor.h"
#include "base/log/log.h"
#include "controller/front/watchdog.h"
#include "controller/identity/peer_address.h"

namespace firebreak::controller {
namespace {

// Who listens on all addresses is reached at this one, also on a socket for IPv6.
ListenAddress TargetOf(const ListenAddress& listen) {
  const bool all = listen.host == "0.0.0.0" || listen.host == "::";
  return {all ? "127.0.0.1" : listen.host, listen.port};
}

}  // namespace

SelfCheck::SelfCheck(const ListenAddress& listen, FrontStats& stats)
    : target_(TargetOf(listen)), stats_(stats), thread_([this] { Run(); }) {}

SelfCheck::~SelfCheck() {
  {
    absl::MutexLock lock(&mutex_);
    closing_ = true;
    changed_.Signal();
  }
  thread_.join();
}

bool SelfCheck::IsOwn(const std::string& address) {
  absl::MutexLock lock(&mutex_);
  if (expected_.empty() || address != expected_) return false;
  expected_.clear();
  changed_.Signal();
  return true;
}

bool SelfCheck::Accepts() {
  sockaddr_storage to = {};
  sockaddr_storage from = {};
  const socklen_t size = ToSocketAddress(target_, to);
  ToSocketAddress({target_.host, 0}, from);
  const Descriptor probe(socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  socklen_t bound = sizeof from;
  // Bound first, so that its address is known before it can be accepted.
  if (probe.get() < 0 || bind(probe.get(), reinterpret_cast<sockaddr*>(&from), size) != 0 ||
      getsockname(probe.get(), reinterpret_cast<sockaddr*>(&from), &bound) != 0) {
    return false;
  }
  absl::MutexLock lock(&mutex_);
  expected_ = PeerAddress(from);
  if (connect(probe.get(), reinterpret_cast<const sockaddr*>(&to), size) != 0 &&
      errno != EINPROGRESS) {
    expected_.clear();
    return false;
  }
  const absl::Duration until = SteadyCondition::Now() + kPatience;
  for (absl::Duration now;
       !closing_ && !expected_.empty() && (now = SteadyCondition::Now()) < until;) {
    changed_.WaitFor(mutex_, until - now);
  }
  const bool accepted = expected_.empty() || closing_;
  expected_.clear();
  return accepted;
}

void SelfCheck::Run() {
  const Watchdog watchdog;
  const absl::Duration interval = std::min(kInterval, watchdog.interval() / 3);
  for (;;) {
    const bool accepts = Accepts();
    if (accepts) watchdog.Notify();
    if (stats_.accepts.exchange(accepts) != accepts) {
      if (accepts) {
        LogInfo("connections are accepted again");
      } else {
        LogError("no connection is accepted on port ", target_.port,
                 ": one of this controller's own was not for ", absl::FormatDuration(kPatience));
      }
    }
    const absl::Duration next = SteadyCondition::Now() + interval;
    absl::MutexLock lock(&mutex_);
    for (absl::Duration now; !closing_ && (now = SteadyCondition::Now()) < next;) {
      changed_.WaitFor(mutex_, next - now);
    }
    if (closing_) return;
  }
}

}  // namespace firebreak::controller
