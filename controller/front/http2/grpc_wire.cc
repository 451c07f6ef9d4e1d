// SPDX-License-Identifier: Apache-2.0
#include "controller/front/http2/grpc_wire.h"

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace firebreak::controller {
namespace {

constexpr size_t kMostTimeoutDigits = 8;

std::optional<double> SecondsOf(char unit) {
  switch (unit) {
    case 'H': return 3600;
    case 'M': return 60;
    case 'S': return 1;
    case 'm': return 1e-3;
    case 'u': return 1e-6;
    case 'n': return 1e-9;
    default: return std::nullopt;
  }
}

}  // namespace

WireMessage ToWire(absl::string_view message) {
  auto wire = std::make_shared<std::string>();
  wire->reserve(kMessagePrefixBytes + message.size());
  wire->push_back(0);
  for (int shift = 24; shift >= 0; shift -= 8) {
    wire->push_back(static_cast<char>(message.size() >> shift));
  }
  wire->append(message.data(), message.size());
  return wire;
}

absl::StatusOr<std::optional<std::string>> MessageReader::Next(size_t max_bytes) {
  const absl::string_view rest = absl::string_view(bytes_).substr(taken_);
  if (rest.size() < kMessagePrefixBytes) return std::nullopt;
  const auto byte = [&](size_t at) { return size_t{static_cast<uint8_t>(rest[at])}; };
  if (byte(0) == 1) {
    return absl::UnimplementedError("a message is compressed; only identity was offered");
  }
  if (byte(0) != 0) return absl::InvalidArgumentError("what should be a message is none");
  const size_t size = byte(1) << 24 | byte(2) << 16 | byte(3) << 8 | byte(4);
  if (size > max_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a message of ", size, " bytes; the limit is ", max_bytes));
  }
  if (rest.size() < kMessagePrefixBytes + size) return std::nullopt;
  std::string message(rest.substr(kMessagePrefixBytes, size));
  taken_ += kMessagePrefixBytes + size;
  Compact();
  return message;
}

void MessageReader::Compact() {
  if (taken_ == bytes_.size()) {
    std::string().swap(bytes_);
    taken_ = 0;
  } else if (taken_ >= bytes_.size() - taken_) {
    // Each byte is moved at most once for each that was taken.
    bytes_.erase(0, taken_);
    taken_ = 0;
  }
}

std::string PercentEncoded(absl::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char character : text) {
    const auto byte = static_cast<uint8_t>(character);
    if (byte >= 0x20 && byte <= 0x7e && byte != '%') {
      encoded += character;
    } else {
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

std::optional<std::chrono::nanoseconds> ParseTimeout(absl::string_view text) {
  if (text.size() < 2 || text.size() > kMostTimeoutDigits + 1) return std::nullopt;
  const auto unit = SecondsOf(text.back());
  if (!unit.has_value()) return std::nullopt;
  double number = 0;
  for (const char digit : text.substr(0, text.size() - 1)) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(digit))) return std::nullopt;
    number = number * 10 + (digit - '0');
  }
  const std::chrono::duration<double> seconds(number * *unit);
  if (seconds >= kLongestTimeout) return kLongestTimeout;
  return std::chrono::duration_cast<std::chrono::nanoseconds>(seconds);
}

bool IsGrpcType(absl::string_view content_type) {
  if (!absl::ConsumePrefix(&content_type, "application/grpc")) return false;
  return content_type.empty() || content_type.front() == '+' || content_type.front() == ';';
}

}  // namespace firebreak::controller
