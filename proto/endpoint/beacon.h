// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_PROTO_ENDPOINT_BEACON_H_
#define FIREBREAK_PROTO_ENDPOINT_BEACON_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak {

// The protocol between an agent and a beacon: see location.proto.

inline constexpr int kBeaconPort = 7444;

// Precedes the serialized statement in the bytes that are signed; its terminating NUL is included.
inline constexpr char kBeaconSignaturePrefix[] = "firebreak beacon statement";
inline std::string SignedBeaconBytes(absl::string_view statement) {
  std::string bytes(kBeaconSignaturePrefix, sizeof kBeaconSignaturePrefix);
  bytes.append(statement.data(), statement.size());
  return bytes;
}

// The label of the TLS exporter, which is used without a context, and the length of its output (RFC
// 9266).
inline constexpr char kChannelBindingLabel[] = "EXPORTER-Channel-Binding";
inline constexpr size_t kChannelBindingBytes = 32;
inline constexpr size_t kBeaconNonceBytes = 32;

// The hop limit with which a beacon sends; each router on the way reduces it by one (RFC 5082).
inline constexpr int kBeaconHopLimit = 255;

// A URI with this prefix in a beacon's certificate names the location that the beacon proves.
inline constexpr char kLocationUriPrefix[] = "firebreak://location/";

inline constexpr size_t kMaxBeaconMessage = 1024;

inline std::string BeaconFrame(absl::string_view message) {
  const auto size = static_cast<uint32_t>(message.size());
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8) frame.push_back(static_cast<char>(size >> shift));
  frame.append(message.data(), message.size());
  return frame;
}

// Splits the received bytes into messages.
class BeaconFrames {
 public:
  void Add(absl::string_view bytes) { bytes_.append(bytes.data(), bytes.size()); }

  // Returns the next whole message without its length; nullopt if there is none yet, and always
  // once Broken() is true.
  std::optional<std::string> Next() {
    if (bytes_.size() < 4 || Broken()) return std::nullopt;
    const size_t size = Size();
    if (bytes_.size() - 4 < size) return std::nullopt;
    std::string message = bytes_.substr(4, size);
    bytes_.erase(0, 4 + size);
    return message;
  }

  // Whether the peer announced a message that is longer than any valid one.
  bool Broken() const { return bytes_.size() >= 4 && Size() > kMaxBeaconMessage; }

 private:
  size_t Size() const {
    size_t size = 0;
    for (size_t i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(bytes_[i]);
    return size;
  }

  std::string bytes_;
};

}  // namespace firebreak

#endif  // FIREBREAK_PROTO_ENDPOINT_BEACON_H_
