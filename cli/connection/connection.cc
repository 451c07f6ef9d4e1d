// SPDX-License-Identifier: Apache-2.0
#include "cli/connection/connection.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/openssl/openssl.h"
#include "cli/connection/failure.h"
#include "cli/connection/handshake_log.h"
#include "proto/endpoint/endpoint.h"

namespace firebreak::cli {
namespace {

// The list of a million hosts fits.
constexpr int kMostAnswerBytes = 256 << 20;

std::shared_ptr<grpc::Channel> MakeChannel(const Context& context, int connect_millis) {
  grpc::SslCredentialsOptions credentials;
  credentials.pem_root_certs = context.ca;
  credentials.pem_private_key = context.key;
  credentials.pem_cert_chain = context.certificate;
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(kControllerTlsName);
  arguments.SetMaxReceiveMessageSize(kMostAnswerBytes);
  arguments.SetMaxSendMessageSize(kMaxMessageBytes);
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  // gRPC uses this also as the limit for a single attempt to connect.
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, connect_millis);
  // Proxies in the environment are meant for the web, so they are not used.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  auto channel =
      grpc::CreateCustomChannel(context.controller, grpc::SslCredentials(credentials), arguments);
  Wipe(credentials.pem_private_key);
  return channel;
}

}  // namespace

Connection::Connection(std::string address, std::shared_ptr<grpc::Channel> channel)
    : address_(std::move(address)),
      channel_(std::move(channel)),
      stub_(v1::Admin::NewStub(channel_)) {}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(Context context) {
  RecordHandshakes();
  std::unique_ptr<Connection> connection(new Connection(
      context.controller,
      MakeChannel(context, static_cast<int>(absl::ToInt64Milliseconds(kConnectTimeout)))));
  grpc::Channel& channel = *connection->channel_;
  const auto deadline = absl::ToChronoTime(absl::Now() + kConnectTimeout);
  grpc_connectivity_state state = channel.GetState(/*try_to_connect=*/true);
  while (state != GRPC_CHANNEL_READY) {
    // The next call will fail at once and say why.
    if (state == GRPC_CHANNEL_TRANSIENT_FAILURE) break;
    if (!channel.WaitForStateChange(state, deadline)) {
      return connection->Failure(
          {grpc::StatusCode::UNAVAILABLE,
           absl::StrCat("no connection within ", absl::FormatDuration(kConnectTimeout))});
    }
    state = channel.GetState(true);
  }
  connection->reached_ = state == GRPC_CHANNEL_READY;
  return connection;
}

absl::Status Connection::Failure(const grpc::Status& status) const {
  const bool answered = answers();
  const std::string handshake = answered ? "" : LastHandshakeError();
  if (status.error_code() != grpc::StatusCode::UNAVAILABLE || handshake.empty()) {
    return FailureOf(status, address_, answered);
  }
  return FailureOf({status.error_code(), absl::StrCat("TLS: ", handshake)}, address_, answered);
}

}  // namespace firebreak::cli
