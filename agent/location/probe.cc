// SPDX-License-Identifier: Apache-2.0
#include "agent/location/probe.h"

#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "agent/location/beacon_socket.h"
#include "agent/location/beacon_tls.h"
#include "agent/location/statement.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

using Clock = EventLoop::Clock;

// A probe waits at least this long for an answer, so that an answer beyond the allowed round trip
// can be reported as late.
constexpr auto kLeastPatience = std::chrono::milliseconds(500);

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
  finished_ = false;
  reused_ = connected_;
  if (!connected_) {
    if (absl::Status status = Connect(); !status.ok()) Fail("connect", status, false);
    return;
  }
  // The certificate may have expired since the handshake.
  if (absl::Status status = CheckBeaconCertificate(ssl_.get()); !status.ok()) {
    return Fail("certificate", status, true);
  }
  AskQuestion();
}

absl::Status Probe::Connect() {
  Disconnect();
  ASSIGN_OR_RETURN(Descriptor connecting,
                   ConnectToBeacon(target_.beacon.address(), target_.interface_name,
                                   target_.interface_index, target_.max_hops));
  socket_.emplace(std::move(connecting));
  // The socket becomes writable when it is connected, and readable and writable when connecting has
  // failed.
  loop_.Watch(socket_->get(), [] {});
  loop_.WatchWritable(socket_->get(), [this] { OnConnected(); });
  SetDeadline(target_.max_round_trip + kConnect, "connect",
              "no answer: it is not there, not reached through this interface, or behind more "
              "routers than max_hops allows");
  return absl::OkStatus();
}

void Probe::OnConnected() {
  loop_.WatchWritable(socket_->get(), nullptr);
  int error = 0;
  socklen_t length = sizeof error;
  getsockopt(socket_->get(), SOL_SOCKET, SO_ERROR, &error, &length);
  if (error != 0) return Fail("connect", absl::ErrnoToStatus(error, "connect"), false);

  sockaddr_storage own = {};
  length = sizeof own;
  getsockname(socket_->get(), reinterpret_cast<sockaddr*>(&own), &length);
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

  const SslContextPtr context = MakeBeaconContext(target_.beacon.ca());
  if (context != nullptr) ssl_.reset(SSL_new(context.get()));
  if (ssl_ == nullptr ||
      SSL_set_tlsext_host_name(ssl_.get(), target_.beacon.server_name().c_str()) != 1 ||
      SSL_set1_host(ssl_.get(), target_.beacon.server_name().c_str()) != 1) {
    return Fail("certificate", OpensslError("use the location's CA"), false);
  }
  portions_.emplace(ssl_.get(), socket_->get());
  paid_ = 0;
  SSL_set_hostflags(ssl_.get(), X509_CHECK_FLAG_NO_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  loop_.Watch(socket_->get(), [this] {
    portions_->Allow(kPortion);
    OnHandshake();
    CheckReceived();
  });
  SetDeadline(kHandshake, "handshake", "the handshake did not finish in time");
  OnHandshake();
}

void Probe::CheckReceived() {
  if (!portions_.has_value() || portions_->received() - paid_ <= kMaxBytes) return;
  if (waits()) {
    Fail("answer", absl::DataLossError("the beacon sent more than an answer"), true);
  } else {
    Disconnect();
  }
}

void Probe::OnHandshake() {
  ERR_clear_error();
  const int result = SSL_connect(ssl_.get());
  if (result != 1) {
    const int error = SSL_get_error(ssl_.get(), result);
    if (error == SSL_ERROR_WANT_READ) return;
    if (portions_->ended()) {
      ERR_clear_error();
      return Fail("answer", absl::UnavailableError("the beacon has ended the connection"), false);
    }
    const long verified = SSL_get_verify_result(ssl_.get());
    if (verified != X509_V_OK) {
      ERR_clear_error();
      return Fail(
          "certificate",
          absl::PermissionDeniedError(absl::StrCat("the beacon's certificate is not valid: ",
                                                   X509_verify_cert_error_string(verified))),
          true);
    }
    return Fail("handshake", OpensslError("the TLS 1.3 handshake failed"), true);
  }
  if (absl::Status status = CheckBeaconCertificate(ssl_.get()); !status.ok()) {
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
  paid_ = portions_->received();
  loop_.Watch(socket_->get(), [this] {
    portions_->Allow(kPortion);
    OnReadable();
    CheckReceived();
  });
  AskQuestion();
  // The beacon may have sent something right after its handshake.
  if (connected_) OnReadable();
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
  bool ended = false;
  while (true) {
    char bytes[kMaxBeaconMessage];
    ERR_clear_error();
    const int read = SSL_read(ssl_.get(), bytes, sizeof bytes);
    if (read <= 0) {
      ended = SSL_get_error(ssl_.get(), read) != SSL_ERROR_WANT_READ;
      ERR_clear_error();
      break;
    }
    frames_.Add({bytes, static_cast<size_t>(read)});
  }
  if (frames_.Broken()) {
    if (!waits()) return Disconnect();
    return Fail("answer", absl::DataLossError("the beacon sent something that is not an answer"),
                true);
  }
  // A beacon that stops may end the connection right behind its answer.
  if (const std::optional<std::string> message = frames_.Next()) {
    if (!waits()) return Disconnect();  // a message without a question
    paid_ = portions_->received();
    return OnAnswer(*message);
  }
  if (!ended) return;
  // If no question is open, the end of the connection is not an error; the next question makes a
  // new connection.
  if (!waits()) return Disconnect();
  Fail("answer", absl::UnavailableError("the beacon has ended the connection"), false);
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
  finished_ = true;
  // `done` is called later, because the caller of this method may destroy the probe.
  deadline_ = loop_.RunAfter(EventLoop::Clock::duration::zero(), [this] {
    deadline_ = 0;
    const Done done = std::exchange(done_, nullptr);
    done(std::exchange(result_, ProbeResult()));
  });
}

void Probe::Disconnect() {
  if (socket_.has_value()) {
    loop_.Unwatch(socket_->get());
    ssl_.reset();
    portions_.reset();
    socket_.reset();
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
