// SPDX-License-Identifier: Apache-2.0
#include "cli/connection/connection.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "cli/connection/test_fleet.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace firebreak::cli {
namespace {

using testing::HasSubstr;

class VersionService : public v1::Admin::Service {
  grpc::Status GetVersion(grpc::ServerContext* call, const v1::GetVersionRequest*,
                          v1::GetVersionResponse* response) override {
    const auto identity = call->auth_context()->GetPeerIdentity();
    response->set_version(identity.empty() ? "" : std::string(identity[0].data()));
    return grpc::Status::OK;
  }
};

// Returns the status of a first request.
absl::Status Try(Context context) {
  ASSIGN_OR_RETURN(const auto connection, Connection::Open(std::move(context)));
  return connection->Call(&v1::Admin::Stub::GetVersion, v1::GetVersionRequest()).status();
}

TEST(Connection, IsMutuallyAuthenticated) {
  VersionService service;
  TestFleet fleet;
  fleet.Serve(service);
  auto connection = Connection::Open(fleet.AdminContext());
  ASSERT_TRUE(connection.ok()) << connection.status();
  const auto response = (*connection)->Call(&v1::Admin::Stub::GetVersion, v1::GetVersionRequest());
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(response->version(), HasSubstr("firebreak://admin/test"));
}

TEST(Connection, AControllerOfAnotherFleetIsNotTrusted) {
  VersionService service;
  TestFleet fleet;
  TestFleet other;
  other.Serve(service);
  const absl::Status status = Try(fleet.AdminContext(other.address()));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("certificate verify failed"));
  EXPECT_THAT(std::string(status.message()), HasSubstr(other.address()));
}

TEST(Connection, AHostCannotPassForTheController) {
  VersionService service;
  TestFleet fleet("web-1");
  fleet.Serve(service);
  EXPECT_EQ(Try(fleet.AdminContext()).code(), absl::StatusCode::kUnavailable);
}

TEST(Connection, ACertificateOfAnotherFleetIsRefusedByTheController) {
  VersionService service;
  TestFleet fleet;
  TestFleet other;
  fleet.Serve(service);
  Context context = fleet.AdminContext();
  Context foreign = other.AdminContext("x");
  context.certificate = foreign.certificate;
  context.key = foreign.key;
  const absl::Status status = Try(std::move(context));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr(fleet.address()));
}

TEST(Connection, AClosedPortIsSaidAtOnce) {
  TestFleet fleet;
  const absl::Time start = absl::Now();
  const absl::Status status = Try(fleet.AdminContext("127.0.0.1:1"));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("Connection refused"));
  EXPECT_LT(absl::Now() - start, absl::Seconds(4));
}

TEST(Connection, APortThatNeverAnswersIsGivenUp) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  socklen_t size = sizeof(address);
  ASSERT_EQ(getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size), 0);
  TestFleet fleet;
  const absl::Time start = absl::Now();
  const absl::Status status =
      Try(fleet.AdminContext(absl::StrCat("127.0.0.1:", ntohs(address.sin_port))));
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_LT(absl::Now() - start, absl::Seconds(15));
  close(listener);
}

}  // namespace
}  // namespace firebreak::cli
