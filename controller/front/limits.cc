// SPDX-License-Identifier: Apache-2.0
#include "controller/front/limits.h"

#include <sys/resource.h>

#include <algorithm>

#include "controller/identity/connections.h"

namespace firebreak::controller {
namespace {

// For the database, the log's segments, gRPC and metrics.
constexpr size_t kForFiles = 256;
constexpr size_t kMostStrangers = 4096;
constexpr size_t kFewestStrangers = 16;
constexpr size_t kMostAdministrators = Connections::kOfAdministrator;
constexpr size_t kMoreForAdministrator = 2;
// A handshake takes a thread less than two milliseconds in all, and waits for the client for a
// round trip. More at a time would only make each of them later.
constexpr size_t kHandshakesOfThread = 32;

}  // namespace

FrontLimits LimitsFor(size_t descriptors, size_t threads) {
  const size_t left = descriptors - std::min(kForFiles, descriptors / 2);
  const size_t strangers = std::clamp(left / 8, kFewestStrangers, kMostStrangers);
  const size_t rest = left - std::min(strangers, left);
  const size_t administrators = std::clamp<size_t>(rest / 8, 1, kMostAdministrators);
  const size_t for_administrators = std::min(kMoreForAdministrator * administrators, rest);
  return {.named = std::max<size_t>(rest - for_administrators, 1),
          .administrators = administrators,
          .strangers = strangers,
          .of_network = strangers / 2,
          .handshakes = threads * kHandshakesOfThread};
}

size_t RaiseDescriptorLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = limit.rlim_max;
  return static_cast<size_t>(setrlimit(RLIMIT_NOFILE, &limit) == 0 ? limit.rlim_cur : before);
}

}  // namespace firebreak::controller
