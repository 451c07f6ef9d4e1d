// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_TLS_END_H_
#define FIREBREAK_CONTROLLER_FRONT_TLS_END_H_

#include <openssl/ssl.h>

#include <cstddef>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/openssl/openssl.h"
#include "base/openssl/portioned_socket.h"
#include "controller/identity/gatekeeper.h"

namespace firebreak::controller {

// TLS 1.3 as the front speaks it: `chain` and `key` are the controller's, PEM. No tickets, no early
// data, no buffers for connections that are idle.
absl::StatusOr<SslContextPtr> MakeFrontContext(absl::string_view chain, absl::string_view key);

// The controller's end of one TLS connection. The client says by ALPN what it wants. For HTTP/2 it
// must show a certificate, which `gatekeeper` judges; a client that is no member is refused with an
// alert. To enrol, a client may show a certificate, which only tells whom it names. The cost of
// the handshake, and of records without data after it, is bounded.
//
// Threading: one thread at a time; never waits.
class TlsEnd {
 public:
  // On the wire, in a handshake. Two certificates of ours have less than 2 KiB.
  static constexpr size_t kMaxHandshake = 32 << 10;
  static constexpr int kMaxCertificates = 16 << 10;
  // Nobody's client sends any before it has sent 2^24 records.
  static constexpr int kMaxKeyUpdates = 32;
  // What a turn takes from the socket.
  static constexpr size_t kPortion = 64 << 10;

  enum class Progress {
    kDone,  // the handshake; some bytes
    kWaitsToRead,
    kWaitsToWrite,
    kEnded,  // by the client, or for what it did: all else would be refused as well
  };

  // `context` is one of MakeFrontContext; `socket` does not block, and stays the caller's.
  // `gatekeeper` must outlive it.
  TlsEnd(SSL_CTX* context, int socket, const Gatekeeper& gatekeeper);
  TlsEnd(const TlsEnd&) = delete;
  TlsEnd& operator=(const TlsEnd&) = delete;

  // To be called at the beginning of each turn, before the others.
  void BeginTurn() { socket_.Allow(kPortion); }

  Progress Handshake();
  // kDone: `got` bytes, at least one.
  Progress Read(char* into, size_t size, size_t& got);
  // kDone: `sent` bytes. Otherwise the same bytes must be written next.
  Progress Write(absl::string_view bytes, size_t& sent);
  // Tells the client that nothing more comes.
  void SayGoodbye();

  // Whether the client wants to enrol.
  bool enrols() const { return enrols_; }
  // What became of its certificate, once it is known; none: the handshake has not come so far, or
  // it shows none and enrols.
  const std::optional<Gatekeeper::Verdict>& verdict() const { return verdict_; }
  // Why it has ended, if that is worth telling.
  const std::string& why() const { return why_; }

 private:
  friend absl::StatusOr<SslContextPtr> MakeFrontContext(absl::string_view, absl::string_view);

  static TlsEnd& Of(SSL* ssl) { return *static_cast<TlsEnd*>(SSL_get_app_data(ssl)); }
  static int OnClientHello(SSL* ssl, int* alert, void* unused);
  static int OnAlpn(SSL* ssl, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned int size, void* unused);
  static int OnCertificate(X509_STORE_CTX* store, void* unused);
  static void OnMessage(int is_written, int version, int type, const void* bytes, size_t size,
                        SSL* ssl, void* unused);

  Progress ProgressOf(int result);

  const Gatekeeper& gatekeeper_;
  const SslPtr ssl_;
  PortionedSocket socket_;
  bool enrols_ = false;
  int key_updates_ = 0;
  std::optional<Gatekeeper::Verdict> verdict_;
  std::string why_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_TLS_END_H_
