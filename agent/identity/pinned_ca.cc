#include "agent/identity/pinned_ca.h"

#include <errno.h>
#include <netdb.h>
#include <openssl/crypto.h>
#include <openssl/sha.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

class Socket {
 public:
  explicit Socket(int descriptor) : descriptor_(descriptor) {}
  Socket(Socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  ~Socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

// Waits until the socket is ready for `events` (POLLIN, POLLOUT); false at the deadline.
bool WaitFor(const Socket& socket, short events, absl::Time deadline) {
  pollfd entry = {socket.get(), events, 0};
  const int64_t millis = absl::ToInt64Milliseconds(deadline - absl::Now());
  return millis > 0 && poll(&entry, 1, static_cast<int>(millis)) == 1;
}

absl::Status ConnectTo(const Socket& socket, const addrinfo& to, absl::Time deadline) {
  if (socket.get() < 0) return absl::ErrnoToStatus(errno, "make a socket");
  if (connect(socket.get(), to.ai_addr, to.ai_addrlen) == 0) return absl::OkStatus();
  if (errno != EINPROGRESS) return absl::ErrnoToStatus(errno, "connect");
  if (!WaitFor(socket, POLLOUT, deadline)) return absl::DeadlineExceededError("no answer");
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length);
  return error == 0 ? absl::OkStatus() : absl::ErrnoToStatus(error, "connect");
}

absl::StatusOr<Socket> Connect(const std::string& address, absl::Time deadline) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) {
    return absl::InvalidArgumentError(absl::StrCat(address, " is not HOST:PORT"));
  }
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat("look up ", address, ": ", gai_strerror(error)));
  }
  const std::unique_ptr<addrinfo, OpensslFree<freeaddrinfo>> addresses(found);
  absl::Status last = absl::UnavailableError("no address");
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    Socket socket(
        ::socket(entry->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, entry->ai_protocol));
    last = ConnectTo(socket, *entry, deadline);
    if (last.ok()) return socket;
  }
  return absl::UnavailableError(absl::StrCat("connect to ", address, ": ", last.message()));
}

absl::Status Handshake(SSL* connection, const Socket& socket, absl::Time deadline) {
  while (true) {
    const int result = SSL_connect(connection);
    if (result == 1) return absl::OkStatus();
    const int reason = SSL_get_error(connection, result);
    if (reason != SSL_ERROR_WANT_READ && reason != SSL_ERROR_WANT_WRITE) {
      return OpensslError("TLS handshake");
    }
    if (!WaitFor(socket, reason == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline)) {
      return absl::DeadlineExceededError("TLS handshake: no answer");
    }
  }
}

bool HasFingerprint(const X509& certificate, const std::array<uint8_t, 32>& fingerprint) {
  std::array<uint8_t, 32> digest;
  unsigned int length = 0;
  return X509_digest(&certificate, EVP_sha256(), digest.data(), &length) == 1 &&
         length == digest.size() &&
         CRYPTO_memcmp(digest.data(), fingerprint.data(), digest.size()) == 0;
}

}  // namespace

absl::StatusOr<std::string> FetchPinnedCa(const std::string& address,
                                          const std::array<uint8_t, 32>& fingerprint,
                                          absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  ASSIGN_OR_RETURN(const Socket socket, Connect(address, deadline));

  const SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  static constexpr unsigned char kHttp2[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context.get(), kHttp2, sizeof kHttp2);
  const SslPtr connection(SSL_new(context.get()));
  SSL_set_fd(connection.get(), socket.get());
  if (absl::Status status = Handshake(connection.get(), socket, deadline); !status.ok()) {
    return absl::UnavailableError(absl::StrCat(address, ": ", status.message()));
  }
  const STACK_OF(X509)* chain = SSL_get_peer_cert_chain(connection.get());
  for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
    const X509* certificate = sk_X509_value(chain, i);
    if (HasFingerprint(*certificate, fingerprint)) return Pem(*certificate);
  }
  return absl::PermissionDeniedError(absl::StrCat(
      address,
      " is not the controller that issued this token: it does not show the CA with the "
      "token's fingerprint"));
}

}  // namespace firebreak::agent
