// SPDX-License-Identifier: Apache-2.0
#include "controller/testing/running_controller.h"

#include <gmock/gmock.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/frame/frame.h"
#include "base/status/status.h"
#include "firebreak/v1/enrolment.pb.h"
#include "proto/endpoint/endpoint.h"
#include "proto/endpoint/enrolment.h"

namespace firebreak::controller {
namespace {

void SetDeadline(grpc::ClientContext& context) {
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(20)));
}

}  // namespace

RunningController::RunningController(absl::Duration host_certificate_lifetime)
    : host_certificate_lifetime_(host_certificate_lifetime) {
  PrepareProcess();
  std::string pattern = testing::TempDir() + "/controllerXXXXXX";
  directory_ = mkdtemp(pattern.data());
  Start();
}

RunningController::~RunningController() {
  admin_stub_.reset();
  controller_.reset();
  std::filesystem::remove_all(directory_);
}

void RunningController::Start() {
  auto started = Controller::Start({.data_dir = directory_,
                                    .listen = "127.0.0.1:0",
                                    .host_certificate_lifetime = host_certificate_lifetime_});
  ASSERT_TRUE(started.ok()) << started.status();
  controller_ = *std::move(started);
  const YAML::Node context = YAML::LoadFile(controller_->AdminContextPath());
  ASSERT_EQ(context["controller"].as<std::string>(), absl::StrCat("127.0.0.1:", port()));
  ca_ = context["ca"].as<std::string>();
  admin_ = {context["certificate"].as<std::string>(), context["key"].as<std::string>()};
  admin_stub_ = v1::Admin::NewStub(DialAsAdmin());
}

std::shared_ptr<grpc::Channel> RunningController::Dial(const ClientIdentity& identity) const {
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride(kControllerTlsName);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", port()),
                                   grpc::SslCredentials({.pem_root_certs = ca_,
                                                         .pem_private_key = identity.key,
                                                         .pem_cert_chain = identity.certificate}),
                                   arguments);
}

uint64_t RunningController::Apply(const std::string& yaml) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::ApplyRequest request;
  request.add_files()->set_name("test.yaml");
  request.mutable_files(0)->set_text(yaml);
  v1::ApplyResponse response;
  const grpc::Status status = admin().Apply(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.revision();
}

std::string RunningController::Token(const std::map<std::string, std::string>& labels,
                                     uint32_t uses) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::CreateTokenRequest request;
  request.set_ttl_seconds(600);
  request.set_uses(uses);
  request.mutable_labels()->insert(labels.begin(), labels.end());
  v1::CreateTokenResponse response;
  const grpc::Status status = admin().CreateToken(&context, request, &response);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return response.token();
}

v1::Host RunningController::Host(const std::string& name) {
  grpc::ClientContext context;
  SetDeadline(context);
  v1::GetHostRequest request;
  request.set_name(name);
  v1::Host host;
  const grpc::Status status = admin().GetHost(&context, request, &host);
  EXPECT_TRUE(status.ok()) << status.error_message();
  return host;
}

std::vector<std::string> RunningController::Audit() const {
  std::vector<std::string> rows;
  auto database = Database::Open(directory_ + "/firebreak.db");
  EXPECT_TRUE(database.ok()) << database.status();
  const absl::Status status = (*database)->Transact("read", [&](Connection& connection) {
    return connection.Query(
        "SELECT actor, action, detail FROM audit ORDER BY seq", {}, [&](const Row& row) {
          rows.push_back(absl::StrCat(row.Bytes(0), "|", row.Bytes(1), "|", row.Bytes(2)));
          return absl::OkStatus();
        });
  });
  EXPECT_TRUE(status.ok()) << status;
  return rows;
}

std::string SigningRequest(const KeyPtr& key) {
  const RequestPtr request(X509_REQ_new());
  X509_REQ_set_pubkey(request.get(), key.get());
  X509_REQ_sign(request.get(), key.get(), EVP_sha256());
  unsigned char* der = nullptr;
  const int size = i2d_X509_REQ(request.get(), &der);
  std::string bytes(reinterpret_cast<char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return bytes;
}

AgentStream::AgentStream(std::shared_ptr<grpc::Channel> channel, const v1::Hello& hello)
    : stub_(v1::Fleet::NewStub(std::move(channel))) {
  SetDeadline(context_);
  stream_ = stub_->Connect(&context_);
  v1::AgentMessage message;
  *message.mutable_hello() = hello;
  stream_->Write(message);
}

AgentStream::~AgentStream() { context_.TryCancel(); }

std::optional<v1::ControllerMessage> AgentStream::Read() {
  v1::ControllerMessage message;
  if (!stream_->Read(&message)) return std::nullopt;
  return message;
}

v1::Push AgentStream::ReadPush() {
  const auto message = Read();
  EXPECT_TRUE(message.has_value() && message->has_push());
  return message.has_value() ? message->push() : v1::Push();
}

void AgentStream::Acknowledge(const v1::Push& push) {
  v1::AgentMessage message;
  message.mutable_receipt()->set_revision(push.revision());
  message.mutable_receipt()->set_policy_digest(push.policy_digest());
  Send(message);
}

void AgentStream::Refuse(const v1::Push& push, v1::Refusal::Kind kind) {
  v1::AgentMessage message;
  v1::Refusal& refusal = *message.mutable_refusal();
  refusal.set_revision(push.revision());
  refusal.set_policy_digest(push.policy_digest());
  refusal.set_kind(kind);
  refusal.set_reason("the kernel said no");
  Send(message);
}

TestHost::TestHost(RunningController& controller, std::string name)
    : controller_(controller), name_(std::move(name)), key_(*MakeKey()) {
  identity_.key = std::string(PrivateKeyPem(key_.get())->view());
}

absl::StatusOr<std::unique_ptr<TlsClient>> RunningController::OpenTls(
    absl::string_view alpn, const ClientIdentity& identity) const {
  return TlsClient::Connect(absl::StrCat("127.0.0.1:", port()),
                            {.alpn = alpn,
                             .certificate = identity.certificate,
                             .key = identity.key,
                             .trusts = [](X509&, STACK_OF(X509)*) { return true; },
                             .timeout = absl::Seconds(20)});
}

absl::Status TestHost::Enrol(const std::string& token) {
  ASSIGN_OR_RETURN(const auto connection,
                   controller_.OpenTls(kEnrolmentAlpn, {identity_.certificate, identity_.key}));
  v1::EnrolRequest request;
  request.set_token(token);
  request.set_name(name_);
  request.set_signing_request(SigningRequest(key_));
  RETURN_IF_ERROR(connection->Write(Frame(request.SerializeAsString())));
  std::string received;
  while (true) {
    ASSIGN_OR_RETURN(const std::string bytes, connection->Read());
    received += bytes;
    ASSIGN_OR_RETURN(const auto message, FirstInFrame(received, kMaxEnrolAnswerBytes));
    if (!message.has_value()) continue;
    v1::EnrolAnswer answer;
    if (!answer.ParseFromArray(message->data(), static_cast<int>(message->size()))) {
      return absl::DataLossError("the answer cannot be read");
    }
    if (answer.has_refused()) {
      return absl::Status(static_cast<absl::StatusCode>(answer.refused().code()),
                          answer.refused().message());
    }
    identity_.certificate = answer.enrolled().certificate();
    return absl::OkStatus();
  }
}

grpc::Status TestHost::Renew() {
  const auto stub = v1::Enrolment::NewStub(controller_.Dial(identity_));
  grpc::ClientContext context;
  SetDeadline(context);
  v1::RenewRequest request;
  request.set_signing_request(SigningRequest(key_));
  v1::EnrolResponse response;
  grpc::Status status = stub->Renew(&context, request, &response);
  if (status.ok()) identity_.certificate = response.certificate();
  return status;
}

std::unique_ptr<AgentStream> TestHost::Connect(const v1::Hello& hello) {
  return std::make_unique<AgentStream>(controller_.Dial(identity_), hello);
}

grpc::Status TestHost::Reach() {
  const auto stub = v1::Fleet::NewStub(controller_.Dial(identity_));
  grpc::ClientContext context;
  SetDeadline(context);
  v1::ReachResponse response;
  return stub->Reach(&context, {}, &response);
}

}  // namespace firebreak::controller
