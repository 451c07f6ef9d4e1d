// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/calls.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "agent/uplink/channel.h"
#include "base/frame/frame.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"
#include "base/tls_client/tls_client.h"
#include "firebreak/v1/enrolment.pb.h"
#include "proto/endpoint/endpoint.h"
#include "proto/endpoint/enrolment.h"
#include "proto/text/make_text.h"

namespace firebreak::agent {

namespace {

// The certificate in the chain that the token pins; null: there is none.
X509* FindPinned(STACK_OF(X509) * chain, const std::array<uint8_t, 32>& fingerprint) {
  for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
    X509* const certificate = sk_X509_value(chain, i);
    std::array<uint8_t, 32> digest;
    unsigned int length = 0;
    if (X509_digest(certificate, EVP_sha256(), digest.data(), &length) == 1 &&
        length == digest.size() &&
        CRYPTO_memcmp(digest.data(), fingerprint.data(), digest.size()) == 0) {
      return certificate;
    }
  }
  return nullptr;
}

// The one answer to the one question of an enrolment.
absl::StatusOr<v1::EnrolAnswer> Ask(TlsClient& connection, const v1::EnrolRequest& request) {
  std::string message = request.SerializeAsString();
  std::string frame = Frame(message);
  const absl::Status written = connection.Write(frame);
  Wipe(message);
  Wipe(frame);
  RETURN_IF_ERROR(written);
  std::string received;
  while (true) {
    const auto bytes = connection.Read();
    if (!bytes.ok()) return absl::UnavailableError(bytes.status().message());
    received += *bytes;
    ASSIGN_OR_RETURN(const auto message_bytes, FirstInFrame(received, kMaxEnrolAnswerBytes));
    if (!message_bytes.has_value()) continue;
    v1::EnrolAnswer answer;
    if (!answer.ParseFromArray(message_bytes->data(), static_cast<int>(message_bytes->size()))) {
      return absl::DataLossError("the controller's answer cannot be read");
    }
    return answer;
  }
}

}  // namespace

absl::StatusOr<Enrolled> Enrol(const std::string& address, const Token& token,
                               const std::string& name, const std::string& key,
                               const Identity* proof, absl::Duration timeout) {
  ASSIGN_OR_RETURN(const KeyAndRequest own, MakeRequest(key));
  const bool proves = proof != nullptr && proof->IsOfFleet(token.ca_fingerprint);
  std::string ca;
  bool shows_ca = false;
  auto connection = TlsClient::Connect(
      address, {.alpn = kEnrolmentAlpn,
                .certificate = proves ? proof->certificate : "",
                .key = proves ? proof->key : "",
                .trusts =
                    [&](X509& certificate, STACK_OF(X509) * chain) {
                      X509* const pinned = FindPinned(chain, token.ca_fingerprint);
                      shows_ca = pinned != nullptr;
                      if (!shows_ca || !IsServer(certificate, *pinned, kControllerTlsName)) {
                        return false;
                      }
                      ca = Pem(*pinned);
                      return true;
                    },
                .timeout = timeout});
  if (absl::IsPermissionDenied(connection.status())) {
    return absl::PermissionDeniedError(absl::StrCat(
        address, " is not the controller that issued this token: ",
        shows_ca ? "its certificate is not one of the fleet's controller, or not in force by this "
                   "host's clock"
                 : "it does not show the CA with the token's fingerprint"));
  }
  if (!connection.ok()) return connection.status();
  v1::EnrolRequest request;
  request.set_token(EncodeToken(token));
  request.set_name(name);
  request.set_signing_request(own.signing_request);
  // The host's own name may be any bytes, and the controller is to say what is wrong with it.
  MakeText(request);
  const auto answer = Ask(**connection, request);
  Wipe(*request.mutable_token());
  if (!answer.ok()) return answer.status();
  if (!answer->has_enrolled()) {
    const auto code = static_cast<absl::StatusCode>(answer->refused().code());
    return absl::Status(code == absl::StatusCode::kOk ? absl::StatusCode::kUnknown : code,
                        answer->refused().message());
  }
  const v1::EnrolResponse& enrolled = answer->enrolled();
  // The CA is the one that the token pinned, whatever the answer says.
  ASSIGN_OR_RETURN(Identity identity, MakeIdentity(own.key, enrolled.certificate(), ca));
  identity.obtained = absl::Now();
  identity.token.assign(token.id.begin(), token.id.end());
  return Enrolled{.identity = std::move(identity),
                  .labels = {enrolled.labels().begin(), enrolled.labels().end()}};
}

absl::StatusOr<std::unique_ptr<Renewal>> StartRenewal(
    const std::string& address, const Identity& identity, absl::Duration timeout, EventLoop& loop,
    std::function<void(absl::StatusOr<Identity>)> done) {
  ASSIGN_OR_RETURN(KeyAndRequest made, MakeKeyAndRequest());
  auto own = std::make_shared<KeyAndRequest>(std::move(made));
  v1::RenewRequest request;
  request.set_signing_request(own->signing_request);
  return std::make_unique<Renewal>(
      address, identity, timeout, std::move(request),
      [](auto& stub, auto& context, auto& message, auto& response, auto finished) {
        stub.async()->Renew(&context, &message, &response, std::move(finished));
      },
      loop,
      [own, ca = identity.ca, token = identity.token, done = std::move(done)](
          const grpc::Status& status, const v1::EnrolResponse& response) {
        if (!status.ok()) return done(ToAbsl(status));
        absl::StatusOr<Identity> renewed = MakeIdentity(own->key, response.certificate(), ca);
        if (renewed.ok()) {
          renewed->obtained = absl::Now();
          renewed->token = token;
        }
        done(std::move(renewed));
      });
}

namespace {

// Says so only of what has passed through the line in both directions.
bool CameThrough(const grpc::Status& status, bool connected) {
  switch (status.error_code()) {
    // Only the controller itself says these.
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::UNIMPLEMENTED: return true;
    default: break;
  }
  // TLS with the controller's certificate stands, and only the answer is missing.
  if (connected || ClosedByPeer(ToAbsl(status))) return true;
  // The controller's host says that nothing listens there, as it does while the controller starts.
  return absl::StrContains(status.error_message(), "Connection refused");
}

}  // namespace

std::unique_ptr<ReachCall> StartReach(const std::string& address, const Identity& identity,
                                      uint64_t revision, absl::Duration timeout, EventLoop& loop,
                                      std::function<void(const ReachAnswer&)> done) {
  v1::ReachRequest request;
  request.set_revision(revision);
  const auto self = std::make_shared<ReachCall*>();  // which lives when its end is told
  auto call = std::make_unique<ReachCall>(
      address, identity, timeout, std::move(request),
      [](auto& stub, auto& context, auto& message, auto& response, auto finished) {
        stub.async()->Reach(&context, &message, &response, std::move(finished));
      },
      loop,
      [self, done = std::move(done)](const grpc::Status& status,
                                     const v1::ReachResponse& response) {
        ReachAnswer answer = {.status = ToAbsl(status)};
        if (!status.ok()) {
          answer.open = CameThrough(status, (*self)->connected());
        } else if (response.retry_after_millis() > 0) {
          const auto millis =
              std::min<int64_t>(response.retry_after_millis(), kMaxReachRetryMillis);
          answer = {.status = absl::UnavailableError("the controller is busy, and has heard this "
                                                     "host"),
                    .open = true,
                    .retry_after = absl::Milliseconds(millis)};
        }
        done(answer);
      });
  *self = call.get();
  return call;
}

}  // namespace firebreak::agent
