// SPDX-License-Identifier: Apache-2.0
#include "base/openssl/portioned_socket.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace firebreak {
namespace {

bool IsTransient(int error) { return error == EAGAIN || error == EINTR; }

}  // namespace

PortionedSocket::PortionedSocket(SSL* ssl, int socket) : socket_(socket) {
  BIO* const bio = BIO_new(Method());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);  // takes ownership once for both sides
}

BIO_METHOD* PortionedSocket::Method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "portioned socket");
    BIO_meth_set_read(made, &Read);
    BIO_meth_set_write(made, &Write);
    BIO_meth_set_ctrl(made, &Control);
    return made;
  }();
  return method;
}

int PortionedSocket::Read(BIO* bio, char* into, int size) {
  auto& self = *static_cast<PortionedSocket*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const size_t wanted = std::min(self.allowed_, static_cast<size_t>(std::max(size, 0)));
  if (wanted == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  const ssize_t received = recv(self.socket_, into, wanted, MSG_DONTWAIT);
  if (received > 0) {
    self.allowed_ -= static_cast<size_t>(received);
    self.received_ += static_cast<uint64_t>(received);
    return static_cast<int>(received);
  }
  if (received < 0 && IsTransient(errno)) {
    BIO_set_retry_read(bio);
    return -1;
  }
  self.ended_ = true;
  return received < 0 ? -1 : 0;
}

int PortionedSocket::Write(BIO* bio, const char* bytes, int size) {
  auto& self = *static_cast<PortionedSocket*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const ssize_t sent = send(self.socket_, bytes, static_cast<size_t>(std::max(size, 0)),
                            MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && IsTransient(errno)) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

long PortionedSocket::Control(BIO* bio, int command, long, void*) {
  const auto& self = *static_cast<const PortionedSocket*>(BIO_get_data(bio));
  switch (command) {
    case BIO_CTRL_FLUSH: return 1;  // nothing is buffered
    case BIO_CTRL_EOF: return self.ended_ ? 1 : 0;
    default: return 0;
  }
}

}  // namespace firebreak
