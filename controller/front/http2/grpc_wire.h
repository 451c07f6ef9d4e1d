// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_HTTP2_GRPC_WIRE_H_
#define FIREBREAK_CONTROLLER_FRONT_HTTP2_GRPC_WIRE_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace firebreak::controller {

// gRPC's wire format on HTTP/2 (grpc/doc/PROTOCOL-HTTP2.md): what stands in front of a message, and
// the texts in headers.

// A flag that tells whether the message is compressed, and the length of the message.
inline constexpr size_t kMessagePrefixBytes = 5;

// A message with its prefix. It never changes, so all calls that send it share one copy.
using WireMessage = std::shared_ptr<const std::string>;
WireMessage ToWire(absl::string_view message);

// Finds the messages in the bytes of a call. It holds what it is given until a message is taken
// out, so its owner bounds how much that is (HTTP/2's flow control). A value; not thread-safe.
class MessageReader {
 public:
  void Append(absl::string_view bytes) { bytes_.append(bytes.data(), bytes.size()); }

  // Takes the next message out; none: it is not complete. ResourceExhausted: the message is longer
  // than `max_bytes`, which is known from its prefix. Unimplemented: it is compressed.
  // InvalidArgument: the prefix is none. After an error nothing more can be read.
  absl::StatusOr<std::optional<std::string>> Next(size_t max_bytes);

  size_t buffered() const { return bytes_.size() - taken_; }

 private:
  void Compact();

  std::string bytes_;
  size_t taken_ = 0;  // of bytes_
};

// A text for the header grpc-message: bytes that are not printable ASCII, and the percent sign, are
// written as %XX.
std::string PercentEncoded(absl::string_view text);

// The time in a header grpc-timeout, at most kLongestTimeout; none: it cannot be read.
inline constexpr std::chrono::hours kLongestTimeout(24 * 365);
std::optional<std::chrono::nanoseconds> ParseTimeout(absl::string_view text);

// Whether a header content-type is gRPC's: application/grpc, alone or followed by + or ;.
bool IsGrpcType(absl::string_view content_type);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_HTTP2_GRPC_WIRE_H_
