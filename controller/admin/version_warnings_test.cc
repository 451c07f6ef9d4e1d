// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/version_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "policy/resources/test_configuration.h"
#include "proto/endpoint/version.h"

namespace firebreak::controller {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kAll[] = "kind: Policy\nname: base\ngroups: [all]\nport_mappings: [{protocol: tcp, ";

class VersionWarningsTest : public testing::Test {
 protected:
  void AddHost(const std::string& name, const std::string& version,
               const std::string& role = "web") {
    StoredHost& host = hosts_.emplace_back();
    host.record.name = name;
    host.record.labels["role"] = role;
    host.report.agent_version = version;
  }

  std::vector<std::string> Warnings(const std::string& before, const std::string& after) {
    PublishedRevision old_one(1, policy::TestConfiguration(before)),
        new_one(2, policy::TestConfiguration(after));
    return VersionWarnings(old_one, new_one, hosts_, labels_, capabilities_);
  }

  std::vector<StoredHost> hosts_;
  LabelChanges labels_;
  std::map<std::string, uint32_t> capabilities_;
};

TEST_F(VersionWarningsTest, APlanIsExactForHostsOfThisVersionOnly) {
  AddHost("web1", kVersion);
  const std::string before = absl::StrCat(kAll, "ports: 80}]\n"),
                    after = absl::StrCat(kAll, "ports: 81}]\n");
  EXPECT_THAT(Warnings(before, after), IsEmpty());
  AddHost("web2", "0.0.8");
  AddHost("web3", "0.0.9");
  AddHost("web4", "0.0.9");
  AddHost("web5", "");
  EXPECT_THAT(Warnings(before, after),
              ElementsAre(HasSubstr("host web5 has not reported"),
                          AllOf(HasSubstr("host web2 runs agents of version 0.0.8"),
                                HasSubstr(absl::StrCat("exact for version ", kVersion))),
                          HasSubstr("hosts web3, web4 run agents of version 0.0.9")));
  EXPECT_THAT(Warnings(before, before), IsEmpty()) << "nobody gets another policy";
  hosts_.back().record.revoked_at = absl::Now();
  EXPECT_EQ(Warnings(before, after).size(), 2u) << "a revoked host gets nothing";
}

TEST_F(VersionWarningsTest, HostsWithoutTheCapabilityKeepWhatTheyHave) {
  AddHost("web1", kVersion);
  AddHost("web2", kVersion);
  capabilities_ = {{"web1", 1}, {"web2", 100}};
  const std::string before = absl::StrCat(kAll, "ports: 80}]\n"),
                    limited = absl::StrCat(kAll, "ports: 80, limit: {rate: 10/second}}]\n");
  EXPECT_THAT(Warnings(before, limited),
              ElementsAre(AllOf(HasSubstr("host web1 would not be sent the change and keeps"),
                                HasSubstr("`limit`"), HasSubstr("not 1"))));
  EXPECT_THAT(Warnings(limited, before), IsEmpty());
}

TEST_F(VersionWarningsTest, AHostThatHasAnotherPolicyThanThisProgramMakesIsTold) {
  const std::string before = absl::StrCat(kAll, "ports: 80}]\n");
  PublishedRevision revision(1, policy::TestConfiguration(before));
  for (const char* name : {"web1", "web2", "web3"}) AddHost(name, kVersion);
  hosts_[0].report.receipt.set_policy_digest(
      revision.For("web1", hosts_[0].record.labels).value()->policy_digest);
  hosts_[1].report.receipt.set_policy_digest("what another version has made of it");
  EXPECT_THAT(Warnings(before, before),
              ElementsAre(HasSubstr("host web2 has another policy than this controller makes of "
                                    "revision 1")));
}

TEST_F(VersionWarningsTest, AChangeOfLabelsIsAChange) {
  AddHost("db1", "0.0.9", "web");
  const std::string policies =
      "kind: Group\nname: databases\nmatch: {role: db}\n---\n"
      "kind: Policy\nname: db\ngroups: [databases]\nport_mappings: [{protocol: tcp, ports: "
      "5432}]\n";
  EXPECT_THAT(Warnings(policies, policies), IsEmpty());
  labels_["db1"]["role"] = "db";
  EXPECT_THAT(Warnings(policies, policies), ElementsAre(HasSubstr("0.0.9")));
}

}  // namespace
}  // namespace firebreak::controller
