// SPDX-License-Identifier: Apache-2.0
#include "controller/front/watchdog.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "base/descriptor/descriptor.h"

namespace firebreak::controller {
namespace {

absl::string_view Variable(const char* name) {
  const char* const value = getenv(name);
  return value == nullptr ? absl::string_view() : value;
}

}  // namespace

Watchdog::Watchdog() {
  int64_t micros = 0;
  int64_t process = 0;
  const absl::string_view of = Variable("WATCHDOG_PID");
  const bool mine = of.empty() || (absl::SimpleAtoi(of, &process) && process == getpid());
  if (!mine || !absl::SimpleAtoi(Variable("WATCHDOG_USEC"), &micros) || micros <= 0) return;
  socket_ = std::string(Variable("NOTIFY_SOCKET"));
  if (!socket_.empty()) interval_ = absl::Microseconds(micros);
}

void Watchdog::Notify() const {
  if (socket_.empty()) return;
  sockaddr_un to = {};
  to.sun_family = AF_UNIX;
  if (socket_.size() >= sizeof to.sun_path) return;
  socket_.copy(to.sun_path, sizeof to.sun_path);
  if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
  const Descriptor notifier(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  constexpr absl::string_view kWell = "WATCHDOG=1";
  // Not heard, it is said again before long.
  sendto(notifier.get(), kWell.data(), kWell.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
         reinterpret_cast<const sockaddr*>(&to),
         static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size()));
}

}  // namespace firebreak::controller
