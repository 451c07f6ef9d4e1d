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
  EXPECT_TRUE(registry_->Admit("web1", "f1").ok());
  EXPECT_FALSE(registry_->Admit("web1", "f2").ok());
  EXPECT_FALSE(registry_->Admit("web2", "f1").ok());
  EXPECT_FALSE(registry_->Admit("web1", "").ok());
}

TEST_F(RegistryTest, TheFirstUseOfARenewedCertificateEndsTheOlder) {
  Enrol("web1", "f1");
  ASSERT_TRUE(Edit("web1", [](HostRecord& host) { host.next_fingerprint = "f2"; }).ok());
  EXPECT_TRUE(registry_->Admit("web1", "f1").ok());
  EXPECT_TRUE(registry_->Admit("web1", "f2").ok());
  EXPECT_THAT(std::string(registry_->Admit("web1", "f1").message()), HasSubstr("newer"));
  ASSERT_TRUE(registry_->Flush().ok());
  registry_ = Load();
  EXPECT_TRUE(registry_->Admit("web1", "f2").ok());
  EXPECT_FALSE(registry_->Admit("web1", "f1").ok());
}

TEST_F(RegistryTest, ARevokedHostStaysRevoked) {
  Enrol("web1", "f1");
  Enrol("web2", "f2");
  ASSERT_TRUE(
      Edit("web1", [](HostRecord& host) { host.revoked_at = absl::FromUnixSeconds(2000); }).ok());
  registry_ = Load();
  EXPECT_THAT(std::string(registry_->Admit("web1", "f1").message()), HasSubstr("revoked"));
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
  EXPECT_TRUE(registry_->Admit("web1", "f1").ok());
}

TEST_F(RegistryTest, WhenAHostWasLastSeenIsWrittenNowAndThen) {
  const absl::Time now = absl::FromUnixSeconds(2000);
  const auto written = [&] {
    EXPECT_TRUE(registry_->Flush().ok());
    return Load()->Find("web1")->report.last_seen;
  };
  Enrol("web1", "f1");
  registry_->Seen({"web1", "nobody"}, now);
  EXPECT_EQ(written(), now);
  registry_->Seen({"web1"}, now + absl::Minutes(1));
  EXPECT_EQ(written(), now);
  registry_->Seen({"web1"}, now + absl::Minutes(6));
  EXPECT_EQ(written(), now + absl::Minutes(6));
  registry_->Seen({"web1"}, now);  // the clock was set back
  EXPECT_EQ(written(), now);
}

TEST_F(RegistryTest, ReportsAreWrittenByFlush) {
  Enrol("web1", "f1");
  registry_->Report("web1", [](HostReport& report) { report.receipt.set_revision(4); });
  registry_->Report("nobody", [](HostReport& report) { report.receipt.set_revision(5); });
  EXPECT_EQ(registry_->Find("web1")->report.receipt.revision(), 4u);
  EXPECT_EQ(Load()->Find("web1")->report.receipt.revision(), 0u);
  ASSERT_TRUE(registry_->Flush().ok());
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
  ASSERT_TRUE(registry_->Flush().ok());
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
  ASSERT_TRUE(registry_->Flush().ok());
  const auto loaded = Load();
  for (const std::string& name : names) {
    EXPECT_EQ(loaded->Find(name)->report.receipt.revision(), 4u);
  }
}

}  // namespace
}  // namespace firebreak::controller
