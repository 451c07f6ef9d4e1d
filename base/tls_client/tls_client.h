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
    // What is shown of this side, PEM; empty: nothing. Only a peer that is trusted sees it.
    absl::string_view certificate;
    absl::string_view key;
    // Whether to trust a peer with this certificate, and this chain as it shows it.
    std::function<bool(X509& certificate, STACK_OF(X509) * chain)> trusts;
    absl::Duration timeout;
  };

  // `address` is HOST:PORT. InvalidArgument: it is not, or the key is none. PermissionDenied:
  // somebody answers who is not trusted. Unavailable, DeadlineExceeded: nobody answers, or breaks
  // off.
  static absl::StatusOr<std::unique_ptr<TlsClient>> Connect(const std::string& address,
                                                            const Options& options);
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;
  ~TlsClient();

  absl::Status Write(absl::string_view bytes);

  // Some bytes, at least one. OutOfRange: the peer has ended the connection. Whether the peer takes
  // the certificate shows here first, as TLS 1.3 lets the client begin before it is looked at.
  absl::StatusOr<std::string> Read();

  // The fatal alert with which the peer has ended the connection (RFC 8446, 6.2); none: it has not.
  std::optional<int> alert() const { return alert_; }

 private:
  TlsClient(Descriptor socket, absl::Duration deadline)
      : socket_(std::move(socket)), deadline_(deadline) {}

  absl::Status Handshake(const Options& options);
  // After a call to OpenSSL that gave `result`: waits for what it needs to be called again, or
  // tells why it need not be.
  absl::Status Wait(int result, absl::string_view operation);

  const Descriptor socket_;
  const absl::Duration deadline_;  // by the steady clock
  SslContextPtr context_;
  SslPtr ssl_;
  std::optional<int> alert_;
};

// Whether `certificate` was issued by `authority` for a server called `name`, and is in force.
bool IsServer(X509& certificate, X509& authority, const char* name);

}  // namespace firebreak

#endif  // FIREBREAK_BASE_TLS_CLIENT_TLS_CLIENT_H_
