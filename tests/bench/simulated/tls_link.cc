// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/simulated/tls_link.h"

#include <netinet/tcp.h>
#include <openssl/err.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace firebreak::bench {
namespace {

constexpr size_t kRecord = 16'384;

int NoDelay(int socket) {
  const int on = 1;
  return setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

SslContextPtr MakeClientContext(const std::string& authority, std::string_view alpn) {
  SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION);
  SSL_CTX_set1_groups_list(context.get(), "P-256");
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  const std::string names = static_cast<char>(alpn.size()) + std::string(alpn);
  SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(names.data()),
                          static_cast<unsigned int>(names.size()));
  if (!authority.empty()) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), ReadCertificate(authority).get());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  }
  return context;
}

TlsLink::TlsLink(TurnLoop& loop, SSL_CTX* context, const sockaddr_in& from, const sockaddr_in& to,
                 const Identity* identity, Listener* listener)
    : loop_(loop),
      listener_(listener),
      socket_(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
  const int on = 1;
  setsockopt(socket_.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  NoDelay(socket_.get());
  const bool started =
      bind(socket_.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from) == 0 &&
      (connect(socket_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 ||
       errno == EINPROGRESS);
  Start(context, EPOLLIN | EPOLLOUT);
  if (identity != nullptr && identity->certificate != nullptr) {
    SSL_use_certificate(tls_.get(), identity->certificate.get());
    SSL_use_PrivateKey(tls_.get(), identity->key.get());
  }
  SSL_set_connect_state(tls_.get());
  // The loop will report an error: epoll reports a socket that is not connected as hung up.
  if (!started) errno = 0;
}

TlsLink::TlsLink(TurnLoop& loop, SSL_CTX* context, Descriptor accepted, Listener* listener)
    : loop_(loop), listener_(listener), socket_(std::move(accepted)) {
  NoDelay(socket_.get());
  Start(context, EPOLLIN);
  SSL_set_accept_state(tls_.get());
}

void TlsLink::Start(SSL_CTX* context, uint32_t events) {
  tls_.reset(SSL_new(context));
  SSL_set_fd(tls_.get(), socket_.get());
  wanted_ = events;
  loop_.Watch(socket_.get(), events, this);
}

void TlsLink::Want(uint32_t events) {
  if (std::exchange(wanted_, events) != events) loop_.Change(socket_.get(), events, this);
}

void TlsLink::Close() {
  listener_ = nullptr;
  if (socket_.get() < 0) return;
  loop_.Forget(socket_.get());
  tls_.reset();
  socket_ = Descriptor();
}

void TlsLink::Fail(const std::string& why) {
  Listener* const listener = listener_;
  Close();
  if (listener != nullptr) listener->OnClosed(why);
}

void TlsLink::OnEvents(uint32_t events) {
  if (socket_.get() < 0) return;  // the link was closed earlier in this turn
  if (!open_) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(socket_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return Fail(strerror(error));
    Handshake();
    if (!open_ || socket_.get() < 0) return;
  }
  if ((events & EPOLLOUT) != 0) Flush();
  Read();
}

void TlsLink::Handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(tls_.get());
  if (result != 1) {
    switch (SSL_get_error(tls_.get(), result)) {
      case SSL_ERROR_WANT_READ: return Want(EPOLLIN);
      case SSL_ERROR_WANT_WRITE: return Want(EPOLLIN | EPOLLOUT);
      default: return Fail("TLS handshake");
    }
  }
  open_ = true;
  Want(EPOLLIN);
  listener_->OnOpened();
}

void TlsLink::Send(std::string_view bytes) {
  if (socket_.get() < 0) return;
  unsent_ += bytes;
  Flush();
}

void TlsLink::Flush() {
  size_t sent = 0;
  while (open_ && sent < unsent_.size()) {
    ERR_clear_error();
    const int result = SSL_write(tls_.get(), unsent_.data() + sent,
                                 static_cast<int>(std::min(unsent_.size() - sent, kRecord)));
    if (result <= 0) break;  // if the connection is broken, the next read shows it
    sent += static_cast<size_t>(result);
  }
  unsent_.erase(0, sent);
  if (unsent_.empty() && unsent_.capacity() > 4096) unsent_.shrink_to_fit();
  if (open_) Want(unsent_.empty() ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

void TlsLink::Read() {
  static char buffer[4 * kRecord];
  while (socket_.get() >= 0) {
    ERR_clear_error();
    const int result = SSL_read(tls_.get(), buffer, sizeof buffer);
    if (result <= 0) {
      const int error = SSL_get_error(tls_.get(), result);
      if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return;
      return Fail(error == SSL_ERROR_ZERO_RETURN ? "closed by the peer" : "connection broken");
    }
    listener_->OnReceived({buffer, static_cast<size_t>(result)});
  }
}

}  // namespace firebreak::bench
