// SPDX-License-Identifier: Apache-2.0
#include "controller/front/enrolling.h"

#include <array>
#include <utility>

#include "base/frame/frame.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"
#include "controller/enrolment/enrolment_desk.h"
#include "proto/endpoint/enrolment.h"

namespace firebreak::controller {

absl::StatusOr<std::optional<v1::EnrolRequest>> ReadEnrolRequest(absl::string_view bytes) {
  const auto message = FirstInFrame(bytes, kMaxEnrolRequestBytes);
  if (!message.ok()) return absl::ResourceExhaustedError("the request is too long");
  if (!message->has_value()) return std::nullopt;
  v1::EnrolRequest request;
  if (bytes.size() != kFrameHeaderBytes + (*message)->size() ||
      !request.ParseFromArray((*message)->data(), static_cast<int>((*message)->size()))) {
    return absl::InvalidArgumentError("the request cannot be read");
  }
  return request;
}

Enrolling::~Enrolling() { Wipe(read_); }

Enrolling::Progress Enrolling::Read() {
  std::array<char, 4096> bytes;
  while (true) {
    size_t got = 0;
    switch (tls_.Read(bytes.data(), bytes.size(), got)) {
      case TlsEnd::Progress::kWaitsToRead: return Progress::kWaitsToRead;
      case TlsEnd::Progress::kWaitsToWrite: return Progress::kWaitsToWrite;
      case TlsEnd::Progress::kEnded: return Progress::kEnded;
      case TlsEnd::Progress::kDone: break;
    }
    // All of it at once, so that growing leaves no copies behind.
    if (read_.empty()) read_.reserve(kFrameHeaderBytes + kMaxEnrolRequestBytes + bytes.size());
    read_.append(bytes.data(), got);
    OPENSSL_cleanse(bytes.data(), got);
    auto request = ReadEnrolRequest(read_);
    if (!request.ok()) return Answer(RefusedEnrolment(request.status()));
    if (!request->has_value()) continue;
    request_ = **std::move(request);
    return Progress::kAsked;
  }
}

Enrolling::Progress Enrolling::Answer(const v1::EnrolAnswer& answer) {
  answers_ = true;
  unsent_ = Frame(answer.SerializeAsString());
  return Write();
}

Enrolling::Progress Enrolling::Write() {
  while (!unsent_.empty()) {
    size_t sent = 0;
    switch (tls_.Write(unsent_, sent)) {
      case TlsEnd::Progress::kWaitsToRead: return Progress::kWaitsToRead;
      case TlsEnd::Progress::kWaitsToWrite: return Progress::kWaitsToWrite;
      case TlsEnd::Progress::kEnded: return Progress::kEnded;
      case TlsEnd::Progress::kDone: unsent_.erase(0, sent);
    }
  }
  tls_.SayGoodbye();
  return Progress::kDone;
}

}  // namespace firebreak::controller
