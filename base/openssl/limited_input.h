#ifndef FIREBREAK_BASE_OPENSSL_LIMITED_INPUT_H_
#define FIREBREAK_BASE_OPENSSL_LIMITED_INPUT_H_

#include <openssl/ssl.h>

#include <cstddef>

namespace firebreak {

// Hands a TLS connection what its peer sends in small portions. SSL_read on a socket goes on for as
// long as records come that hold nothing for its caller, such as KeyUpdate: one peer could keep a
// thread that serves many. With this, a call ends after what one Feed has brought.
//
// Threading: as for the SSL object, which must outlive it or be done with when it is destroyed.
class LimitedInput {
 public:
  static constexpr size_t kPortion = 4096;

  enum class Fed {
    kSome,
    kNothing,  // there is nothing to read now
    kEnd,      // the peer has ended the connection, or it is broken
  };

  // `socket` does not block, and stays the caller's. Sets both sides of `ssl`.
  LimitedInput(SSL* ssl, int socket);

  // To be called when the socket is readable, before SSL_do_handshake or SSL_read, which is then
  // called until it wants to read.
  Fed Feed();

  // Bytes on the wire since the last Paid(): the caller decides how many are too many for what it
  // got from them.
  size_t unpaid() const { return unpaid_; }
  void Paid() { unpaid_ = 0; }

 private:
  BIO* const input_;  // owned by the SSL object
  const int socket_;
  size_t unpaid_ = 0;
};

}  // namespace firebreak

#endif  // FIREBREAK_BASE_OPENSSL_LIMITED_INPUT_H_
