// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_TESTING_RUNNING_CONTROLLER_H_
#define FIREBREAK_CONTROLLER_TESTING_RUNNING_CONTROLLER_H_

#include <grpcpp/channel.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/tls_client/tls_client.h"
#include "controller/controller.h"
#include "controller/pki/key.h"
#include "firebreak/v1/admin.grpc.pb.h"
#include "firebreak/v1/fleet.grpc.pb.h"

namespace firebreak::controller {

// For tests: what a client shows of itself. Empty: nothing.
struct ClientIdentity {
  std::string certificate;
  std::string key;
};

// For tests: a real controller in a directory of its own, which goes with it, and clients over
// real TLS.
class RunningController {
 public:
  explicit RunningController(absl::Duration host_certificate_lifetime = absl::Hours(1));
  ~RunningController();

  void Stop() { controller_.reset(); }
  void Start();

  // A connection of its own, not shared with other channels.
  std::shared_ptr<grpc::Channel> Dial(const ClientIdentity& identity) const;
  std::shared_ptr<grpc::Channel> DialAsAdmin() const { return Dial(admin_); }

  // TLS alone, without a look at who answers.
  absl::StatusOr<std::unique_ptr<TlsClient>> OpenTls(absl::string_view alpn,
                                                     const ClientIdentity& identity) const;

  v1::Admin::Stub& admin() { return *admin_stub_; }
  // Insist on success.
  uint64_t Apply(const std::string& yaml);
  std::string Token(const std::map<std::string, std::string>& labels, uint32_t uses = 1);
  v1::Host Host(const std::string& name);

  int port() const { return controller_->port(); }
  const std::string& directory() const { return directory_; }
  const ClientIdentity& admin_identity() const { return admin_; }

  // "actor|action|detail" of each row of the audit trail; the controller must have been stopped.
  std::vector<std::string> Audit() const;

 private:
  const absl::Duration host_certificate_lifetime_;
  std::string directory_;
  std::unique_ptr<Controller> controller_;
  std::string ca_;
  ClientIdentity admin_;
  std::unique_ptr<v1::Admin::Stub> admin_stub_;
};

// A signing request for `key`, PKCS #10 in DER.
std::string SigningRequest(const KeyPtr& key);

// For tests: one host's stream.
class AgentStream {
 public:
  // Says hello.
  AgentStream(std::shared_ptr<grpc::Channel> channel, const v1::Hello& hello);
  ~AgentStream();

  // Waits for the next message; nothing once the stream has ended.
  std::optional<v1::ControllerMessage> Read();
  // Waits for the next push; a test that expects none sends something that is answered.
  v1::Push ReadPush();
  bool Send(const v1::AgentMessage& message) { return stream_->Write(message); }
  // The receipt for `push`.
  void Acknowledge(const v1::Push& push);
  void Refuse(const v1::Push& push, v1::Refusal::Kind kind);
  grpc::Status Finish() { return stream_->Finish(); }

 private:
  std::unique_ptr<v1::Fleet::Stub> stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::AgentMessage, v1::ControllerMessage>> stream_;
};

// For tests: a host with a key of its own.
class TestHost {
 public:
  TestHost(RunningController& controller, std::string name);

  // Shows the certificate that it has, if it has one.
  absl::Status Enrol(const std::string& token);
  grpc::Status Renew();
  std::unique_ptr<AgentStream> Connect(const v1::Hello& hello = {});
  grpc::Status Reach();
  const ClientIdentity& identity() const { return identity_; }

 private:
  RunningController& controller_;
  const std::string name_;
  const KeyPtr key_;
  ClientIdentity identity_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_TESTING_RUNNING_CONTROLLER_H_
