// SPDX-License-Identifier: Apache-2.0
#include "base/metrics/metrics_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/metrics/scrape.h"

namespace firebreak {
namespace {

using Clock = std::chrono::steady_clock;

struct Address {
  sockaddr_storage bytes = {};
  socklen_t length = 0;
};

absl::StatusOr<Address> Parse(const std::string& text) {
  const size_t colon = text.rfind(':');
  absl::string_view host = absl::string_view(text).substr(0, colon);
  uint32_t port = 0;
  const bool has_port = colon != std::string::npos &&
                        absl::SimpleAtoi(absl::string_view(text).substr(colon + 1), &port) &&
                        port <= 65535;
  Address address;
  if (has_port && (host == "127.0.0.1" || host == "localhost")) {
    auto& ipv4 = reinterpret_cast<sockaddr_in&>(address.bytes);
    ipv4.sin_family = AF_INET;
    ipv4.sin_port = htons(static_cast<uint16_t>(port));
    ipv4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.length = sizeof ipv4;
    return address;
  }
  if (has_port && host == "[::1]") {
    auto& ipv6 = reinterpret_cast<sockaddr_in6&>(address.bytes);
    ipv6.sin6_family = AF_INET6;
    ipv6.sin6_port = htons(static_cast<uint16_t>(port));
    ipv6.sin6_addr = in6addr_loopback;
    address.length = sizeof ipv6;
    return address;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "serve metrics at ", text,
      ": it is neither 127.0.0.1:PORT nor [::1]:PORT; metrics are served to this host only"));
}

// Waits until `socket` is ready for `events`. Returns false if the deadline passes first.
bool WaitFor(int socket, short events, Clock::time_point deadline) {
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  pollfd wanted = {.fd = socket, .events = events, .revents = 0};
  return left > 0 && poll(&wanted, 1, static_cast<int>(left)) == 1;
}

}  // namespace

absl::StatusOr<std::unique_ptr<MetricsServer>> MetricsServer::Start(
    const std::string& address, std::function<std::string()> metrics) {
  const absl::StatusOr<Address> parsed = Parse(address);
  if (!parsed.ok()) return parsed.status();
  const int family = parsed->bytes.ss_family;
  const int listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int wakeup = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  const int on = 1;
  Address bound;
  bound.length = sizeof bound.bytes;
  if (listener >= 0) setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (listener < 0 || wakeup < 0 ||
      bind(listener, reinterpret_cast<const sockaddr*>(&parsed->bytes), parsed->length) != 0 ||
      listen(listener, 8) != 0 ||
      getsockname(listener, reinterpret_cast<sockaddr*>(&bound.bytes), &bound.length) != 0) {
    const absl::Status status =
        absl::ErrnoToStatus(errno, absl::StrCat("serve metrics at ", address));
    if (listener >= 0) close(listener);
    if (wakeup >= 0) close(wakeup);
    return status;
  }
  const int port =
      ntohs(family == AF_INET ? reinterpret_cast<sockaddr_in&>(bound.bytes).sin_port
                              : reinterpret_cast<sockaddr_in6&>(bound.bytes).sin6_port);
  return std::unique_ptr<MetricsServer>(
      new MetricsServer(listener, wakeup, port, std::move(metrics)));
}

MetricsServer::MetricsServer(int listener, int wakeup, int port,
                             std::function<std::string()> metrics)
    : listener_(listener),
      wakeup_(wakeup),
      port_(port),
      metrics_(std::move(metrics)),
      thread_([this] { Run(); }) {}

MetricsServer::~MetricsServer() {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = write(wakeup_, &one, sizeof one);
  thread_.join();
  close(listener_);
  close(wakeup_);
}

void MetricsServer::Run() {
  for (;;) {
    pollfd watched[] = {{.fd = wakeup_, .events = POLLIN, .revents = 0},
                        {.fd = listener_, .events = POLLIN, .revents = 0}};
    if (poll(watched, 2, -1) < 0 && errno != EINTR) return;
    if (watched[0].revents != 0) return;
    if (watched[1].revents == 0) continue;
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (client < 0) {
      // accept() most likely failed for lack of descriptors, so it is not retried at once.
      if (errno != EAGAIN && errno != ECONNABORTED) poll(watched, 1, kPatienceMillis);
      continue;
    }
    Serve(client);
    close(client);
  }
}

void MetricsServer::Serve(int client) const {
  const auto deadline = Clock::now() + std::chrono::milliseconds(kPatienceMillis);
  std::string request;
  std::optional<std::string> response;
  while (!response.has_value()) {
    if (!WaitFor(client, POLLIN, deadline)) return;
    char bytes[2048];
    const ssize_t received = recv(client, bytes, sizeof bytes, 0);
    if (received < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (received <= 0) return;
    request.append(bytes, static_cast<size_t>(received));
    response = RespondToScrape(request, metrics_);
  }
  absl::string_view rest = *response;
  while (!rest.empty()) {
    if (!WaitFor(client, POLLOUT, deadline)) return;
    const ssize_t sent = send(client, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EINTR) return;
    if (sent > 0) rest.remove_prefix(static_cast<size_t>(sent));
  }
  shutdown(client, SHUT_WR);
}

}  // namespace firebreak
