// SPDX-License-Identifier: Apache-2.0
#include "base/tls_client/tls_client.h"

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"

namespace firebreak {
namespace {

absl::Duration SteadyNow() {
  return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

// Waits until the socket is ready for `events` (POLLIN, POLLOUT). Returns false at the deadline.
bool WaitFor(int socket, short events, absl::Duration deadline) {
  while (true) {
    pollfd entry = {socket, events, 0};
    const int64_t millis = absl::ToInt64Milliseconds(deadline - SteadyNow());
    if (millis <= 0) return false;
    const int ready = poll(&entry, 1, static_cast<int>(millis));
    if (ready == 1) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

absl::Status ConnectTo(int socket, const addrinfo& to, absl::Duration deadline) {
  if (socket < 0) return absl::ErrnoToStatus(errno, "make a socket");
  if (connect(socket, to.ai_addr, to.ai_addrlen) == 0) return absl::OkStatus();
  if (errno != EINPROGRESS) return absl::ErrnoToStatus(errno, "connect");
  if (!WaitFor(socket, POLLOUT, deadline)) return absl::DeadlineExceededError("no answer");
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &length);
  return error == 0 ? absl::OkStatus() : absl::ErrnoToStatus(error, "connect");
}

absl::StatusOr<Descriptor> OpenSocket(const std::string& address, absl::Duration deadline) {
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
    Descriptor made(
        socket(entry->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, entry->ai_protocol));
    last = ConnectTo(made.get(), *entry, deadline);
    if (last.ok()) return made;
  }
  return absl::UnavailableError(absl::StrCat("connect to ", address, ": ", last.message()));
}

int Verify(X509_STORE_CTX* store, void* argument) {
  const auto& options = *static_cast<const TlsClient::Options*>(argument);
  X509* const certificate = X509_STORE_CTX_get0_cert(store);
  if (certificate != nullptr &&
      options.trusts(*certificate, X509_STORE_CTX_get0_untrusted(store))) {
    X509_STORE_CTX_set_error(store, X509_V_OK);
    return 1;
  }
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_UNTRUSTED);
  return 0;
}

}  // namespace

TlsClient::~TlsClient() {
  // Without this alert the peer cannot tell the end from a broken connection.
  if (ssl_ != nullptr && !alert_.has_value()) SSL_shutdown(ssl_.get());
}

absl::StatusOr<std::unique_ptr<TlsClient>> TlsClient::Connect(const std::string& address,
                                                              const Options& options) {
  const absl::Duration deadline = SteadyNow() + options.timeout;
  ASSIGN_OR_RETURN(Descriptor socket, OpenSocket(address, deadline));
  std::unique_ptr<TlsClient> client(new TlsClient(std::move(socket), deadline));
  if (absl::Status status = client->Handshake(options); !status.ok()) {
    return absl::Status(status.code(), absl::StrCat(address, ": ", status.message()));
  }
  return client;
}

absl::Status TlsClient::Handshake(const Options& options) {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (context_ == nullptr) return OpensslError("make a TLS context");
  SSL_CTX_set_min_proto_version(context_.get(), TLS1_3_VERSION);
  SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_OFF);
  // OpenSSL would read on by itself while records come that hold nothing, such as KeyUpdate,
  // however long that takes.
  SSL_CTX_clear_mode(context_.get(), SSL_MODE_AUTO_RETRY);
  SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context_.get(), &Verify, const_cast<Options*>(&options));
  const std::string alpn =
      absl::StrCat(std::string(1, static_cast<char>(options.alpn.size())), options.alpn);
  SSL_CTX_set_alpn_protos(context_.get(), reinterpret_cast<const unsigned char*>(alpn.data()),
                          static_cast<unsigned int>(alpn.size()));
  if (!options.certificate.empty()) {
    const CertificatePtr certificate = ReadCertificate(options.certificate);
    const KeyPtr key(
        PEM_read_bio_PrivateKey(ReadFrom(options.key).get(), nullptr, nullptr, nullptr));
    if (certificate == nullptr || key == nullptr ||
        SSL_CTX_use_certificate(context_.get(), certificate.get()) != 1 ||
        SSL_CTX_use_PrivateKey(context_.get(), key.get()) != 1) {
      return absl::InvalidArgumentError("the client's certificate or key cannot be used");
    }
  }
  SslPtr ssl(SSL_new(context_.get()));
  if (ssl == nullptr || SSL_set_fd(ssl.get(), socket_.get()) != 1) {
    return OpensslError("make a TLS connection");
  }
  ssl_ = std::move(ssl);
  while (true) {
    ERR_clear_error();
    const int result = SSL_connect(ssl_.get());
    if (result == 1) break;
    if (absl::Status status = Wait(result, "TLS handshake"); !status.ok()) {
      if (SSL_get_verify_result(ssl_.get()) == X509_V_ERR_CERT_UNTRUSTED) {
        status = absl::PermissionDeniedError("the peer's certificate is not trusted");
      }
      ssl_.reset();
      return status;
    }
  }
  SSL_CTX_set_cert_verify_callback(context_.get(), nullptr, nullptr);  // `options` ends here
  return absl::OkStatus();
}

absl::Status TlsClient::Wait(int result, absl::string_view operation) {
  const int reason = SSL_get_error(ssl_.get(), result);
  if (reason == SSL_ERROR_WANT_READ || reason == SSL_ERROR_WANT_WRITE) {
    if (WaitFor(socket_.get(), reason == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, deadline_)) {
      return absl::OkStatus();
    }
    return absl::DeadlineExceededError(absl::StrCat(operation, ": no answer"));
  }
  const unsigned long error = ERR_peek_error();
  if (reason == SSL_ERROR_SSL && ERR_GET_LIB(error) == ERR_LIB_SSL &&
      ERR_GET_REASON(error) > SSL_AD_REASON_OFFSET) {
    alert_ = ERR_GET_REASON(error) - SSL_AD_REASON_OFFSET;
  }
  if (reason == SSL_ERROR_ZERO_RETURN) {
    return absl::OutOfRangeError(absl::StrCat(operation, ": the peer has ended the connection"));
  }
  const std::string why(reason == SSL_ERROR_SSL ? OpensslError(operation).message()
                                                : absl::StrCat(operation, ": cut off"));
  ERR_clear_error();
  return absl::UnavailableError(why);
}

absl::Status TlsClient::Write(absl::string_view bytes) {
  while (!bytes.empty()) {
    ERR_clear_error();
    const int written = SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (written > 0) {
      bytes.remove_prefix(static_cast<size_t>(written));
    } else {
      RETURN_IF_ERROR(Wait(written, "TLS write"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> TlsClient::Read() {
  std::string bytes(16 << 10, '\0');
  while (true) {
    ERR_clear_error();
    const int read = SSL_read(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
    if (read > 0) {
      bytes.resize(static_cast<size_t>(read));
      return bytes;
    }
    RETURN_IF_ERROR(Wait(read, "TLS read"));
  }
}

bool IsServer(X509& certificate, X509& authority, const char* name) {
  const StorePtr store(X509_STORE_new());
  const StoreContextPtr context(X509_STORE_CTX_new());
  if (store == nullptr || context == nullptr || X509_STORE_add_cert(store.get(), &authority) != 1 ||
      X509_STORE_CTX_init(context.get(), store.get(), &certificate, nullptr) != 1) {
    return false;
  }
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(context.get());
  const bool good = X509_VERIFY_PARAM_set_purpose(parameters, X509_PURPOSE_SSL_SERVER) == 1 &&
                    X509_VERIFY_PARAM_set1_host(parameters, name, strlen(name)) == 1 &&
                    X509_verify_cert(context.get()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace firebreak
