// SPDX-License-Identifier: Apache-2.0
#include "agent/uplink/channel.h"

#include "absl/strings/match.h"
#include "base/openssl/openssl.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::agent {

std::shared_ptr<grpc::Channel> OpenChannel(const std::string& address, const Identity& identity) {
  grpc::SslCredentialsOptions credentials;
  credentials.pem_root_certs = identity.ca;
  credentials.pem_private_key = identity.key;
  credentials.pem_cert_chain = identity.certificate;
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(kControllerTlsName);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMillis);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMillis);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  // An HTTP proxy in the environment is not the way to the controller.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  std::shared_ptr<grpc::Channel> channel =
      grpc::CreateCustomChannel(address, grpc::SslCredentials(credentials), arguments);
  Wipe(credentials.pem_private_key);
  return channel;
}

absl::Status ToAbsl(const grpc::Status& status) {
  // The two libraries number their codes alike.
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
}

bool ClosedByPeer(const absl::Status& status) {
  if (!absl::IsUnavailable(status)) return false;
  // gRPC 1.51 words these failures so.
  for (const char* text :
       {"Socket closed", "Endpoint read failed", "Connection reset by peer", "Broken pipe"}) {
    if (absl::StrContains(status.message(), text)) return true;
  }
  return false;
}

}  // namespace firebreak::agent
