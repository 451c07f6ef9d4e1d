#ifndef FIREBREAK_BASE_OPENSSL_PORTIONED_SOCKET_H_
#define FIREBREAK_BASE_OPENSSL_PORTIONED_SOCKET_H_

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>

namespace firebreak {

// The socket of a TLS connection, from which OpenSSL gets no more at a time than it is allowed.
// SSL_read on a plain socket goes on for as long as records come that hold nothing for its caller,
// such as KeyUpdate: one peer could keep a thread that serves many. Unlike LimitedInput it copies
// nothing and holds no buffer, so that ten thousand idle connections cost nothing for it.
//
// Threading: as for the SSL object, which must not be used once this is destroyed.
class PortionedSocket {
 public:
  // `socket` does not block, and stays the caller's. Sets both sides of `ssl`.
  PortionedSocket(SSL* ssl, int socket);
  PortionedSocket(const PortionedSocket&) = delete;
  PortionedSocket& operator=(const PortionedSocket&) = delete;

  // How many bytes may be read from now on. Once they are, SSL_read wants to read, as if nothing
  // had come; what has is in the socket still, so that a level-triggered epoll tells of it again.
  void Allow(size_t bytes) { allowed_ = bytes; }

  // Bytes on the wire since the beginning.
  uint64_t received() const { return received_; }

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
