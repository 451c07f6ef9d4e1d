#ifndef FIREBREAK_PROTO_ENDPOINT_BEACON_H_
#define FIREBREAK_PROTO_ENDPOINT_BEACON_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak {

// What both ends of a beacon's connection agree on: see location.proto.

inline constexpr int kBeaconPort = 7444;

// Before the serialized statement when it is signed, its final zero included.
inline constexpr char kBeaconSignaturePrefix[] = "firebreak beacon statement";
inline std::string SignedBeaconBytes(absl::string_view statement) {
  std::string bytes(kBeaconSignaturePrefix, sizeof kBeaconSignaturePrefix);
  bytes.append(statement.data(), statement.size());
  return bytes;
}

// RFC 9266: the label of the exporter without a context, and the length.
inline constexpr char kChannelBindingLabel[] = "EXPORTER-Channel-Binding";
inline constexpr size_t kChannelBindingBytes = 32;
inline constexpr size_t kBeaconNonceBytes = 32;

// What a router on the way takes one from (RFC 5082).
inline constexpr int kBeaconHopLimit = 255;

// In a beacon's certificate, as a URI: the location that it stands for.
inline constexpr char kLocationUriPrefix[] = "firebreak://location/";

inline constexpr size_t kMaxBeaconMessage = 1024;

inline std::string BeaconFrame(absl::string_view message) {
  const auto size = static_cast<uint32_t>(message.size());
  std::string frame;
  for (int shift = 24; shift >= 0; shift -= 8) frame.push_back(static_cast<char>(size >> shift));
  frame.append(message.data(), message.size());
  return frame;
}

// The bytes that have come in, message by message.
class BeaconFrames {
 public:
  void Add(absl::string_view bytes) { bytes_.append(bytes.data(), bytes.size()); }

  // The next whole message, without its length; none yet. Once it is Broken, none ever.
  std::optional<std::string> Next() {
    if (bytes_.size() < 4 || Broken()) return std::nullopt;
    const size_t size = Size();
    if (bytes_.size() - 4 < size) return std::nullopt;
    std::string message = bytes_.substr(4, size);
    bytes_.erase(0, 4 + size);
    return message;
  }

  // The other side announces a message longer than any is.
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
