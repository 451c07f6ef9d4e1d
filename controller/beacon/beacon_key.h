// SPDX-License-Identifier: Apache-2.0
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

// A beacon's private key and certificate, and the locations that the certificate names. Immutable,
// so thread-safe.
class BeaconKey {
 public:
  // Loads a file made by `firebreak location create`, with private key and certificate (PEM).
  // FailedPrecondition: other users may read the file. InvalidArgument: the file has other
  // contents.
  static absl::StatusOr<BeaconKey> Load(const std::string& path);

  // The context for TLS 1.3 connections that this beacon accepts.
  SSL_CTX* context() const { return context_.get(); }

  // The names of the locations, for example "corp"; at least one.
  const std::vector<std::string>& locations() const { return locations_; }

  // Signs with ECDSA and SHA-256.
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
