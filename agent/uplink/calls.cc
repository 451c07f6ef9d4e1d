#include "agent/uplink/calls.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "agent/identity/pinned_ca.h"
#include "agent/uplink/channel.h"
#include "base/openssl/openssl.h"
#include "base/status/status.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::agent {

absl::StatusOr<Enrolled> Enrol(const std::string& address, const Token& token,
                               const std::string& name, const std::string& key,
                               const Identity* proof, absl::Duration timeout) {
  ASSIGN_OR_RETURN(std::string ca, FetchPinnedCa(address, token.ca_fingerprint, timeout));
  ASSIGN_OR_RETURN(const KeyAndRequest own, MakeRequest(key));

  Identity caller;
  if (proof != nullptr && proof->IsOfFleet(token.ca_fingerprint)) caller = *proof;
  caller.ca = ca;
  const std::unique_ptr<v1::Enrolment::Stub> stub =
      v1::Enrolment::NewStub(OpenChannel(address, caller));
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
  v1::EnrolRequest request;
  request.set_token(EncodeToken(token));
  request.set_name(name);
  request.set_signing_request(own.signing_request);
  v1::EnrolResponse response;
  const grpc::Status status = stub->Enrol(&context, request, &response);
  Wipe(*request.mutable_token());
  if (!status.ok()) return ToAbsl(status);
  // The CA is the one that the token pinned, whatever the answer says.
  ASSIGN_OR_RETURN(Identity identity, MakeIdentity(own.key, response.certificate(), ca));
  identity.obtained = absl::Now();
  identity.token.assign(token.id.begin(), token.id.end());
  return Enrolled{.identity = std::move(identity),
                  .labels = {response.labels().begin(), response.labels().end()}};
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
  if (connected) return true;
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
