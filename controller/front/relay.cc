// SPDX-License-Identifier: Apache-2.0
#include "controller/front/relay.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <utility>

namespace firebreak::controller {
namespace {

// Reads in a turn, of each direction.
constexpr int kReads = 4;
constexpr size_t kRead = 16'384;  // a record of TLS, and a frame of HTTP/2

std::array<char, kRead>& Scratch() {
  thread_local std::array<char, kRead> scratch;
  return scratch;
}

}  // namespace

Relay::Relay(TlsEnd& tls, Descriptor plain, const FrameBudget::Limits& limits,
             FrameBudget::Clock::time_point now)
    : tls_(tls), plain_(std::move(plain)), budget_(limits, now) {}

Relay::Flow Relay::Pump(FrameBudget::Clock::time_point now) {
  const Flow flow = FromClient(now);
  return flow == Flow::kGoesOn ? FromServer() : flow;
}

Relay::Flow Relay::FromClient(FrameBudget::Clock::time_point now) {
  for (int i = 0; i < kReads && !muted_; ++i) {
    if (!to_server_.empty()) {
      std::string rest;
      if (!SendToServer(to_server_, rest)) return Flow::kGoesOn;
      to_server_.swap(rest);
      if (!to_server_.empty()) return Flow::kGoesOn;
    }
    size_t got = 0;
    const TlsEnd::Progress progress = tls_.Read(Scratch().data(), Scratch().size(), got);
    read_waits_to_write_ = progress == TlsEnd::Progress::kWaitsToWrite;
    if (progress == TlsEnd::Progress::kEnded) {
      why_ = tls_.why();
      return why_.empty() ? Flow::kClientEnded : Flow::kCut;
    }
    if (progress != TlsEnd::Progress::kDone) return Flow::kGoesOn;
    const absl::string_view bytes(Scratch().data(), got);
    if (absl::Status status = budget_.FromClient(bytes, now); !status.ok()) {
      why_ = std::string(status.message());
      return Flow::kCut;
    }
    // The next read from the server tells that it has gone.
    if (!SendToServer(bytes, to_server_)) return Flow::kGoesOn;
  }
  return Flow::kGoesOn;
}

Relay::Flow Relay::FromServer() {
  for (int i = 0; i < kReads; ++i) {
    if (!to_client_.empty()) {
      std::string rest;
      if (!SendToClient(to_client_, rest)) return Flow::kClientEnded;
      to_client_.swap(rest);
      if (!to_client_.empty()) return Flow::kGoesOn;
    }
    if (server_ended_) return Flow::kServerEnded;
    const ssize_t got = recv(plain_.get(), Scratch().data(), Scratch().size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return Flow::kGoesOn;
    if (got <= 0) {
      server_ended_ = true;
      continue;
    }
    const absl::string_view bytes(Scratch().data(), static_cast<size_t>(got));
    budget_.FromServer(bytes);
    if (!SendToClient(bytes, to_client_)) return Flow::kClientEnded;
  }
  return Flow::kGoesOn;
}

bool Relay::SendToServer(absl::string_view bytes, std::string& rest) {
  const ssize_t sent = send(plain_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && errno != EAGAIN && errno != EINTR) {
    muted_ = true;
    std::string().swap(to_server_);
    return false;
  }
  bytes.remove_prefix(sent < 0 ? 0 : static_cast<size_t>(sent));
  rest.assign(bytes.data(), bytes.size());
  return true;
}

bool Relay::SendToClient(absl::string_view bytes, std::string& rest) {
  while (!bytes.empty()) {
    size_t sent = 0;
    const TlsEnd::Progress progress = tls_.Write(bytes, sent);
    if (progress == TlsEnd::Progress::kEnded) return false;
    if (progress != TlsEnd::Progress::kDone) break;
    bytes.remove_prefix(sent);
  }
  rest.assign(bytes.data(), bytes.size());
  return true;
}

uint32_t Relay::client_events() const {
  const bool reads = !muted_ && to_server_.empty();
  const bool writes = !to_client_.empty() || read_waits_to_write_;
  return (reads ? EPOLLIN : 0u) | (writes ? EPOLLOUT : 0u);
}

uint32_t Relay::server_events() const {
  const bool reads = to_client_.empty() && !server_ended_;
  return (reads ? EPOLLIN : 0u) | (to_server_.empty() ? 0u : EPOLLOUT);
}

}  // namespace firebreak::controller
