// SPDX-License-Identifier: Apache-2.0
#include "controller/front/front.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "controller/front/limits.h"
#include "controller/front/tls_end.h"

namespace firebreak::controller {
namespace {

constexpr int kBacklog = 4096;
constexpr size_t kMostDoors = 4;

size_t Doors() { return std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kMostDoors); }

// At least two, as one may wait for the disk.
size_t CallThreads() { return std::clamp<size_t>(std::thread::hardware_concurrency(), 2, 4); }

FrontLimits ShareOf(const FrontLimits& limits, size_t doors) {
  const auto part = [doors](size_t all) { return std::max<size_t>(all / doors, 1); };
  return {.named = limits.named,
          .administrators = limits.administrators,
          .strangers = part(limits.strangers),
          .of_network = part(limits.of_network),
          .handshakes = part(limits.handshakes)};
}

bool SetOption(int socket, int level, int name, int value) {
  return setsockopt(socket, level, name, &value, sizeof value) == 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Front>> Front::Start(const ListenAddress& address,
                                                    absl::string_view chain, absl::string_view key,
                                                    Backend backend) {
  std::unique_ptr<Front> front(new Front);
  RETURN_IF_ERROR(front->Use(chain, key));
  if (absl::Status status = front->Listen(address); !status.ok()) {
    return absl::Status(status.code(),
                        absl::StrCat("listen on ", HostAndPort(address.host, address.port), ": ",
                                     status.message()));
  }
  front->self_check_ =
      std::make_unique<SelfCheck>(ListenAddress{address.host, front->port_}, front->stats_);
  front->pool_ = std::make_unique<CallPool>(CallThreads());
  const FrontLimits limits = LimitsFor(RaiseDescriptorLimit(), Doors());
  const Door::Parts parts = {
      .gatekeeper = backend.gatekeeper,
      .connections = backend.connections,
      .desk = backend.desk,
      .stats = front->stats_,
      .context = [self = front.get()] { return self->context(); },
      .serve = std::move(backend.serve),
      .methods = backend.methods,
      .pool = *front->pool_,
      .is_own =
          [self = front.get()](const std::string& peer) { return self->self_check_->IsOwn(peer); },
  };
  for (size_t i = 0; i < Doors(); ++i) {
    auto door = std::make_unique<Door>(front->listener_->get(), parts, ShareOf(limits, Doors()));
    if (!door->ok()) return absl::ErrnoToStatus(errno, "make an epoll");
    front->doors_.push_back(std::move(door));
  }
  for (const auto& door : front->doors_) door->Start();
  return front;
}

Front::~Front() {
  // They look at the check, which waits for them.
  doors_.clear();
}

absl::Status Front::Listen(const ListenAddress& address) {
  sockaddr_storage storage = {};
  const socklen_t size = ToSocketAddress(address, storage);
  if (size == 0) return absl::InvalidArgumentError("not an address");
  const bool v6 = storage.ss_family == AF_INET6;
  listener_.emplace(socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int listener = listener_->get();
  // Accepted connections inherit them.
  if (listener < 0 || !SetOption(listener, SOL_SOCKET, SO_REUSEADDR, 1) ||
      !SetOption(listener, IPPROTO_TCP, TCP_NODELAY, 1) ||
      (v6 && !SetOption(listener, IPPROTO_IPV6, IPV6_V6ONLY, 0))) {
    return absl::ErrnoToStatus(errno, "make a socket");
  }
  if (bind(listener, reinterpret_cast<const sockaddr*>(&storage), size) != 0) {
    return absl::ErrnoToStatus(errno, "bind");
  }
  if (listen(listener, kBacklog) != 0) return absl::ErrnoToStatus(errno, "listen");
  socklen_t bound = sizeof storage;
  getsockname(listener, reinterpret_cast<sockaddr*>(&storage), &bound);
  port_ = ntohs(v6 ? reinterpret_cast<const sockaddr_in6&>(storage).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(storage).sin_port);
  return absl::OkStatus();
}

absl::Status Front::Use(absl::string_view chain, absl::string_view key) {
  absl::MutexLock lock(&mutex_);
  if (used_ == chain) return absl::OkStatus();
  ASSIGN_OR_RETURN(SslContextPtr made, MakeFrontContext(chain, key));
  context_ = std::shared_ptr<SSL_CTX>(std::move(made));
  used_ = std::string(chain);
  return absl::OkStatus();
}

std::shared_ptr<SSL_CTX> Front::context() {
  absl::MutexLock lock(&mutex_);
  return context_;
}

}  // namespace firebreak::controller
