#include "controller/pki/fleet_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "controller/pki/certificate.h"

namespace firebreak::controller {
namespace {

using testing::Contains;
using testing::HasSubstr;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

class FleetFilesTest : public testing::Test {
 protected:
  FleetFilesTest() {
    std::string pattern = testing::TempDir() + "/fleetXXXXXX";
    path_ = mkdtemp(pattern.data());
    directory_.emplace(*DataDirectory::Open(path_));
  }
  ~FleetFilesTest() override { std::filesystem::remove_all(path_); }

  std::string Text(const char* file) { return std::string((*directory_->Read(file))->view()); }

  std::string path_;
  std::optional<DataDirectory> directory_;
};

TEST_F(FleetFilesTest, TheAuthorityIsMadeOnce) {
  const auto first = LoadOrMakeAuthority(*directory_, kNow);
  ASSERT_TRUE(first.ok()) << first.status();
  const auto second = LoadOrMakeAuthority(*directory_, kNow + absl::Hours(1));
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(first->fingerprint(), second->fingerprint());
}

TEST_F(FleetFilesTest, ALostAuthorityIsNotReplaced) {
  ASSERT_TRUE(LoadOrMakeAuthority(*directory_, kNow).ok());
  std::filesystem::remove(path_ + "/ca.key");
  EXPECT_EQ(LoadOrMakeAuthority(*directory_, kNow).status().code(), absl::StatusCode::kDataLoss);
  std::filesystem::remove(path_ + "/ca.crt");
  std::ofstream(path_ + "/firebreak.db") << "hosts";
  EXPECT_EQ(LoadOrMakeAuthority(*directory_, kNow).status().code(), absl::StatusCode::kDataLoss);
}

TEST_F(FleetFilesTest, TheControllerCertificateIsRenewedAtHalfItsLife) {
  const Authority authority = *LoadOrMakeAuthority(*directory_, kNow);
  const std::vector<std::string> names = {"ctl.example", "192.0.2.1"};
  ASSERT_TRUE(RefreshController(*directory_, authority, names, kNow).ok());
  const std::string first = Text(kControllerFile);
  const std::string key = Text(kControllerKeyFile);
  ASSERT_TRUE(
      RefreshController(*directory_, authority, names, kNow + kControllerLifetime * 0.49).ok());
  EXPECT_EQ(Text(kControllerFile), first);
  EXPECT_THAT(first, HasSubstr(authority.certificate_pem()))
      << "a host that enrols knows the CA by its fingerprint, and must be shown it";
  ASSERT_TRUE(
      RefreshController(*directory_, authority, names, kNow + kControllerLifetime * 0.51).ok());
  EXPECT_NE(Text(kControllerFile), first);
  EXPECT_EQ(Text(kControllerKeyFile), key);
}

TEST_F(FleetFilesTest, ANewNameMakesANewControllerCertificate) {
  const Authority authority = *LoadOrMakeAuthority(*directory_, kNow);
  ASSERT_TRUE(RefreshController(*directory_, authority, {"a.example"}, kNow).ok());
  ASSERT_TRUE(RefreshController(*directory_, authority, {"a.example", "2001:db8::1"}, kNow).ok());
  const auto certificate = ReadCertificate(Text(kControllerFile));
  EXPECT_THAT(AlternativeNames(certificate->get()),
              Contains("IP:20010db8000000000000000000000001"));
}

TEST_F(FleetFilesTest, TheAdminContextHoldsWhatTheCliNeeds) {
  const Authority authority = *LoadOrMakeAuthority(*directory_, kNow);
  ASSERT_TRUE(RefreshAdminContext(*directory_, authority, "[::1]:7443", kNow).ok());
  const std::string first = Text(kAdminContextFile);
  const YAML::Node context = YAML::Load(first);
  EXPECT_EQ(context["controller"].as<std::string>(), "[::1]:7443");
  EXPECT_EQ(context["ca"].as<std::string>(), authority.certificate_pem());
  const auto certificate = ReadCertificate(context["certificate"].as<std::string>());
  ASSERT_TRUE(certificate.ok());
  EXPECT_THAT(AlternativeNames(certificate->get()), Contains("URI:firebreak://admin/admin"));
  EXPECT_EQ(context["key"].as<std::string>().rfind("-----BEGIN PRIVATE KEY-----\n", 0), 0u);

  ASSERT_TRUE(RefreshAdminContext(*directory_, authority, "[::1]:7443", kNow).ok());
  EXPECT_EQ(Text(kAdminContextFile), first);
  ASSERT_TRUE(RefreshAdminContext(*directory_, authority, "ctl:7443", kNow).ok());
  EXPECT_NE(Text(kAdminContextFile), first);
}

}  // namespace
}  // namespace firebreak::controller
