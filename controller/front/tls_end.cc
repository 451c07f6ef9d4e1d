// SPDX-License-Identifier: Apache-2.0
#include "controller/front/tls_end.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <utility>

#include "proto/endpoint/enrolment.h"
#include "proto/endpoint/standing.h"

namespace firebreak::controller {
namespace {

// Whether the list of ALPN names, each behind its length, holds `wanted`.
bool Offers(absl::string_view list, absl::string_view wanted) {
  while (!list.empty()) {
    const size_t size = static_cast<unsigned char>(list[0]);
    list.remove_prefix(1);
    if (size > list.size()) return false;
    if (list.substr(0, size) == wanted) return true;
    list.remove_prefix(size);
  }
  return false;
}

// The first certificate in `pem` is the controller's own, the others lead to the CA.
bool UseChain(SSL_CTX* context, absl::string_view pem) {
  const BioPtr text = ReadFrom(pem);
  for (bool own = true;; own = false) {
    CertificatePtr certificate(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
    if (certificate == nullptr) {
      ERR_clear_error();
      return !own;
    }
    const int used = own ? SSL_CTX_use_certificate(context, certificate.get())
                         : static_cast<int>(SSL_CTX_add1_chain_cert(context, certificate.get()));
    if (used != 1) return false;
  }
}

}  // namespace

absl::StatusOr<SslContextPtr> MakeFrontContext(absl::string_view chain, absl::string_view key) {
  SslContextPtr context(SSL_CTX_new(TLS_server_method()));
  const KeyPtr own(PEM_read_bio_PrivateKey(ReadFrom(key).get(), nullptr, nullptr, nullptr));
  if (context == nullptr || own == nullptr || !UseChain(context.get(), chain) ||
      SSL_CTX_use_PrivateKey(context.get(), own.get()) != 1 ||
      SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1 ||
      SSL_CTX_set_num_tickets(context.get(), 0) != 1) {
    return OpensslError("use the controller's key and certificate");
  }
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_max_cert_list(context.get(), TlsEnd::kMaxCertificates);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_client_hello_cb(context.get(), &TlsEnd::OnClientHello, nullptr);
  SSL_CTX_set_alpn_select_cb(context.get(), &TlsEnd::OnAlpn, nullptr);
  SSL_CTX_set_cert_verify_callback(context.get(), &TlsEnd::OnCertificate, nullptr);
  SSL_CTX_set_msg_callback(context.get(), &TlsEnd::OnMessage);
  return context;
}

TlsEnd::TlsEnd(SSL_CTX* context, int socket, const Gatekeeper& gatekeeper)
    : gatekeeper_(gatekeeper), ssl_(SSL_new(context)), socket_(ssl_.get(), socket) {
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_accept_state(ssl_.get());
}

// A client that does not say what it wants gets no further: OnAlpn is not called for it.
int TlsEnd::OnClientHello(SSL* ssl, int* alert, void*) {
  const unsigned char* bytes = nullptr;
  size_t size = 0;
  if (SSL_client_hello_get0_ext(ssl, TLSEXT_TYPE_application_layer_protocol_negotiation, &bytes,
                                &size) == 1) {
    return SSL_CLIENT_HELLO_SUCCESS;
  }
  *alert = SSL_AD_NO_APPLICATION_PROTOCOL;
  return SSL_CLIENT_HELLO_ERROR;
}

int TlsEnd::OnAlpn(SSL* ssl, const unsigned char** out, unsigned char* out_size,
                   const unsigned char* offered, unsigned int size, void*) {
  const absl::string_view list(reinterpret_cast<const char*>(offered), size);
  const auto choose = [&](absl::string_view name) {
    *out = reinterpret_cast<const unsigned char*>(name.data());
    *out_size = static_cast<unsigned char>(name.size());
    return SSL_TLSEXT_ERR_OK;
  };
  if (Offers(list, kHttp2Alpn)) return choose(kHttp2Alpn);
  if (!Offers(list, kEnrolmentAlpn)) return SSL_TLSEXT_ERR_ALERT_FATAL;
  Of(ssl).enrols_ = true;
  // The request for a certificate has not gone out yet.
  SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
  return choose(kEnrolmentAlpn);
}

int TlsEnd::OnCertificate(X509_STORE_CTX* store, void*) {
  SSL* const ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  TlsEnd& self = Of(ssl);
  X509* const certificate = X509_STORE_CTX_get0_cert(store);
  if (certificate == nullptr) return 0;
  self.verdict_ = self.gatekeeper_.Judge(certificate);
  const Standing standing = self.enrols_ ? Standing::kMember : self.verdict_->standing;
  X509_STORE_CTX_set_error(store, VerifyErrorFor(standing));
  return standing == Standing::kMember ? 1 : 0;
}

void TlsEnd::OnMessage(int is_written, int, int type, const void* bytes, size_t size, SSL* ssl,
                       void*) {
  if (is_written != 0 || type != SSL3_RT_HANDSHAKE || size == 0) return;
  if (*static_cast<const unsigned char*>(bytes) == SSL3_MT_KEY_UPDATE) ++Of(ssl).key_updates_;
}

TlsEnd::Progress TlsEnd::ProgressOf(int result) {
  if (key_updates_ > kMaxKeyUpdates) {
    why_ = "too many KeyUpdate messages of TLS";
    return Progress::kEnded;
  }
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ: return Progress::kWaitsToRead;
    case SSL_ERROR_WANT_WRITE: return Progress::kWaitsToWrite;
    default: return Progress::kEnded;
  }
}

TlsEnd::Progress TlsEnd::Handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) return Progress::kDone;
  const Progress progress = ProgressOf(result);
  if (progress == Progress::kEnded) {
    const unsigned long error = ERR_peek_error();
    if (!verdict_.has_value() && ERR_GET_LIB(error) == ERR_LIB_SSL &&
        ERR_GET_REASON(error) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
      verdict_ = Gatekeeper::Verdict{.standing = Standing::kStranger,
                                     .caller = {},
                                     .reason = "no client certificate was presented"};
    }
    ERR_clear_error();
  } else if (socket_.received() > kMaxHandshake) {
    return Progress::kEnded;
  }
  return progress;
}

TlsEnd::Progress TlsEnd::Read(char* into, size_t size, size_t& got) {
  ERR_clear_error();
  const int result = SSL_read_ex(ssl_.get(), into, size, &got);
  if (result == 1) return Progress::kDone;
  got = 0;
  return ProgressOf(result);
}

TlsEnd::Progress TlsEnd::Write(absl::string_view bytes, size_t& sent) {
  ERR_clear_error();
  const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent);
  if (result == 1) return Progress::kDone;
  sent = 0;
  return ProgressOf(result);
}

void TlsEnd::SayGoodbye() {
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

}  // namespace firebreak::controller
