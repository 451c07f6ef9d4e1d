// SPDX-License-Identifier: Apache-2.0
#include "controller/front/host_connection.h"

#include <sys/epoll.h>

#include <array>
#include <utility>

#include "proto/endpoint/endpoint.h"

namespace firebreak::controller {
namespace {

// Reads in a turn, and writes.
constexpr int kReads = 4;
constexpr int kWrites = 4;
constexpr size_t kRecord = 16'384;  // of TLS
constexpr auto kSilence = std::chrono::milliseconds(kKeepaliveMillis);
constexpr auto kNoAnswer = kSilence + std::chrono::milliseconds(kKeepaliveTimeoutMillis);

std::array<char, kRecord>& Incoming() {
  thread_local std::array<char, kRecord> bytes;
  return bytes;
}

std::string& Outgoing() {
  thread_local std::string bytes;
  bytes.clear();
  return bytes;
}

}  // namespace

HostConnection::HostConnection(TlsEnd& tls, Http2Session::Setting setting,
                               std::shared_ptr<ByteBudget> bytes, Loop::Clock::time_point now)
    : tls_(tls),
      budget_(FrameBudget::kHost, now),
      bytes_(std::move(bytes)),
      session_(std::move(setting)),
      moved_(now),
      in_use_(now) {}

Conversation::Flow HostConnection::Cut(const absl::Status& status) {
  why_ = std::string(status.message());
  return Flow::kCut;
}

Conversation::Flow HostConnection::Pump(Loop::Clock::time_point now) {
  if (gone_) return Flow::kClientEnded;
  if (paused_until_.has_value() && now >= *paused_until_) paused_until_.reset();
  for (int i = 0; i < kReads && !muted_ && unsent_.empty() && !paused_until_.has_value(); ++i) {
    size_t got = 0;
    const TlsEnd::Progress progress = tls_.Read(Incoming().data(), Incoming().size(), got);
    read_waits_to_write_ = progress == TlsEnd::Progress::kWaitsToWrite;
    if (progress == TlsEnd::Progress::kEnded) {
      why_ = tls_.why();
      return why_.empty() ? Flow::kClientEnded : Flow::kCut;
    }
    if (progress != TlsEnd::Progress::kDone) break;
    spoke_ = true;
    moved_ = now;
    const absl::string_view bytes(Incoming().data(), got);
    const auto pause = bytes_->Spend(got, now);
    if (pause > pause.zero()) paused_until_ = now + pause;
    if (absl::Status status = budget_.FromClient(bytes, now); !status.ok()) return Cut(status);
    if (absl::Status status = session_.Receive(bytes); !status.ok()) return Cut(status);
    // A record is at an end, and mostly the last one: another one wakes the loop.
    if (got < Incoming().size()) break;
  }
  return Send(now);
}

Conversation::Flow HostConnection::Send(Loop::Clock::time_point now) {
  for (int i = 0; i < kWrites; ++i) {
    std::string& bytes = Outgoing();
    const bool was_stuck = !unsent_.empty();
    if (!was_stuck) {
      if (absl::Status status = session_.Produce(bytes, kRecord); !status.ok()) return Cut(status);
      budget_.FromServer(bytes);
    } else {
      bytes.swap(unsent_);
    }
    has_more_ = !bytes.empty();
    if (!has_more_) break;
    size_t done = 0;
    while (done < bytes.size()) {
      size_t sent = 0;
      const TlsEnd::Progress progress = tls_.Write(absl::string_view(bytes).substr(done), sent);
      if (progress == TlsEnd::Progress::kEnded) return Flow::kClientEnded;
      if (progress != TlsEnd::Progress::kDone) break;
      // What the kernel takes at once it takes for a client that has gone, too.
      if (was_stuck) moved_ = now;
      done += sent;
    }
    if (done < bytes.size()) {
      unsent_ = bytes.substr(done);
      return Flow::kGoesOn;
    }
    std::string().swap(unsent_);
  }
  if (has_more_ || !session_.over()) return Flow::kGoesOn;
  why_ = session_.failure();
  return why_.empty() ? Flow::kServerEnded : Flow::kCut;
}

uint32_t HostConnection::client_events() const {
  const bool reads = !muted_ && unsent_.empty() && !paused_until_.has_value();
  const bool writes = has_more_ || read_waits_to_write_;
  return (reads ? EPOLLIN : 0u) | (writes ? EPOLLOUT : 0u);
}

void HostConnection::Mute() {
  muted_ = true;
  paused_until_.reset();
  session_.SayGoodbye();
}

Loop::Clock::time_point HostConnection::NextLook(Loop::Clock::time_point now) const {
  for (const Loop::Clock::duration silence :
       {Loop::Clock::duration(spoke_ ? kSilence : kFirstWords), Loop::Clock::duration(kNoAnswer)}) {
    if (moved_ + silence > now) return std::chrono::ceil<std::chrono::seconds>(moved_ + silence);
  }
  return now;
}

bool HostConnection::Look(Loop::Clock::time_point now) {
  if (session_.calls() > 0) in_use_ = now;
  const auto silent = now - moved_;
  gone_ = silent >= kNoAnswer || (!spoke_ && silent >= kFirstWords);
  const bool pings = silent >= kSilence;
  if (pings) session_.Ping();
  const bool idle = now - in_use_ >= kIdle;
  if (idle) session_.SayGoodbye();
  return gone_ || pings || idle || paused_until_.has_value();
}

}  // namespace firebreak::controller
