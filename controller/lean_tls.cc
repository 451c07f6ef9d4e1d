#include "controller/lean_tls.h"

#include <openssl/ssl.h>

namespace firebreak::controller {
namespace {

// What OpenSSL calls for each new SSL, whoever makes it: `parent` is the SSL.
void OnNew(void* parent, void*, CRYPTO_EX_DATA*, int, long, void*) {
  SSL* const connection = static_cast<SSL*>(parent);
  SSL_set_num_tickets(connection, 0);
  SSL_set_mode(connection, SSL_MODE_RELEASE_BUFFERS);
}

}  // namespace

bool MakeTlsLean() {
  // The index is not used: all that counts is the function that comes with it.
  static const int index = SSL_get_ex_new_index(0, nullptr, &OnNew, nullptr, nullptr);
  return index >= 0;
}

}  // namespace firebreak::controller
