// SPDX-License-Identifier: Apache-2.0
#include "controller/hosts/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "controller/store/test_database.h"

namespace firebreak::controller {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class RegistryTest : public testing::Test {
 protected:
  RegistryTest() : registry_(Load()) {}

  std::unique_ptr<Registry> Load() { return *Registry::Load(*database_); }

  void Enrol(const std::string& name, const std::string& fingerprint) {
    EXPECT_TRUE(registry_
                    ->Change("enrol", name,
                             [&](Connection&, const std::optional<HostRecord>&) {
                               return absl::StatusOr<HostRecord>(
                                   HostRecord{.name = name,
                                              .fingerprint = fingerprint,
                                              .enrolled_at = absl::FromUnixSeconds(1000)});
                             })
                    .ok());
  }
  absl::Status Admit(const std::string& name, const std::string& fingerprint, int64_t number = 0) {
    return registry_->Admit(name, {.fingerprint = fingerprint,
                                   .key_sha256 = "key of " + fingerprint,
                                   .number = number,
                                   .not_after = absl::FromUnixSeconds(5000)});
  }
  absl::Status Edit(const std::string& name, absl::FunctionRef<void(HostRecord&)> edit) {
    return registry_->Change("edit", name,
                             [&](Connection&, const std::optional<HostRecord>& present) {
                               HostRecord next = *present;
                               edit(next);
                               return absl::StatusOr<HostRecord>(next);
                             });
  }

  TestDatabase database_;
  std::unique_ptr<Registry> registry_;
};

TEST_F(RegistryTest, AdmitsTheCertificateOfAnEnrolledHost) {
  Enrol("web1", "f1");
  EXPECT_TRUE(Admit("web1", "f1").ok());
  EXPECT_FALSE(Admit("web1", "f2").ok());
  EXPECT_FALSE(Admit("web2", "f1").ok());
  EXPECT_FALSE(Admit("web1", "").ok());
}

TEST_F(RegistryTest, PagesHoldEveryWantedHostOnce) {
  constexpr size_t kHosts = 2 * Registry::kPage;
  for (size_t i = 0; i < kHosts; ++i) Enrol(absl::StrCat("web", 1000 + i), "f");
  Registry::Page page;
  std::vector<std::string> names;
  do {
    page = registry_->PageAfter(
        page.last, [](const StoredHost& host) { return (host.record.name.back() - '0') % 2 == 0; });
    EXPECT_LE(page.hosts.size(), Registry::kPage);
    for (const StoredHost& host : page.hosts) names.push_back(host.record.name);
  } while (!page.last.empty());
  ASSERT_EQ(names.size(), kHosts / 2);
  for (size_t i = 0; i < names.size(); ++i) EXPECT_EQ(names[i], absl::StrCat("web", 1000 + 2 * i));
}

TEST_F(RegistryTest, TheFirstUseOfARenewedCertificateEndsTheOlder) {
  Enrol("web1", "f1");
  ASSERT_TRUE(Edit("web1", [](HostRecord& host) { host.next_fingerprint = "f2"; }).ok());
  EXPECT_TRUE(Admit("web1", "f1").ok());
  EXPECT_TRUE(Admit("web1", "f2").ok());
  EXPECT_THAT(std::string(Admit("web1", "f1").message()), HasSubstr("newer"));
  ASSERT_TRUE(registry_->Flush(absl::FromUnixSeconds(2000)).ok());
  registry_ = Load();
  EXPECT_TRUE(Admit("web1", "f2").ok());
  EXPECT_FALSE(Admit("web1", "f1").ok());
}

TEST_F(RegistryTest, ARevokedHostStaysRevoked) {
  Enrol("web1", "f1");
  Enrol("web2", "f2");
  ASSERT_TRUE(
      Edit("web1", [](HostRecord& host) { host.revoked_at = absl::FromUnixSeconds(2000); }).ok());
  registry_ = Load();
  EXPECT_THAT(std::string(Admit("web1", "f1").message()), HasSubstr("revoked"));
  EXPECT_EQ(registry_->Records().size(), 1u);
  EXPECT_THAT(registry_->Names(), ElementsAre("web1", "web2"));
}

TEST_F(RegistryTest, ARefusedChangeLeavesTheHostAsItWas) {
  Enrol("web1", "f1");
  const absl::Status status =
      registry_->Change("edit", "web1", [](Connection&, const std::optional<HostRecord>&) {
        return absl::StatusOr<HostRecord>(absl::AlreadyExistsError("taken"));
      });
  EXPECT_EQ(status, absl::AlreadyExistsError("taken"));
  EXPECT_TRUE(Admit("web1", "f1").ok());
}

TEST_F(RegistryTest, WhenAHostWasLastSeenIsWrittenNowAndThen) {
  const absl::Time now = absl::FromUnixSeconds(2000);
  const auto written = [&] {
    EXPECT_TRUE(registry_->Flush(absl::FromUnixSeconds(2000)).ok());
    return Load()->Find("web1")->report.last_seen;
  };
  Enrol("web1", "f1");
  registry_->Seen({"web1", "nobody"}, now);
  EXPECT_EQ(written(), now);
  registry_->Seen({"web1"}, now + absl::Minutes(1));
  EXPECT_EQ(written(), now);
  registry_->Seen({"web1"}, now + absl::Minutes(6));
  EXPECT_EQ(written(), now + absl::Minutes(6));
  registry_->Seen({"web1"}, now);  // after the clock was set back
  EXPECT_EQ(written(), now);
}

TEST_F(RegistryTest, ReportsAreWrittenByFlush) {
  Enrol("web1", "f1");
  registry_->Report("web1", [](HostReport& report) { report.receipt.set_revision(4); });
  registry_->Report("nobody", [](HostReport& report) { report.receipt.set_revision(5); });
  EXPECT_EQ(registry_->Find("web1")->report.receipt.revision(), 4u);
  EXPECT_EQ(Load()->Find("web1")->report.receipt.revision(), 0u);
  ASSERT_TRUE(registry_->Flush(absl::FromUnixSeconds(2000)).ok());
  EXPECT_EQ(Load()->Find("web1")->report.receipt.revision(), 4u);
  EXPECT_FALSE(Load()->Find("nobody").has_value());
}

TEST_F(RegistryTest, AReportRewritesNothingButItself) {
  Enrol("web1", "f1");
  const auto edit = [&](const char* sql) {
    EXPECT_TRUE(
        database_->Transact("edit", [&](Connection& connection) { return connection.Execute(sql); })
            .ok());
  };
  edit("INSERT INTO host_labels (host, key, value) VALUES ('web1', 'seen', 'here')");
  registry_->Report("web1", [](HostReport& report) { report.receipt.set_revision(4); });
  ASSERT_TRUE(registry_->Flush(absl::FromUnixSeconds(2000)).ok());
  EXPECT_EQ(Load()->Find("web1")->record.labels.count("seen"), 1u);
}

TEST_F(RegistryTest, ReportsOfManyHostsAreWrittenWithAllTheirTransactions) {
  std::vector<std::string> names;
  for (size_t i = 0; i < 2 * Registry::kFlushedAtOnce + 1; ++i) {
    names.push_back(absl::StrCat("web", i));
    Enrol(names.back(), "f");
  }
  for (const std::string& name : names) {
    registry_->Report(name, [](HostReport& report) { report.receipt.set_revision(4); });
  }
  ASSERT_TRUE(registry_->Flush(absl::FromUnixSeconds(2000)).ok());
  const auto loaded = Load();
  for (const std::string& name : names) {
    EXPECT_EQ(loaded->Find(name)->report.receipt.revision(), 4u);
  }
}

// The database is a day-old backup, and the hosts have renewed their certificates since.
TEST_F(RegistryTest, ACertificateThatIsNewerThanAnyKnownOneShowsThatTheDatabaseWentBack) {
  Enrol("web1", "f4");
  ASSERT_TRUE(Edit("web1", [](HostRecord& host) {
                host.certificate_number = 5;
                host.next_fingerprint = "f5";
              }).ok());
  EXPECT_TRUE(Admit("web1", "f7", 7).ok());
  EXPECT_EQ(registry_->Find("web1")->record.key_sha256, "key of f7");
  // The other certificates are older than this one.
  EXPECT_THAT(std::string(Admit("web1", "f6", 6).message()), HasSubstr("newer"));
  EXPECT_FALSE(Admit("web1", "f5", 5).ok());
  EXPECT_FALSE(Admit("web1", "f4", 0).ok());
  ASSERT_TRUE(registry_->Flush(absl::FromUnixSeconds(2000)).ok());
  registry_ = Load();
  EXPECT_EQ(registry_->Find("web1")->record.certificate_number, 7);
  EXPECT_TRUE(Admit("web1", "f7", 7).ok());
  EXPECT_TRUE(database_
                  ->Transact("read",
                             [](Connection& connection) {
                               const auto rows = ReadAudit(connection, 0, 10);
                               EXPECT_EQ(rows->back().actor(), "host/web1");
                               EXPECT_EQ(rows->back().action(), "recover certificate");
                               return absl::OkStatus();
                             })
                  .ok());
}

TEST_F(RegistryTest, ARevokedHostIsOutWhateverTheNumberOfItsCertificate) {
  Enrol("web1", "f1");
  ASSERT_TRUE(
      Edit("web1", [](HostRecord& host) { host.revoked_at = absl::FromUnixSeconds(1500); }).ok());
  EXPECT_THAT(std::string(Admit("web1", "f9", 9).message()), HasSubstr("revoked"));
}

TEST_F(RegistryTest, AForgottenHostLeavesNothingButTheTokensThatItMayNotUse) {
  Enrol("web1", "f1");
  ASSERT_TRUE(Edit("web1", [](HostRecord& host) {
                host.labels["role"] = "web";
                host.barred_tokens = 4;
              }).ok());
  registry_->Report("web1", [](HostReport& report) { report.address = "192.0.2.1:1"; });
  ASSERT_TRUE(registry_->Forget("web1", [](Connection&) { return absl::OkStatus(); }).ok());
  EXPECT_FALSE(registry_->Find("web1").has_value());
  EXPECT_THAT(std::string(Admit("web1", "f1").message()), HasSubstr("not known here"));
  EXPECT_TRUE(registry_->Flush(absl::FromUnixSeconds(2000)).ok());
  EXPECT_TRUE(
      absl::IsNotFound(registry_->Forget("web1", [](Connection&) { return absl::OkStatus(); })));
  registry_ = Load();
  EXPECT_FALSE(registry_->Find("web1").has_value());
  EXPECT_TRUE(database_
                  ->Transact("read",
                             [](Connection& connection) {
                               EXPECT_EQ(*BarredTokens(connection, "web1"), 4);
                               EXPECT_EQ(*BarredTokens(connection, "web2"), 0);
                               return absl::OkStatus();
                             })
                  .ok());
}

}  // namespace
}  // namespace firebreak::controller
