// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_BASE_TLS_CLIENT_TLS_CLIENT_H_
#define FIREBREAK_BASE_TLS_CLIENT_TLS_CLIENT_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/descriptor/descriptor.h"
#include "base/openssl/openssl.h"

namespace firebreak {

// A client's TLS 1.3 connection whose functions block. It serves the few connections that gRPC does
// not make.
//
// Threading: one thread at a time. Every function returns when the connection's timeout is over at
// the latest, however the wall clock is set meanwhile.
class TlsClient {
 public:
  struct Options {
    absl::string_view alpn;
    // This side's certificate and key (PEM); empty: none. Only a trusted peer gets to see the
    // certificate.
    absl::string_view certificate;
    absl::string_view key;
    // Whether to trust a peer that shows this certificate and this chain.
    std::function<bool(X509& certificate, STACK_OF(X509) * chain)> trusts;
    absl::Duration timeout;
  };

  // Connects to `address`, which is HOST:PORT. Returns InvalidArgument if it is not, or if the key
  // is invalid; PermissionDenied if the peer is not trusted; Unavailable or DeadlineExceeded if
  // nobody answers or the connection breaks.
  static absl::StatusOr<std::unique_ptr<TlsClient>> Connect(const std::string& address,
                                                            const Options& options);
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  ~TlsClient();

  absl::Status Write(absl::string_view bytes);

  // Reads some bytes, at least one. Returns OutOfRange if the peer has ended the connection. A peer
  // that refuses the certificate does so here, because in TLS 1.3 the client's handshake ends
  // before its certificate is checked.
  absl::StatusOr<std::string> Read();

  // The fatal alert with which the peer ended the connection (RFC 8446, 6.2); none if there was no
  // alert.
  std::optional<int> alert() const { return alert_; }

 private:
  TlsClient(Descriptor socket, absl::Duration deadline)
      : socket_(std::move(socket)), deadline_(deadline) {}

  absl::Status Handshake(const Options& options);
  // Call this after a call to OpenSSL that returned `result`. Waits for what OpenSSL needs to be
  // called again, or returns the error that ends the connection.
  absl::Status Wait(int result, absl::string_view operation);

  const Descriptor socket_;
  const absl::Duration deadline_;  // by the steady clock
  SslContextPtr context_;
  SslPtr ssl_;
  std::optional<int> alert_;
};

// Whether `authority` issued `certificate` for a server called `name`, and whether it is valid now.
bool IsServer(X509& certificate, X509& authority, const char* name);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_TLS_CLIENT_TLS_CLIENT_H_
