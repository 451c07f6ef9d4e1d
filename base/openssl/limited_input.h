// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_OPENSSL_LIMITED_INPUT_H_
#define FIREBREAK_BASE_OPENSSL_LIMITED_INPUT_H_

#include <openssl/ssl.h>

#include <cstddef>

namespace firebreak {

// Feeds a TLS connection the bytes that its peer sends in small portions. SSL_read on a socket does
// not return while records keep coming that carry no data for its caller, such as KeyUpdate, so one
// peer could occupy a thread that serves many. With this class, SSL_read returns once it has
// processed the bytes that one Feed brought.
//
// Threading: that of the SSL object, which must outlive this object or no longer be used when this
// object is destroyed.
class LimitedInput {
 public:
  static constexpr size_t kPortion = 4096;

  enum class Fed {
    kSome,
    kNothing,  // no bytes are available now
    kEnd,      // the peer has ended the connection, or the connection is broken
  };

  // `socket` must not block and remains the caller's. Sets both BIOs of `ssl`.
  LimitedInput(SSL* ssl, int socket);

  // Call this when the socket is readable, before SSL_do_handshake or SSL_read; then call those
  // until they want to read.
  Fed Feed();

  // The number of bytes received since the last Paid(). The caller decides how many are too many
  // for the data that they brought.
  size_t unpaid() const { return unpaid_; }
  void Paid() { unpaid_ = 0; }

 private:
  BIO* const input_;  // owned by the SSL object
  const int socket_;
  size_t unpaid_ = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_BASE_OPENSSL_LIMITED_INPUT_H_
