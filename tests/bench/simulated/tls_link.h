// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_SIMULATED_TLS_LINK_H_
#define FIREBREAK_TESTS_BENCH_SIMULATED_TLS_LINK_H_

#include <netinet/in.h>

#include <string>
#include <string_view>

#include "base/descriptor/descriptor.h"
#include "base/openssl/openssl.h"
#include "tests/bench/simulated/turn_loop.h"

namespace firebreak::bench {

// The client's certificate and key; null: none.
struct Identity {
  KeyPtr key;
  CertificatePtr certificate;
};

// Makes a client's TLS 1.3 context with the agents' settings: P-256, the ALPN name `alpn` offered,
// the peer's certificate checked against the authority (PEM; empty: not checked). Sessions are not
// cached.
SslContextPtr MakeClientContext(const std::string& authority, std::string_view alpn);

// One end of a TLS connection, on a non-blocking socket. The owner destroys it by
// TurnLoop::Discard, because one of its methods may be running.
class TlsLink : public TurnLoop::Watcher {
 public:
  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void OnOpened() = 0;
    virtual void OnReceived(std::string_view bytes) = 0;
    // Called at most once, and never after Close.
    virtual void OnClosed(const std::string& why) = 0;
  };

  // Connects from the address `from` to the address `to`.
  TlsLink(TurnLoop& loop, SSL_CTX* context, const sockaddr_in& from, const sockaddr_in& to,
          const Identity* identity, Listener* listener);
  // Makes the server's end of an accepted connection.
  TlsLink(TurnLoop& loop, SSL_CTX* context, Descriptor accepted, Listener* listener);
  ~TlsLink() override { Close(); }
  TlsLink(const TlsLink&) = delete;
  TlsLink& operator=(const TlsLink&) = delete;

  // Sends the bytes; those that the socket does not accept yet are kept.
  void Send(std::string_view bytes);
  void Close();

 private:
  void OnEvents(uint32_t events) override;
  void Start(SSL_CTX* context, uint32_t events);
  void Handshake();
  void Flush();
  void Read();
  void Want(uint32_t events);
  void Fail(const std::string& why);

  TurnLoop& loop_;
  Listener* listener_;  // null once closed
  Descriptor socket_;
  SslPtr tls_;
  bool open_ = false;
  uint32_t wanted_ = 0;
  std::string unsent_;
};

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_SIMULATED_TLS_LINK_H_
