// SPDX-License-Identifier: Apache-2.0

// Who is let in, over real TLS, by a real controller, and what the audit trail says of it.

#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/frame/frame.h"
#include "controller/identity/connections.h"
#include "controller/pki/authority.h"
#include "controller/pki/certificate.h"
#include "controller/pki/fleet_files.h"
#include "controller/store/audit.h"
#include "controller/store/database.h"
#include "controller/testing/running_controller.h"
#include "proto/endpoint/endpoint.h"
#include "proto/endpoint/enrolment.h"
#include "proto/endpoint/standing.h"

namespace firebreak::controller {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;

class AdmissionTest : public testing::Test {
 protected:
  AdmissionTest() : host_(controller_, "web1") {
    const absl::Status status = host_.Enrol(controller_.Token({}));
    EXPECT_TRUE(status.ok()) << status;
  }

  // The status of Admin.GetVersion, called as `identity`.
  grpc::Status GetVersion(const ClientIdentity& identity) {
    const auto stub = v1::Admin::NewStub(controller_.Dial(identity));
    grpc::ClientContext context;
    v1::GetVersionResponse response;
    return stub->GetVersion(&context, {}, &response);
  }
  // The status of any unary method without fields in its request.
  grpc::Status Call(const ClientIdentity& identity, const std::string& method) {
    grpc::GenericStub stub(controller_.Dial(identity));
    grpc::ClientContext context;
    const grpc::ByteBuffer request{nullptr, 0};
    grpc::ByteBuffer response;
    std::promise<grpc::Status> done;
    stub.UnaryCall(&context, method, {}, &request, &response,
                   [&](grpc::Status status) { done.set_value(std::move(status)); });
    return done.get_future().get();
  }
  ClientIdentity Forged(const std::string& uri, const Authority& authority, absl::Duration lifetime,
                        absl::Time now) {
    const KeyPtr key = *MakeKey();
    return {authority.IssueClient(uri, key.get(), lifetime, now)->pem,
            std::string(PrivateKeyPem(key.get())->view())};
  }
  // How the controller answers a handshake for `alpn`: the alert; 0: it lets the client in; none:
  // neither.
  std::optional<int> Alert(absl::string_view alpn, const ClientIdentity& identity) {
    const auto connection = controller_.OpenTls(alpn, identity);
    if (!connection.ok()) return std::nullopt;
    if ((*connection)->Read().ok()) return 0;
    return (*connection)->alert();
  }
  // Whether a TLS handshake is completed, from the client's view, with these ALPN names as they are
  // on the wire, and with at most `version`.
  bool Handshake(int version, const std::string& alpn) {
    const SslContextPtr context(SSL_CTX_new(TLS_client_method()));
    SSL_CTX_set_max_proto_version(context.get(), version);
    SSL_CTX_set_alpn_protos(context.get(), reinterpret_cast<const unsigned char*>(alpn.data()),
                            static_cast<unsigned int>(alpn.size()));
    const int connection = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {.sin_family = AF_INET,
                           .sin_port = htons(static_cast<uint16_t>(controller_.port())),
                           .sin_addr = {htonl(INADDR_LOOPBACK)}};
    EXPECT_EQ(connect(connection, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);
    const SslPtr ssl(SSL_new(context.get()));
    SSL_set_fd(ssl.get(), connection);
    const bool done = SSL_connect(ssl.get()) == 1;
    close(connection);
    return done;
  }
  std::vector<std::string> AuditAfterStop() {
    controller_.Stop();
    return controller_.Audit();
  }

  RunningController controller_;
  TestHost host_;
};

TEST_F(AdmissionTest, AnAdministratorAndAHostAreLetIn) {
  EXPECT_TRUE(GetVersion(controller_.admin_identity()).ok());
  EXPECT_TRUE(host_.Reach().ok());
}

TEST_F(AdmissionTest, NobodyWithoutACertificate) {
  EXPECT_EQ(GetVersion({}).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Alert(kHttp2Alpn, {}), SSL_AD_CERTIFICATE_REQUIRED);
  EXPECT_THAT(AuditAfterStop(),
              Contains(StartsWith("|connect|no client certificate was presented")));
}

TEST_F(AdmissionTest, NobodyWhoWantsAnythingElse) {
  for (const std::string& alpn : {std::string(), std::string("\x08http/1.1"), std::string("\x02h3"),
                                  std::string("\x10"
                                              "firebreak-enrol/")}) {
    EXPECT_FALSE(Handshake(TLS1_3_VERSION, alpn)) << alpn;
  }
  EXPECT_TRUE(Handshake(TLS1_3_VERSION, std::string("\x08http/1.1\x02h2")));
  EXPECT_TRUE(Handshake(TLS1_3_VERSION, std::string("\x11") + kEnrolmentAlpn));
}

TEST_F(AdmissionTest, AnEnrolmentThatIsNoneEnds) {
  for (const std::string& bytes : {std::string("\0\0\0\1\xff", 5), std::string("\xff\xff\xff\xff"),
                                   Frame(v1::EnrolRequest().SerializeAsString()) + "more"}) {
    const auto connection = controller_.OpenTls(kEnrolmentAlpn, {});
    ASSERT_TRUE(connection.ok()) << connection.status();
    ASSERT_TRUE((*connection)->Write(bytes).ok());
    const auto answer = (*connection)->Read();
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_TRUE(absl::IsOutOfRange((*connection)->Read().status())) << "it has been ended";
  }
  EXPECT_TRUE(TestHost(controller_, "web2").Enrol(controller_.Token({})).ok());
}

TEST_F(AdmissionTest, AnEnrolmentsRequestIsShort) {
  const std::string token(16 << 10, 'x');
  EXPECT_TRUE(absl::IsResourceExhausted(TestHost(controller_, "web2").Enrol(token)));
}

TEST_F(AdmissionTest, NoHostAsAnAdministratorNorTheOtherWayRound) {
  EXPECT_EQ(GetVersion(host_.identity()).error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Call(controller_.admin_identity(), "/firebreak.v1.Fleet/Reach").error_code(),
            grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(AuditAfterStop(), Contains(StartsWith("host/web1|get version|only an admin")));
}

TEST_F(AdmissionTest, NoCertificateOfAnotherFleet) {
  const Authority other = *Authority::Make(absl::Now());
  for (const char* uri : {"firebreak://admin/admin", "firebreak://host/web1"}) {
    const ClientIdentity forged = Forged(uri, other, absl::Hours(1), absl::Now());
    EXPECT_EQ(GetVersion(forged).error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_EQ(Alert(kHttp2Alpn, forged), SSL_AD_UNKNOWN_CA);
  }
  EXPECT_THAT(AuditAfterStop(), Contains(HasSubstr("unknown CA")));
}

TEST_F(AdmissionTest, NoExpiredCertificateNorOneThatWasNotGivenToTheHost) {
  controller_.Stop();
  const Authority authority =
      *LoadOrMakeAuthority(*DataDirectory::Open(controller_.directory()), absl::Now());
  controller_.Start();
  const ClientIdentity expired =
      Forged("firebreak://admin/admin", authority, absl::Minutes(1), absl::Now() - absl::Hours(1));
  EXPECT_EQ(Alert(kHttp2Alpn, expired), SSL_AD_CERTIFICATE_EXPIRED);
  const ClientIdentity unknown =
      Forged("firebreak://host/web1", authority, absl::Hours(1), absl::Now());
  EXPECT_EQ(StandingByAlert(Alert(kHttp2Alpn, unknown).value_or(0)), Standing::kSuperseded);
  const ClientIdentity stranger =
      Forged("firebreak://host/web9", authority, absl::Hours(1), absl::Now());
  EXPECT_EQ(StandingByAlert(Alert(kHttp2Alpn, stranger).value_or(0)), Standing::kUnknown);
  EXPECT_TRUE(host_.Reach().ok());
  const auto audit = AuditAfterStop();
  EXPECT_THAT(audit, Contains(StartsWith("admin/admin|connect|the administrator's certificate")));
  EXPECT_THAT(audit, Contains(StartsWith("host/web9|connect|host web9 is not known here")));
}

TEST_F(AdmissionTest, GrpcsOwnServicesAreForHoldersOfACertificate) {
  EXPECT_TRUE(Call(host_.identity(), "/grpc.health.v1.Health/Check").ok());
  EXPECT_TRUE(Call(controller_.admin_identity(), "/grpc.health.v1.Health/Check").ok());
  EXPECT_TRUE(Call(controller_.admin_identity(),
                   "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
                  .ok());
}

TEST_F(AdmissionTest, AUsedTokenIsRefusedAndRecorded) {
  const std::string token = controller_.Token({}, 1);
  TestHost first(controller_, "web2");
  TestHost second(controller_, "web3");
  EXPECT_TRUE(first.Enrol(token).ok());
  EXPECT_TRUE(absl::IsUnauthenticated(second.Enrol(token)));
  const auto audit = AuditAfterStop();
  EXPECT_THAT(audit, Contains(HasSubstr("used up")));
  for (const std::string& row : audit) EXPECT_THAT(row, testing::Not(HasSubstr("fb1.")));
}

TEST_F(AdmissionTest, ARevokedHostsStreamEndsAtOnce) {
  const auto stream = host_.Connect();
  stream->ReadPush();
  grpc::ClientContext context;
  v1::RevokeHostRequest request;
  request.set_name("web1");
  v1::RevokeHostResponse response;
  ASSERT_TRUE(controller_.admin().RevokeHost(&context, request, &response).ok());
  EXPECT_FALSE(stream->Read().has_value());
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(host_.Reach().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(StandingByAlert(Alert(kHttp2Alpn, host_.identity()).value_or(0)), Standing::kRevoked);
  EXPECT_EQ(controller_.Host("web1").state(), "revoked");
  const auto audit = AuditAfterStop();
  EXPECT_THAT(audit, Contains(StartsWith("admin/admin|revoke|")));
  // Its attempts are found by its name.
  EXPECT_THAT(audit, Contains(StartsWith("host/web1|connect|host web1 has been revoked")));
}

TEST_F(AdmissionTest, ARevokedHostsConnectionsEndAtOnce) {
  const auto channel = controller_.Dial(host_.identity());
  ASSERT_TRUE(channel->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(20))));
  grpc::ClientContext context;
  v1::RevokeHostRequest request;
  request.set_name("web1");
  v1::RevokeHostResponse response;
  ASSERT_TRUE(controller_.admin().RevokeHost(&context, request, &response).ok());
  EXPECT_TRUE(channel->WaitForStateChange(GRPC_CHANNEL_READY,
                                          absl::ToChronoTime(absl::Now() + absl::Seconds(20))));
}

TEST_F(AdmissionTest, ARevokedHostComesBackWithItsCertificateAndANewToken) {
  const std::string old = controller_.Token({}, 5);
  grpc::ClientContext context;
  v1::RevokeHostRequest request;
  request.set_name("web1");
  v1::RevokeHostResponse response;
  ASSERT_TRUE(controller_.admin().RevokeHost(&context, request, &response).ok());
  EXPECT_TRUE(absl::IsUnauthenticated(host_.Enrol(old)));
  EXPECT_TRUE(host_.Enrol(controller_.Token({})).ok());
  EXPECT_TRUE(host_.Reach().ok());
}

TEST_F(AdmissionTest, OneHostHasSoManyConnectionsAndTheNewestIsTheOneThatStays) {
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (size_t i = 0; i <= Connections::kOfHost; ++i) {
    channels.push_back(controller_.Dial(host_.identity()));
    ASSERT_TRUE(
        channels.back()->WaitForConnected(absl::ToChronoTime(absl::Now() + absl::Seconds(20))));
  }
  EXPECT_TRUE(channels[0]->WaitForStateChange(GRPC_CHANNEL_READY,
                                              absl::ToChronoTime(absl::Now() + absl::Seconds(20))));
  EXPECT_EQ(channels.back()->GetState(false), GRPC_CHANNEL_READY);
  EXPECT_TRUE(host_.Reach().ok());
  EXPECT_THAT(AuditAfterStop(), Contains(StartsWith("host/web1|connection|more than 16")));
}

TEST_F(AdmissionTest, ARenewedCertificateReplacesTheOlder) {
  const ClientIdentity old = host_.identity();
  ASSERT_TRUE(host_.Renew().ok());
  EXPECT_TRUE(Call(old, "/firebreak.v1.Fleet/Reach").ok()) << "the answer might have been lost";
  EXPECT_TRUE(host_.Reach().ok());
  EXPECT_EQ(StandingByAlert(Alert(kHttp2Alpn, old).value_or(0)), Standing::kSuperseded);
}

TEST(Expiry, EndsTheStreamOfAHostThatHasNotRenewed) {
  RunningController controller(absl::Seconds(3));
  TestHost idle(controller, "idle");
  TestHost renewing(controller, "renewing");
  const std::string token = controller.Token({}, 2);
  ASSERT_TRUE(idle.Enrol(token).ok());
  ASSERT_TRUE(renewing.Enrol(token).ok());
  const auto ends = idle.Connect();
  const auto stays = renewing.Connect();
  ends->ReadPush();
  stays->Acknowledge(stays->ReadPush());
  const auto end = [&] {
    return *NotAfter(ReadCertificate(renewing.identity().certificate)->get());
  };
  // Certificates end on whole seconds.
  for (const absl::Time first = end(); end() == first;) renewing.Renew();
  EXPECT_FALSE(ends->Read().has_value());
  EXPECT_EQ(ends->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
  // The other stream's first certificate ended in the same second.
  const uint64_t revision = controller.Apply("kind: Group\nname: g\nmatch: {a: b}\n");
  EXPECT_EQ(stays->ReadPush().revision(), revision);
}

TEST_F(AdmissionTest, Tls13AndNothingBelow) {
  EXPECT_TRUE(Handshake(TLS1_3_VERSION, "\x02h2"));
  EXPECT_FALSE(Handshake(TLS1_2_VERSION, "\x02h2"));
}

TEST_F(AdmissionTest, AMessageAboveTheLimitIsRefused) {
  const auto stub = v1::Admin::NewStub(controller_.DialAsAdmin());
  grpc::ClientContext context;
  v1::ApplyRequest request;
  request.add_files()->set_text(std::string(kMaxMessageBytes + 1, '#'));
  v1::ApplyResponse response;
  EXPECT_EQ(stub->Apply(&context, request, &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(GetVersion(controller_.admin_identity()).ok());
}

TEST_F(AdmissionTest, AWrongFileIsRefusedWithEverythingThatIsWrong) {
  grpc::ClientContext context;
  v1::ApplyRequest request;
  request.add_files()->set_name("a.yaml");
  request.mutable_files(0)->set_text(
      "kind: Policy\nname: p\ngroups: [nobody]\nport_mappings:\n"
      "  - {protocol: tcp, ports: 70000}\n");
  v1::ApplyResponse response;
  const grpc::Status status = controller_.admin().Apply(&context, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  v1::Problems problems;
  ASSERT_TRUE(problems.ParseFromString(status.error_details()));
  EXPECT_GE(problems.items_size(), 1);
  EXPECT_EQ(problems.items(0).file(), "a.yaml");
  grpc::ClientContext again;
  v1::GetVersionResponse version;
  ASSERT_TRUE(controller_.admin().GetVersion(&again, {}, &version).ok());
  EXPECT_EQ(version.revision(), 0u);
}

TEST_F(AdmissionTest, TheLastOfTheAuditTrailComeInPages) {
  constexpr uint32_t kRows = 1100;
  controller_.Stop();
  {
    const auto database = *Database::Open(controller_.directory() + "/firebreak.db");
    const absl::Status status = database->Transact("fill", [](Connection& connection) {
      absl::Status appended;
      for (uint32_t i = 0; i < kRows && appended.ok(); ++i) {
        appended = AppendAudit(connection, absl::Now(), {.action = "test", .result = "done"});
      }
      return appended;
    });
    ASSERT_TRUE(status.ok()) << status;
  }
  controller_.Start();
  grpc::ClientContext context;
  v1::ReadAuditRequest request;
  request.set_last(kRows);
  const auto stream = controller_.admin().ReadAudit(&context, request);
  uint32_t rows = 0;
  for (v1::AuditRows page; stream->Read(&page);) {
    EXPECT_LE(page.rows_size(), 500);
    rows += static_cast<uint32_t>(page.rows_size());
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(rows, kRows);
}

TEST_F(AdmissionTest, AMisspelledHostIsAnsweredWithTheNearest) {
  grpc::ClientContext context;
  v1::GetHostRequest request;
  request.set_name("wep1");
  v1::Host host;
  const grpc::Status status = controller_.admin().GetHost(&context, request, &host);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_THAT(status.error_message(), HasSubstr("web1"));
}

}  // namespace
}  // namespace firebreak::controller
