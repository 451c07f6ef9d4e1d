// SPDX-License-Identifier: Apache-2.0
#include "base/openssl/limited_input.h"

#include <openssl/bio.h>
#include <sys/socket.h>

#include <cerrno>

namespace firebreak {

LimitedInput::LimitedInput(SSL* ssl, int socket) : input_(BIO_new(BIO_s_mem())), socket_(socket) {
  // Makes an empty buffer mean "try again", not "end of stream".
  BIO_set_mem_eof_return(input_, -1);
  SSL_set0_rbio(ssl, input_);
  SSL_set0_wbio(ssl, BIO_new_socket(socket, BIO_NOCLOSE));
}

LimitedInput::Fed LimitedInput::Feed() {
  char bytes[kPortion];
  const ssize_t received = recv(socket_, bytes, sizeof bytes, MSG_DONTWAIT);
  if (received < 0 && (errno == EAGAIN || errno == EINTR)) return Fed::kNothing;
  if (received <= 0) return Fed::kEnd;
  unpaid_ += static_cast<size_t>(received);
  return BIO_write(input_, bytes, static_cast<int>(received)) == received ? Fed::kSome : Fed::kEnd;
}

}  // namespace firebreak
