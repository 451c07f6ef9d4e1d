// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/refusal.h"

#include <utility>

#include "base/status/status.h"
#include "base/tls_client/tls_client.h"
#include "proto/endpoint/endpoint.h"
#include "proto/endpoint/enrolment.h"
#include "proto/endpoint/standing.h"

namespace firebreak::agent {

absl::Status AskWhetherRefused(const std::string& address, const Identity& identity,
                               absl::Duration timeout) {
  const CertificatePtr authority = ReadCertificate(identity.ca);
  if (authority == nullptr) return absl::InvalidArgumentError("the fleet's CA cannot be read");
  ASSIGN_OR_RETURN(const auto connection,
                   TlsClient::Connect(address, {.alpn = kHttp2Alpn,
                                                .certificate = identity.certificate,
                                                .key = identity.key,
                                                .trusts =
                                                    [&](X509& certificate, STACK_OF(X509)*) {
                                                      return IsServer(certificate, *authority,
                                                                      kControllerTlsName);
                                                    },
                                                .timeout = timeout}));
  // HTTP/2's server speaks first to whom it lets in.
  const auto said = connection->Read();
  if (said.ok()) return absl::OkStatus();
  const auto alert = connection->alert();
  const auto standing = alert.has_value() ? StandingByAlert(*alert) : std::nullopt;
  if (!standing.has_value()) return said.status();
  return absl::UnauthenticatedError(WhyRefused(*standing, identity.name));
}

RefusalQuestion::RefusalQuestion(const std::string& address, const Identity& identity,
                                 EventLoop& loop, std::function<void(absl::Status)> done)
    : done_(std::make_shared<std::function<void(absl::Status)>>(std::move(done))),
      thread_([done = done_, address, identity, &loop] {
        absl::Status status = AskWhetherRefused(address, identity, kTimeout);
        loop.Post([done, status = std::move(status)] {
          if (const auto answered = std::exchange(*done, nullptr)) answered(status);
        });
      }) {}

RefusalQuestion::~RefusalQuestion() {
  *done_ = nullptr;
  thread_.join();
}

}  // namespace firebreak::agent
