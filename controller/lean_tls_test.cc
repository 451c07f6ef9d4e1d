#include "controller/lean_tls.h"

#include <gtest/gtest.h>

#include "base/openssl/openssl.h"

namespace firebreak::controller {
namespace {

TEST(LeanTls, HoldsForContextsThatOthersMake) {
  const SslContextPtr before(SSL_CTX_new(TLS_server_method()));
  ASSERT_TRUE(MakeTlsLean());
  const SslContextPtr after(SSL_CTX_new(TLS_server_method()));
  for (SSL_CTX* const context : {before.get(), after.get()}) {
    const SslPtr connection(SSL_new(context));
    EXPECT_EQ(SSL_get_num_tickets(connection.get()), 0u);
    EXPECT_NE(SSL_get_mode(connection.get()) & SSL_MODE_RELEASE_BUFFERS, 0);
  }
}

}  // namespace
}  // namespace firebreak::controller
