// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_OPENSSL_PORTIONED_SOCKET_H_
#define FIREBREAK_BASE_OPENSSL_PORTIONED_SOCKET_H_

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>

namespace firebreak {

// The socket of a TLS connection, from which OpenSSL reads no more bytes than the owner allows.
// SSL_read on a plain socket reads on while records come that hold nothing for its caller, such as
// KeyUpdate, so one peer could keep busy a thread that serves many peers.
//
// Threading: the SSL object's rules hold. The SSL object must not be used after this one is
// destroyed.
class PortionedSocket {
 public:
  // `socket` must be non-blocking, and stays the caller's. Sets both directions of `ssl`.
  PortionedSocket(SSL* ssl, int socket);
  PortionedSocket(const PortionedSocket&) = delete;
  PortionedSocket& operator=(const PortionedSocket&) = delete;

  // Sets how many bytes OpenSSL may read from now on. After these, SSL_read returns "wants to
  // read"; further bytes stay in the socket, so a level-triggered epoll reports them again.
  void Allow(size_t bytes) { allowed_ = bytes; }

  // Bytes on the wire since the beginning.
  uint64_t received() const { return received_; }
  // Whether OpenSSL has found that the peer ended the connection, or that it is broken.
  bool ended() const { return ended_; }

 private:
  static BIO_METHOD* Method();
  static int Read(BIO* bio, char* into, int size);
  static int Write(BIO* bio, const char* bytes, int size);
  static long Control(BIO* bio, int command, long number, void* pointer);

  const int socket_;
  size_t allowed_ = 0;
  uint64_t received_ = 0;
  bool ended_ = false;
};

}  // namespace firebreak

#endif  // FIREBREAK_BASE_OPENSSL_PORTIONED_SOCKET_H_
