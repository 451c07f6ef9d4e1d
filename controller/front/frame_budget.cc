// SPDX-License-Identifier: Apache-2.0
#include "controller/front/frame_budget.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"

namespace firebreak::controller {
namespace {

constexpr absl::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

// RFC 9113, 6.
enum Type : uint8_t {
  kData = 0,
  kHeaders = 1,
  kPriority = 2,
  kReset = 3,
  kSettings = 4,
  kPushPromise = 5,
  kPing = 6,
  kGoAway = 7,
  kWindowUpdate = 8,
  kContinuation = 9,
};
constexpr uint8_t kEndStream = 1;
constexpr uint8_t kEndHeaders = 4;

// A message of gRPC is five bytes long at least.
constexpr size_t kLeastData = 5;
// A client may tell of both windows, the stream's and the connection's, for each frame, and twice.
constexpr uint32_t kUpdatesForFrame = 4;
constexpr uint32_t kMostUpdates = 10'000;

absl::Status TooMany(absl::string_view what) {
  return absl::ResourceExhaustedError(absl::StrCat("too many ", what));
}

}  // namespace

FrameBudget::FrameBudget(const Limits& limits, Clock::time_point now)
    : limits_(&limits),
      calls_(limits.calls, now),
      resets_(limits.resets, now),
      idle_frames_(limits.idle_frames, now),
      preface_(0) {}

template <typename OnHeader>
absl::Status FrameBudget::Reader::Read(absl::string_view bytes, const OnHeader& on_header) {
  while (!bytes.empty()) {
    if (skip > 0) {
      const size_t skipped = std::min(skip, bytes.size());
      skip -= skipped;
      bytes.remove_prefix(skipped);
      continue;
    }
    const size_t taken = std::min(header.size() - have, bytes.size());
    std::copy_n(bytes.begin(), taken, header.begin() + static_cast<ptrdiff_t>(have));
    have += taken;
    bytes.remove_prefix(taken);
    if (have < header.size()) break;
    have = 0;
    skip = size_t{header[0]} << 16 | size_t{header[1]} << 8 | header[2];
    RETURN_IF_ERROR(on_header(Header{
        .length = skip,
        .type = header[3],
        .flags = header[4],
        .stream = (uint32_t{header[5]} << 24 | uint32_t{header[6]} << 16 |
                   uint32_t{header[7]} << 8 | header[8]) &
                  0x7fffffff,
    }));
  }
  return absl::OkStatus();
}

absl::Status FrameBudget::FromClient(absl::string_view bytes, Clock::time_point now) {
  const size_t beginning = std::min(kPreface.size() - preface_, bytes.size());
  if (bytes.substr(0, beginning) != kPreface.substr(preface_, beginning)) {
    return absl::InvalidArgumentError("what it says is not HTTP/2");
  }
  preface_ += beginning;
  return client_.Read(bytes.substr(beginning),
                      [&](const Header& header) { return OnClientFrame(header, now); });
}

absl::Status FrameBudget::OnClientFrame(const Header& header, Clock::time_point now) {
  if (header.length > kMaxFrame) {
    return absl::InvalidArgumentError(absl::StrCat("a frame of ", header.length, " bytes"));
  }
  if (block_ != 0 && (header.type != kContinuation || header.stream != block_)) {
    return absl::InvalidArgumentError("another frame within a block of headers");
  }
  switch (header.type) {
    case kData:
      if (header.length >= kLeastData || (header.flags & kEndStream) != 0) return absl::OkStatus();
      return SpendIdle("DATA frames without data", now);
    case kHeaders: return OnHeaders(header, now);
    case kContinuation: return OnContinuation(header);
    case kReset:
      Close(header.stream);
      return resets_.Spend(limits_->resets, now) ? absl::OkStatus() : TooMany("RST_STREAM frames");
    case kWindowUpdate:
      if (updates_ > 0) {
        --updates_;
        return absl::OkStatus();
      }
      return SpendIdle("WINDOW_UPDATE frames", now);
    case kPriority: return SpendIdle("PRIORITY frames", now);
    case kSettings: return SpendIdle("SETTINGS frames", now);
    case kPing: return SpendIdle("PING frames", now);
    case kPushPromise: return absl::InvalidArgumentError("a PUSH_PROMISE frame from a client");
    case kGoAway: return SpendIdle("GOAWAY frames", now);
    default: return SpendIdle("frames of an unknown type", now);
  }
}

absl::Status FrameBudget::OnHeaders(const Header& header, Clock::time_point now) {
  block_bytes_ = header.length;
  continuations_ = 0;
  if ((header.flags & kEndHeaders) == 0) block_ = header.stream;
  if (header.stream <= newest_) return SpendIdle("HEADERS frames of a call that has begun", now);
  newest_ = header.stream;
  if (!calls_.Spend(limits_->calls, now)) return TooMany("calls a second");
  if (open_.size() >= kMaxOpenCalls) return TooMany("calls at a time");
  open_.push_back(header.stream);
  return absl::OkStatus();
}

absl::Status FrameBudget::OnContinuation(const Header& header) {
  if (block_ == 0) return absl::InvalidArgumentError("a CONTINUATION frame of nothing");
  block_bytes_ += header.length;
  if (++continuations_ > kMaxContinuations) return TooMany("CONTINUATION frames");
  if (block_bytes_ > kMaxHeaderBlock) return TooMany("bytes of headers");
  if ((header.flags & kEndHeaders) != 0) block_ = 0;
  return absl::OkStatus();
}

absl::Status FrameBudget::SpendIdle(absl::string_view what, Clock::time_point now) {
  return idle_frames_.Spend(limits_->idle_frames, now) ? absl::OkStatus() : TooMany(what);
}

void FrameBudget::Close(uint32_t stream) {
  const auto at = std::lower_bound(open_.begin(), open_.end(), stream);
  if (at != open_.end() && *at == stream) open_.erase(at);
  // An idle connection keeps nothing.
  if (open_.empty()) std::vector<uint32_t>().swap(open_);
}

void FrameBudget::FromServer(absl::string_view bytes) {
  const auto read = server_.Read(bytes, [this](const Header& header) {
    const bool ends =
        (header.type == kHeaders || header.type == kData) && (header.flags & kEndStream) != 0;
    if (ends || header.type == kReset) Close(header.stream);
    if (header.type == kData) updates_ = std::min(updates_ + kUpdatesForFrame, kMostUpdates);
    return absl::OkStatus();
  });
  read.IgnoreError();  // it has none
}

}  // namespace firebreak::controller
