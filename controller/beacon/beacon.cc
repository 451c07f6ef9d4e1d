// SPDX-License-Identifier: Apache-2.0
#include "controller/beacon/beacon.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/log/log.h"

namespace firebreak::controller {
namespace {

constexpr int kBacklog = 512;
// Between looks for clients that say nothing.
constexpr int kSweepMillis = 1000;
// At one time, so that those who are connected get their turn.
constexpr int kAcceptsAtOnce = 32;

absl::Status Errno(absl::string_view operation) { return absl::ErrnoToStatus(errno, operation); }

// The interface that has the address; empty if it is that of none, or of all.
std::string InterfaceOf(const sockaddr_storage& storage) {
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) != 0) return "";
  const auto free_list = absl::MakeCleanup([list] { freeifaddrs(list); });
  for (const ifaddrs* entry = list; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != storage.ss_family) continue;
    const bool same =
        storage.ss_family == AF_INET
            ? reinterpret_cast<const sockaddr_in*>(entry->ifa_addr)->sin_addr.s_addr ==
                  reinterpret_cast<const sockaddr_in&>(storage).sin_addr.s_addr
            : IN6_ARE_ADDR_EQUAL(&reinterpret_cast<const sockaddr_in6*>(entry->ifa_addr)->sin6_addr,
                                 &reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr);
    if (!same) continue;
    // An address may have a label instead, which is the interface's name, ":" and something.
    const std::string name = entry->ifa_name;
    return name.substr(0, name.find(':'));
  }
  return "";
}

std::string HostOf(const sockaddr_storage& storage) {
  char text[INET6_ADDRSTRLEN] = "";
  const void* bytes =
      storage.ss_family == AF_INET
          ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(storage).sin_addr)
          : &reinterpret_cast<const sockaddr_in6&>(storage).sin6_addr;
  inet_ntop(storage.ss_family, bytes, text, sizeof text);
  return text;
}

bool SetOption(int socket, int level, int name, int value) {
  return setsockopt(socket, level, name, &value, sizeof value) == 0;
}

}  // namespace

Beacon::Beacon(BeaconKey key)
    : key_(std::move(key)),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      stop_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

absl::StatusOr<std::unique_ptr<Beacon>> Beacon::Start(const ListenAddress& address, BeaconKey key) {
  std::unique_ptr<Beacon> beacon(new Beacon(std::move(key)));
  if (absl::Status status = beacon->Listen(address); !status.ok()) {
    return absl::Status(status.code(),
                        absl::StrCat("serve a beacon on ", HostAndPort(address.host, address.port),
                                     ": ", status.message()));
  }
  beacon->thread_ = std::thread([self = beacon.get()] { self->Serve(); });
  LogInfo("beacon for ", absl::StrJoin(beacon->key_.locations(), ", "), " on ", address.host,
          ", port ", beacon->port());
  return beacon;
}

absl::Status Beacon::Listen(const ListenAddress& address) {
  if (epoll_ < 0 || stop_ < 0) return Errno("make an epoll");
  sockaddr_storage storage = {};
  const socklen_t size = ToSocketAddress(address, storage);
  const bool v6 = storage.ss_family == AF_INET6;
  listener_ = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (listener_ < 0) return Errno("open a socket");
  // The hop limit tells clients how far away the beacon is; each router takes one from it. Accepted
  // connections inherit all of these.
  if (!SetOption(listener_, SOL_SOCKET, SO_REUSEADDR, 1) ||
      !SetOption(listener_, IPPROTO_TCP, TCP_NODELAY, 1) ||
      !SetOption(listener_, IPPROTO_IP, IP_TTL, kBeaconHopLimit) ||
      (v6 && (!SetOption(listener_, IPPROTO_IPV6, IPV6_V6ONLY, 0) ||
              !SetOption(listener_, IPPROTO_IPV6, IPV6_UNICAST_HOPS, kBeaconHopLimit)))) {
    return Errno("set an option of the socket");
  }
  // Linux answers for all of its addresses on all of its links. This one stands for the network of
  // its address, so on another link of this machine it is silent.
  if (const std::string device = InterfaceOf(storage); !device.empty()) {
    if (setsockopt(listener_, SOL_SOCKET, SO_BINDTODEVICE, device.c_str(),
                   static_cast<socklen_t>(device.size() + 1)) != 0) {
      return Errno("bind the socket to its interface");
    }
  }
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&storage), size) != 0) return Errno("bind");
  if (listen(listener_, kBacklog) != 0) return Errno("listen");
  socklen_t bound = sizeof storage;
  getsockname(listener_, reinterpret_cast<sockaddr*>(&storage), &bound);
  port_ = ntohs(v6 ? reinterpret_cast<const sockaddr_in6&>(storage).sin6_port
                   : reinterpret_cast<const sockaddr_in&>(storage).sin_port);
  for (int descriptor : {listener_, stop_}) {
    epoll_event event = {.events = EPOLLIN, .data = {.fd = descriptor}};
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) return Errno("watch the socket");
  }
  return absl::OkStatus();
}

Beacon::~Beacon() {
  if (thread_.joinable()) {
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = write(stop_, &one, sizeof one);
    thread_.join();
  }
  clients_.clear();
  for (int descriptor : {listener_, stop_, epoll_}) {
    if (descriptor >= 0) close(descriptor);
  }
}

void Beacon::Serve() {
  Clock::time_point sweep = Clock::now();
  while (true) {
    epoll_event events[64];
    const int count = epoll_wait(epoll_, events, 64, clients_.empty() ? -1 : kSweepMillis);
    const Clock::time_point now = Clock::now();
    for (int i = 0; i < count; ++i) {
      if (events[i].data.fd == stop_) return;
      if (events[i].data.fd == listener_) {
        Accept(now);
      } else {
        Advance(events[i].data.fd, now);
      }
    }
    if (now < sweep) continue;
    sweep = now + std::chrono::milliseconds(kSweepMillis);
    CloseSilent(now);
  }
}

void Beacon::Accept(Clock::time_point now) {
  for (int i = 0; i < kAcceptsAtOnce; ++i) {
    sockaddr_storage peer = {};
    socklen_t size = sizeof peer;
    const int descriptor =
        accept4(listener_, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor < 0) return;
    const std::string address = HostOf(peer);
    if (per_address_[address] >= kMaxPerAddress) {
      close(descriptor);
      continue;
    }
    if (clients_.size() >= kMaxConnections) {
      // Deadlines tell who has been silent for longest, for all that have asked; those that have
      // not come before them.
      const auto first =
          std::min_element(clients_.begin(), clients_.end(), [](const auto& a, const auto& b) {
            return a.second.connection->deadline() < b.second.connection->deadline();
          });
      Close(first->first);
    }
    epoll_event event = {.events = EPOLLIN, .data = {.fd = descriptor}};
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) != 0) {
      close(descriptor);
      continue;
    }
    ++per_address_[address];
    clients_.emplace(descriptor,
                     Client{address, std::make_unique<BeaconConnection>(descriptor, key_, now)});
  }
}

void Beacon::Advance(int descriptor, Clock::time_point now) {
  const auto client = clients_.find(descriptor);
  if (client == clients_.end()) return;  // closed by an event before this one
  BeaconConnection& connection = *client->second.connection;
  const bool waited_to_write = connection.waits_to_write();
  if (!connection.Advance(now)) return Close(descriptor);
  if (connection.waits_to_write() == waited_to_write) return;
  epoll_event event = {.events = connection.waits_to_write() ? EPOLLOUT : EPOLLIN,
                       .data = {.fd = descriptor}};
  epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event);
}

void Beacon::Close(int descriptor) {
  const auto client = clients_.find(descriptor);
  const auto count = per_address_.find(client->second.address);
  if (--count->second == 0) per_address_.erase(count);
  clients_.erase(client);
}

void Beacon::CloseSilent(Clock::time_point now) {
  for (auto client = clients_.begin(); client != clients_.end();) {
    const int descriptor = client->first;
    const bool over = client->second.connection->deadline() <= now;
    ++client;
    if (over) Close(descriptor);
  }
}

}  // namespace firebreak::controller
