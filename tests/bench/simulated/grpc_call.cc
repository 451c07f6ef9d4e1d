// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/simulated/grpc_call.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::bench {
namespace {

// Types of frames (RFC 9113).
enum FrameType : uint8_t {
  kData = 0,
  kHeaders = 1,
  kReset = 3,
  kSettings = 4,
  kPing = 6,
  kWindowUpdate = 8
};
constexpr uint8_t kEndStream = 1;
constexpr uint8_t kAck = 1;
constexpr uint8_t kEndHeaders = 4;
constexpr uint16_t kInitialWindowSize = 4;
constexpr int64_t kDefaultWindow = 65'535;
constexpr size_t kMaxFrame = 16'384;
constexpr size_t kFrameHead = 9;
constexpr size_t kMessageHead = 5;
constexpr uint32_t kStream = 1;

std::string Number(uint64_t value, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    text += static_cast<char>(value >> shift);
  }
  return text;
}

uint32_t ReadNumber(std::string_view bytes) {
  uint32_t value = 0;
  for (const char byte : bytes) value = value << 8 | static_cast<uint8_t>(byte);
  return value;
}

// Returns headers in HPACK without a dynamic table: indexed names, literal values.
std::string Headers(std::string_view method) {
  const auto text = [](std::string_view value) {
    return absl::StrCat(std::string(1, static_cast<char>(value.size())), std::string(value));
  };
  return absl::StrCat("\x83\x87",  // :method POST, :scheme https
                      "\x04", text(method), "\x01", text(kControllerTlsName), "\x0f\x10",
                      text("application/grpc"), "\x0f\x2b", text("simulated")) +
         absl::StrCat(std::string(1, '\0'), text("te"), text("trailers"));
}

}  // namespace

GrpcCall::GrpcCall(TurnLoop& loop, SSL_CTX* context, const sockaddr_in& from, const sockaddr_in& to,
                   const Identity* identity, std::string_view method, Listener* listener)
    : listener_(listener),
      method_(method),
      peer_initial_(kDefaultWindow),
      stream_window_(kDefaultWindow),
      connection_window_(kDefaultWindow),
      link_(loop, context, from, to, identity, this) {}

void GrpcCall::Send(std::string_view message, bool last) {
  outgoing_ += '\0';
  outgoing_ += Number(message.size(), 4);
  outgoing_ += message;
  last_ = last;
  SendData();
  Flush();
}

void GrpcCall::Ping() {
  if (!open_) return;
  Frame(kPing, 0, 0, "8 bytes.");
  Flush();
}

void GrpcCall::Close() {
  listener_ = nullptr;
  link_.Close();
}

void GrpcCall::OnOpened() {
  open_ = true;
  frames_ = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
  Frame(kSettings, 0, 0, "");
  Frame(kHeaders, kEndHeaders, kStream, Headers(method_));
  SendData();
  Flush();
  listener_->OnAccepted();
}

void GrpcCall::OnClosed(const std::string& why) {
  Listener* const listener = std::exchange(listener_, nullptr);
  if (listener != nullptr) listener->OnEnd(why);
}

void GrpcCall::Frame(uint8_t type, uint8_t flags, uint32_t stream, std::string_view body) {
  frames_ += Number(body.size(), 3);
  frames_ += static_cast<char>(type);
  frames_ += static_cast<char>(flags);
  frames_ += Number(stream, 4);
  frames_ += body;
}

void GrpcCall::SendData() {
  if (!open_) return;
  size_t sent = 0;
  for (;;) {
    const size_t room =
        static_cast<size_t>(std::max<int64_t>(0, std::min(stream_window_, connection_window_)));
    const size_t size = std::min({outgoing_.size() - sent, room, kMaxFrame});
    if (size == 0) break;
    const bool ends = last_ && sent + size == outgoing_.size();
    Frame(kData, ends ? kEndStream : 0, kStream, std::string_view(outgoing_).substr(sent, size));
    sent += size;
    stream_window_ -= static_cast<int64_t>(size);
    connection_window_ -= static_cast<int64_t>(size);
  }
  outgoing_.erase(0, sent);
  if (outgoing_.empty()) outgoing_.shrink_to_fit();
}

void GrpcCall::Flush() {
  if (!open_ || frames_.empty()) return;
  link_.Send(frames_);
  frames_.clear();
  frames_.shrink_to_fit();
}

void GrpcCall::OnReceived(std::string_view bytes) {
  received_ += bytes;
  size_t at = 0;
  while (listener_ != nullptr && received_.size() - at >= kFrameHead) {
    const std::string_view head = std::string_view(received_).substr(at, kFrameHead);
    const size_t size = ReadNumber(head.substr(0, 3));
    if (received_.size() - at < kFrameHead + size) break;
    const std::string body = received_.substr(at + kFrameHead, size);
    at += kFrameHead + size;
    OnFrame(static_cast<uint8_t>(head[3]), static_cast<uint8_t>(head[4]),
            ReadNumber(head.substr(5)) & 0x7fffffff, body);
  }
  received_.erase(0, at);
  if (received_.empty()) received_.shrink_to_fit();
  if (listener_ != nullptr) Flush();
}

void GrpcCall::OnFrame(uint8_t type, uint8_t flags, uint32_t stream, std::string_view body) {
  switch (type) {
    case kData: return OnData(body, (flags & kEndStream) != 0);
    case kHeaders:
      if ((flags & kEndStream) != 0) OnClosed("the call ended");
      return;
    case kReset: return OnClosed("the call was reset");
    case kSettings:
      if ((flags & kAck) == 0) OnSettings(body);
      return;
    case kPing:
      if ((flags & kAck) == 0) return Frame(kPing, kAck, 0, body);
      return listener_->OnPong();
    case kWindowUpdate:
      (stream == 0 ? connection_window_ : stream_window_) += ReadNumber(body);
      return SendData();
    default: return;
  }
}

void GrpcCall::OnSettings(std::string_view body) {
  for (; body.size() >= 6; body.remove_prefix(6)) {
    if (ReadNumber(body.substr(0, 2)) != kInitialWindowSize) continue;
    const int64_t initial = ReadNumber(body.substr(2, 4));
    stream_window_ += initial - std::exchange(peer_initial_, initial);
  }
  Frame(kSettings, kAck, 0, "");
  SendData();
}

// Sends a window update whenever a quarter of the window has been used; windows keep the initial
// size of RFC 9113.
void GrpcCall::GiveWindow() {
  if (taken_ < kDefaultWindow / 4) return;
  const std::string more = Number(static_cast<uint64_t>(std::exchange(taken_, 0)), 4);
  Frame(kWindowUpdate, 0, 0, more);
  Frame(kWindowUpdate, 0, kStream, more);
}

void GrpcCall::OnData(std::string_view body, bool last) {
  taken_ += static_cast<int64_t>(body.size());
  GiveWindow();
  message_ += body;
  while (listener_ != nullptr && message_.size() >= kMessageHead) {
    const size_t size = ReadNumber(std::string_view(message_).substr(1, 4));
    if (message_.size() < kMessageHead + size) break;
    const std::string message = message_.substr(kMessageHead, size);
    message_.erase(0, kMessageHead + size);
    if (message_.empty()) message_.shrink_to_fit();
    listener_->OnMessage(message);
  }
  if (last && listener_ != nullptr) OnClosed("the call ended");
}

}  // namespace firebreak::bench
