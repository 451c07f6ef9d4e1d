// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_PKI_SECRET_H_
#define FIREBREAK_CONTROLLER_PKI_SECRET_H_

#include <openssl/crypto.h>

#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace firebreak::controller {

// Bytes, such as a private key or a token, that are wiped from memory on destruction. Can only be
// moved; the source of a move is wiped too, because moving a short string copies its bytes.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string bytes) : bytes_(std::move(bytes)) { Wipe(bytes); }
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { Wipe(other.bytes_); }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      Wipe(bytes_);
      bytes_ = std::move(other.bytes_);
      Wipe(other.bytes_);
    }
    return *this;
  }
  ~Secret() { Wipe(bytes_); }

  absl::string_view view() const { return bytes_; }

  static void Wipe(std::string& bytes) {
    OPENSSL_cleanse(bytes.data(), bytes.capacity());
    bytes.clear();
  }

 private:
  std::string bytes_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_PKI_SECRET_H_
