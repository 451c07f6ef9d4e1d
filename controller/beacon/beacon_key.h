#ifndef FIREBREAK_CONTROLLER_BEACON_BEACON_KEY_H_
#define FIREBREAK_CONTROLLER_BEACON_BEACON_KEY_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl/openssl.h"

namespace firebreak::controller {

// What a beacon proves itself with: its key and certificate, and the locations that the certificate
// says it stands for. Immutable, so thread-safe.
class BeaconKey {
 public:
  // From a file made by `firebreak location create`: private key and certificate, PEM.
  // FailedPrecondition: others may read the file. InvalidArgument: it holds something else.
  static absl::StatusOr<BeaconKey> Load(const std::string& path);

  // For TLS 1.3 connections that this beacon accepts.
  SSL_CTX* context() const { return context_.get(); }

  // "corp", …; at least one.
  const std::vector<std::string>& locations() const { return locations_; }

  // ECDSA with SHA-256.
  absl::StatusOr<std::string> Sign(absl::string_view bytes) const;

 private:
  BeaconKey(SslContextPtr context, KeyPtr key, std::vector<std::string> locations)
      : context_(std::move(context)), key_(std::move(key)), locations_(std::move(locations)) {}

  SslContextPtr context_;
  KeyPtr key_;
  std::vector<std::string> locations_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_BEACON_BEACON_KEY_H_
