// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/bulk_load.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"

namespace firebreak::bench {
namespace {

// The link-local address for the host's fixed MAC address (RFC 4291, appendix A).
constexpr char kHostLinkLocal[] = "fe80::ff:fe00:1";
// Every kernel has Reno, and it sends as soon as the window allows. Algorithms that pace, such as
// BBR, wait for timers and would take minutes for what takes seconds here.
constexpr char kCongestion[] = "reno";
constexpr size_t kAtOnce = 64 << 10;
constexpr int kPatienceMillis = 10'000;

void Check(bool good, const char* what) {
  if (!good) Die(absl::StrCat(what, ": ", strerror(errno)));
}

double Now() {
  timespec now = {};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

struct Address {
  sockaddr_storage storage = {};
  socklen_t length = 0;
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

// Returns the host's address, as seen from the thread's present namespace.
Address HostAddress(bool ipv6, uint16_t port) {
  Address address;
  if (ipv6) {
    auto& to = reinterpret_cast<sockaddr_in6&>(address.storage);
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(port);
    to.sin6_scope_id = if_nametoindex("eth0");
    inet_pton(AF_INET6, kHostLinkLocal, &to.sin6_addr);
    address.length = sizeof to;
  } else {
    auto& to = reinterpret_cast<sockaddr_in&>(address.storage);
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    inet_pton(AF_INET, NamespacePair::kHostAddress, &to.sin_addr);
    address.length = sizeof to;
  }
  return address;
}

// Retries, because a new IPv6 address cannot be used for a second or two, until duplicate address
// detection ends.
int Await(int (*ask)(int, const sockaddr*, socklen_t), bool ipv6, uint16_t port, const char* what) {
  constexpr int kTries = 100;
  constexpr useconds_t kPause = 100'000;
  for (int i = 0; i < kTries; ++i) {
    const int fd = socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    Check(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, kCongestion, sizeof kCongestion - 1) == 0,
          "set TCP_CONGESTION");
    const Address host = HostAddress(ipv6, port);
    if (ask(fd, host.get(), host.length) == 0) return fd;
    close(fd);
    usleep(kPause);
  }
  Die(absl::StrCat(what, ": ", strerror(errno)));
}

}  // namespace

Bulk::Bulk(const NamespacePair& pair, uint16_t port, bool ipv6) {
  pair.InHost([&] {
    listener_ = Await(bind, ipv6, port, "bind");
    Check(listen(listener_, 1) == 0, "listen");
  });
  pair.InPeer([&] {
    Check(system("ip link set dev eth0 gso_max_segs 1") == 0, "set gso_max_segs");
    sender_ = Await(connect, ipv6, port, "connect");
  });
  receiver_ = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  Check(receiver_ >= 0, "accept");
  // Otherwise the last piece would wait for an acknowledgement, which the host delays.
  const int on = 1;
  Check(setsockopt(sender_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0, "set TCP_NODELAY");
}

Bulk::~Bulk() {
  for (const int fd : {listener_, sender_, receiver_}) close(fd);
}

double Bulk::BytesPerSecond(size_t bytes) {
  std::vector<char> data(kAtOnce);
  const double begin = Now();
  size_t sent = 0;
  for (size_t received = 0; received < bytes;) {
    if (sent < bytes) {
      const ssize_t now = send(sender_, data.data(), std::min(data.size(), bytes - sent),
                               MSG_DONTWAIT | MSG_NOSIGNAL);
      Check(now > 0 || errno == EAGAIN, "send");
      if (now > 0) sent += static_cast<size_t>(now);
    }
    pollfd readable = {.fd = receiver_, .events = POLLIN, .revents = 0};
    Check(poll(&readable, 1, kPatienceMillis) == 1, "nothing arrives");
    const ssize_t now = recv(receiver_, data.data(), data.size(), MSG_DONTWAIT);
    Check(now > 0, "receive");
    received += static_cast<size_t>(now);
  }
  return static_cast<double>(bytes) / (Now() - begin);
}

}  // namespace firebreak::bench
