// SPDX-License-Identifier: Apache-2.0
#include "agent/location/probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "agent/location/statement.h"

namespace firebreak::agent {
namespace {

using Clock = EventLoop::Clock;

// A probe waits at least this long for an answer, so that an answer beyond the allowed round trip
// can be reported as late.
constexpr auto kLeastPatience = std::chrono::milliseconds(500);

struct Endpoint {
  sockaddr_storage storage = {};
  socklen_t size = 0;
  int family() const { return storage.ss_family; }
};

// Parses text such as "10.10.0.1:7444" or "[fd00::1]:7444", which was checked with the policy. A
// link-local address belongs to the interface's link.
std::optional<Endpoint> ParseEndpoint(const std::string& text, uint32_t interface_index) {
  const size_t colon = text.rfind(':');
  uint32_t port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(text.substr(colon + 1), &port) ||
      port > 65535) {
    return std::nullopt;
  }
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  Endpoint endpoint;
  auto& v4 = reinterpret_cast<sockaddr_in&>(endpoint.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(endpoint.storage);
  if (inet_pton(AF_INET, host.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(static_cast<uint16_t>(port));
    endpoint.size = sizeof v4;
  } else if (inet_pton(AF_INET6, host.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(static_cast<uint16_t>(port));
    if (IN6_IS_ADDR_LINKLOCAL(&v6.sin6_addr)) v6.sin6_scope_id = interface_index;
    endpoint.size = sizeof v6;
  } else {
    return std::nullopt;
  }
  return endpoint;
}

absl::Status Errno(absl::string_view operation) { return absl::ErrnoToStatus(errno, operation); }

bool SetOption(int socket, int level, int name, int value) {
  return setsockopt(socket, level, name, &value, sizeof value) == 0;
}

// Returns null, with the reason in OpenSSL's error queue, if the text contains no certificates.
SslContextPtr MakeContext(const std::string& ca_pem) {
  SslContextPtr context(SSL_CTX_new(TLS_client_method()));
  if (context == nullptr || SSL_CTX_set_min_proto_version(context.get(), TLS1_3_VERSION) != 1) {
    return nullptr;
  }
  // Only the location's own CA is trusted; the system's trust store is never loaded.
  X509_STORE* store = SSL_CTX_get_cert_store(context.get());
  const BioPtr bio = ReadFrom(ca_pem);
  int certificates = 0;
  while (true) {
    const CertificatePtr one(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (one == nullptr) break;
    if (X509_STORE_add_cert(store, one.get()) != 1) return nullptr;
    ++certificates;
  }
  ERR_clear_error();
  if (certificates == 0) return nullptr;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

double Milliseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

std::string Describe(uint32_t routers) {
  return routers == 0 ? "on the link" : absl::StrCat("over at most ", routers, " routers");
}

}  // namespace

Probe::Probe(EventLoop& loop, Target target) : loop_(loop), target_(std::move(target)) {}

Probe::~Probe() {
  Disconnect();
  loop_.Cancel(deadline_);
}

void Probe::Ask(Done done) {
  done_ = std::move(done);
  result_ = ProbeResult();
  questions_ = 0;
  reused_ = connected_;
  if (!connected_) {
    if (absl::Status status = Connect(); !status.ok()) Fail("connect", status, false);
    return;
  }
  // The certificate may have expired since the handshake.
  if (absl::Status status = CheckCertificate(); !status.ok()) {
    return Fail("certificate", status, true);
  }
  AskQuestion();
}

absl::Status Probe::Connect() {
  Disconnect();
  const std::optional<Endpoint> to =
      ParseEndpoint(target_.beacon.address(), target_.interface_index);
  if (!to.has_value()) return absl::InvalidArgumentError("the beacon's address cannot be read");
  socket_ = socket(to->family(), SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (socket_ < 0) return Errno("make a socket");
  const std::string& name = target_.interface_name;
  if (setsockopt(socket_, SOL_SOCKET, SO_BINDTODEVICE, name.c_str(),
                 static_cast<socklen_t>(name.size() + 1)) != 0) {
    return Errno("bind the socket to the interface");
  }
  // The kernel drops packets that passed more routers before this program sees them.
  const int least = kBeaconHopLimit - static_cast<int>(std::min<uint32_t>(target_.max_hops, 254));
  const bool limited = to->family() == AF_INET
                           ? SetOption(socket_, IPPROTO_IP, IP_MINTTL, least)
                           : SetOption(socket_, IPPROTO_IPV6, IPV6_MINHOPCOUNT, least);
  if (!limited || !SetOption(socket_, IPPROTO_TCP, TCP_NODELAY, 1)) {
    return Errno("set an option of the socket");
  }
  if (connect(socket_, reinterpret_cast<const sockaddr*>(&to->storage), to->size) != 0 &&
      errno != EINPROGRESS) {
    return Errno("connect");
  }
  // The socket becomes writable when it is connected, and readable and writable when connecting has
  // failed.
  loop_.Watch(socket_, [] {});
  loop_.WatchWritable(socket_, [this] { OnConnected(); });
  SetDeadline(target_.max_round_trip + kConnect, "connect",
              "no answer: it is not there, not reached through this interface, or behind more "
              "routers than max_hops allows");
  return absl::OkStatus();
}

void Probe::OnConnected() {
  loop_.WatchWritable(socket_, nullptr);
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) return Fail("connect", absl::ErrnoToStatus(error, "connect"), false);

  sockaddr_storage own = {};
  length = sizeof own;
  getsockname(socket_, reinterpret_cast<sockaddr*>(&own), &length);
  if (own.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(own);
    own_address_.assign(reinterpret_cast<const char*>(&v4.sin_addr), 4);
    own_port_ = ntohs(v4.sin_port);
  } else {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(own);
    own_address_.assign(reinterpret_cast<const char*>(&v6.sin6_addr), 16);
    own_port_ = ntohs(v6.sin6_port);
  }
  Passed("connect",
         absl::StrCat("through ", target_.interface_name, ", ", Describe(target_.max_hops)));

  const SslContextPtr context = MakeContext(target_.beacon.ca());
  if (context != nullptr) ssl_.reset(SSL_new(context.get()));
  if (ssl_ == nullptr ||
      SSL_set_tlsext_host_name(ssl_.get(), target_.beacon.server_name().c_str()) != 1 ||
      SSL_set1_host(ssl_.get(), target_.beacon.server_name().c_str()) != 1) {
    return Fail("certificate", OpensslError("use the location's CA"), false);
  }
  input_.emplace(ssl_.get(), socket_);
  SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  loop_.Watch(socket_, [this] {
    if (Feed()) OnHandshake();
  });
  SetDeadline(kHandshake, "handshake", "the handshake did not finish in time");
  OnHandshake();
}

bool Probe::Feed() {
  if (input_->Feed() == LimitedInput::Fed::kEnd) {
    // If no question is open, the end of the connection is not an error; the next question makes a
    // new connection.
    if (asking()) {
      Fail("answer", absl::UnavailableError("the beacon has ended the connection"), false);
    } else {
      Disconnect();
    }
    return false;
  }
  if (input_->unpaid() <= kMaxBytes) return true;
  if (asking()) {
    Fail("answer", absl::DataLossError("the beacon sent more than an answer"), true);
  } else {
    Disconnect();
  }
  return false;
}

void Probe::OnHandshake() {
  ERR_clear_error();
  const int result = SSL_connect(ssl_.get());
  if (result != 1) {
    const int error = SSL_get_error(ssl_.get(), result);
    if (error == SSL_ERROR_WANT_READ) return;
    const long verified = SSL_get_verify_result(ssl_.get());
    if (verified != X509_V_OK) {
      ERR_clear_error();
      return Fail(
          "certificate",
          absl::PermissionDeniedError(absl::StrCat("the beacon's certificate is not good: ",
                                                   X509_verify_cert_error_string(verified))),
          true);
    }
    return Fail("handshake", OpensslError("the TLS 1.3 handshake failed"), true);
  }
  if (absl::Status status = CheckCertificate(); !status.ok()) {
    return Fail("certificate", status, true);
  }
  connected_ = true;
  channel_binding_.assign(kChannelBindingBytes, '\0');
  if (SSL_export_keying_material(ssl_.get(),
                                 reinterpret_cast<unsigned char*>(channel_binding_.data()),
                                 channel_binding_.size(), kChannelBindingLabel,
                                 sizeof kChannelBindingLabel - 1, nullptr, 0, 0) != 1) {
    return Fail("handshake", OpensslError("bind to the TLS connection"), false);
  }
  Passed("certificate",
         absl::StrCat(target_.beacon.server_name(), ", issued by the location's CA"));
  input_->Paid();
  loop_.Watch(socket_, [this] {
    if (Feed()) OnReadable();
  });
  AskQuestion();
  // The beacon may have sent something right after its handshake.
  if (connected_) OnReadable();
}

absl::Status Probe::CheckCertificate() {
  const STACK_OF(X509)* chain = SSL_get0_verified_chain(ssl_.get());
  if (chain == nullptr || SSL_get_verify_result(ssl_.get()) != X509_V_OK) {
    return absl::PermissionDeniedError("the beacon's certificate is not good");
  }
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    const X509* one = sk_X509_value(chain, i);
    if (X509_cmp_current_time(X509_get0_notBefore(one)) >= 0) {
      return absl::PermissionDeniedError(
          "by this host's clock the beacon's certificate is not valid yet");
    }
    if (X509_cmp_current_time(X509_get0_notAfter(one)) <= 0) {
      return absl::PermissionDeniedError(
          "by this host's clock the beacon's certificate has expired");
    }
  }
  return absl::OkStatus();
}

void Probe::AskQuestion() {
  ++questions_;
  nonce_.assign(kBeaconNonceBytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(nonce_.data()),
                 static_cast<int>(nonce_.size())) != 1) {
    return Fail("answer", OpensslError("make a nonce"), false);
  }
  v1::BeaconQuestion question;
  question.set_nonce(nonce_);
  question.set_location(target_.location);
  const std::string frame = BeaconFrame(question.SerializeAsString());
  asked_ = Clock::now();
  ERR_clear_error();
  const int written = SSL_write(ssl_.get(), frame.data(), static_cast<int>(frame.size()));
  if (written != static_cast<int>(frame.size())) {
    return Fail("answer", absl::UnavailableError("the beacon has ended the connection"), false);
  }
  SetDeadline(std::max(kLeastPatience, target_.max_round_trip + kLeastPatience / 5), "answer",
              "the beacon is silent");
}

void Probe::OnReadable() {
  while (true) {
    char bytes[kMaxBeaconMessage];
    ERR_clear_error();
    const int read = SSL_read(ssl_.get(), bytes, sizeof bytes);
    if (read <= 0) {
      if (SSL_get_error(ssl_.get(), read) == SSL_ERROR_WANT_READ) break;
      ERR_clear_error();
      // If no question is open, the end of the connection is not an error; the next question makes
      // a new connection.
      if (!asking()) return Disconnect();
      return Fail("answer", absl::UnavailableError("the beacon has ended the connection"), false);
    }
    frames_.Add({bytes, static_cast<size_t>(read)});
  }
  if (frames_.Broken()) {
    if (!asking()) return Disconnect();
    return Fail("answer", absl::DataLossError("the beacon sent something that is not an answer"),
                true);
  }
  if (const std::optional<std::string> message = frames_.Next()) {
    if (!asking()) return Disconnect();  // a message without a question
    input_->Paid();
    OnAnswer(*message);
  }
}

void Probe::OnAnswer(const std::string& message) {
  const Clock::duration round_trip = Clock::now() - asked_;
  v1::BeaconAnswer answer;
  if (!answer.ParseFromString(message)) {
    return Fail("answer", absl::DataLossError("the beacon sent something that is not an answer"),
                true);
  }
  const X509* certificate = SSL_get0_peer_certificate(ssl_.get());
  const absl::Status checked =
      CheckAnswer(answer,
                  {.location = target_.location,
                   .nonce = nonce_,
                   .channel_binding = channel_binding_,
                   .own_address = own_address_,
                   .own_port = own_port_},
                  certificate == nullptr ? nullptr : X509_get0_pubkey(certificate));
  if (!checked.ok()) return Fail("answer", checked, true);
  if (round_trip > target_.max_round_trip) {
    if (questions_ < kQuestions) return AskQuestion();
    return Fail("round trip",
                absl::DeadlineExceededError(absl::StrFormat(
                    "the answer took %.1f ms, more than max_round_trip allows (%d ms)",
                    Milliseconds(round_trip), target_.max_round_trip.count())),
                true);
  }
  Passed("answer", "signed for this connection, and the beacon sees this host as it sees itself");
  Passed("round trip", absl::StrFormat("%.1f ms", Milliseconds(round_trip)));
  result_.asked = asked_;
  result_.evidence = absl::StrFormat("%s at %s %s answered in %.1f ms",
                                     target_.beacon.server_name(), target_.beacon.address(),
                                     Describe(target_.max_hops), Milliseconds(round_trip));
  Finish();
}

void Probe::Passed(const char* step, std::string detail) {
  v1::LocationTestStep& one = result_.steps.emplace_back();
  one.set_name(step);
  one.set_passed(true);
  one.set_detail(std::move(detail));
}

void Probe::Fail(const char* step, absl::Status reason, bool suspicious) {
  // A kept connection may have ended since the last attempt, which says nothing about the beacon,
  // so the attempt is repeated on a new connection.
  if (std::exchange(reused_, false) && absl::IsUnavailable(reason)) {
    result_ = ProbeResult();
    questions_ = 0;
    if (absl::Status status = Connect(); status.ok()) return;
  }
  Disconnect();
  v1::LocationTestStep& one = result_.steps.emplace_back();
  one.set_name(step);
  one.set_detail(std::string(reason.message()));
  result_.status = std::move(reason);
  result_.suspicious = suspicious;
  Finish();
}

void Probe::Finish() {
  loop_.Cancel(deadline_);
  // `done` is called later, because the caller of this method may destroy the probe.
  deadline_ = loop_.RunAfter(EventLoop::Clock::duration::zero(), [this] {
    deadline_ = 0;
    const Done done = std::exchange(done_, nullptr);
    done(std::exchange(result_, ProbeResult()));
  });
}

void Probe::Disconnect() {
  if (socket_ >= 0) {
    loop_.Unwatch(socket_);
    ssl_.reset();
    input_.reset();
    close(std::exchange(socket_, -1));
  }
  connected_ = false;
  frames_ = BeaconFrames();
}

void Probe::SetDeadline(std::chrono::milliseconds after, const char* step, const char* reason) {
  loop_.Cancel(deadline_);
  deadline_ = loop_.RunAfter(after, [this, step, reason] {
    deadline_ = 0;
    Fail(step, absl::DeadlineExceededError(reason), false);
  });
}

}  // namespace firebreak::agent
