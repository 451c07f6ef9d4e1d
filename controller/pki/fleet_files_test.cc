// SPDX-License-Identifier: Apache-2.0
#include "controller/pki/fleet_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "controller/pki/certificate.h"
#include "controller/pki/key.h"

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

// The controller's clock was ahead when it first started, and is right now.
TEST_F(FleetFilesTest, CertificatesThatAreNotValidYetAreReplaced) {
  const Authority authority = *LoadOrMakeAuthority(*directory_, kNow);
  const absl::Time ahead = kNow + absl::Hours(24 * 60);
  ASSERT_TRUE(RefreshController(*directory_, authority, {"ctl.example"}, ahead).ok());
  ASSERT_TRUE(RefreshAdminContext(*directory_, authority, "ctl:7443", ahead).ok());
  ASSERT_TRUE(RefreshController(*directory_, authority, {"ctl.example"}, kNow).ok());
  ASSERT_TRUE(RefreshAdminContext(*directory_, authority, "ctl:7443", kNow).ok());
  for (const std::string& pem :
       {Text(kControllerFile),
        YAML::Load(Text(kAdminContextFile))["certificate"].as<std::string>()}) {
    EXPECT_TRUE(InFirstHalfOfLife(ReadCertificate(pem)->get(), kNow));
  }
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

TEST_F(FleetFilesTest, ADamagedFileIsNamedOrMadeAnewAndTheOthersFitIt) {
  const auto refresh = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const Authority authority, LoadOrMakeAuthority(*directory_, kNow));
    RETURN_IF_ERROR(RefreshController(*directory_, authority, {"ctl.example"}, kNow));
    return RefreshAdminContext(*directory_, authority, "ctl.example:7443", kNow);
  };
  ASSERT_TRUE(refresh().ok());
  std::map<std::string, std::string> whole;
  for (const char* file : {kAuthorityFile, kAuthorityKeyFile, kControllerFile, kControllerKeyFile,
                           kAdminContextFile}) {
    whole[file] = Text(file);
  }
  const auto put_back = [&] {
    for (const auto& [file, text] : whole) ASSERT_TRUE(directory_->Write(file, text).ok());
  };
  // Whether TLS would work with the present files.
  const auto fit = [&] {
    const auto ca = ReadCertificate(Text(kAuthorityFile));
    const auto certificate = ReadCertificate(Text(kControllerFile));
    const auto key = ReadPrivateKey(Text(kControllerKeyFile));
    const YAML::Node context = YAML::Load(Text(kAdminContextFile));
    const auto client = ReadCertificate(context["certificate"].as<std::string>());
    const auto client_key = ReadPrivateKey(context["key"].as<std::string>());
    return ca.ok() && certificate.ok() && key.ok() && client.ok() && client_key.ok() &&
           X509_check_private_key(certificate->get(), key->get()) == 1 &&
           X509_check_private_key(client->get(), client_key->get()) == 1 &&
           X509_verify(certificate->get(), X509_get0_pubkey(ca->get())) == 1 &&
           X509_verify(client->get(), X509_get0_pubkey(ca->get())) == 1 &&
           context["controller"].as<std::string>() == "ctl.example:7443";
  };
  const auto fingerprint = [&] {
    return *Fingerprint(ReadCertificate(Text(kAuthorityFile))->get());
  };
  const std::string before = fingerprint();
  const auto check = [&](const std::string& file, const std::string& damage) {
    const absl::Status status = refresh();
    if (status.ok()) {
      EXPECT_TRUE(fit()) << file << " " << damage;
      EXPECT_EQ(fingerprint(), before) << file << " " << damage;
    } else {
      EXPECT_THAT(std::string(status.message()), HasSubstr(path_ + "/" + file)) << damage;
    }
    put_back();
  };
  for (const auto& [file, text] : whole) {
    for (size_t at = 0; at < text.size(); at += 64) {
      std::string damaged = text;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << (at / 64 % 8)));
      ASSERT_TRUE(directory_->Write(file, damaged).ok());
      check(file, absl::StrCat("with byte ", at, " changed"));
      ASSERT_TRUE(directory_->Write(file, text.substr(0, at)).ok());
      check(file, absl::StrCat("cut to ", at, " bytes"));
    }
  }
}

TEST_F(FleetFilesTest, TheKeyOfAnotherCaIsNamed) {
  ASSERT_TRUE(LoadOrMakeAuthority(*directory_, kNow).ok());
  const auto other = MakeKey();
  ASSERT_TRUE(directory_->Write(kAuthorityKeyFile, PrivateKeyPem(other->get())->view()).ok());
  const absl::Status status = LoadOrMakeAuthority(*directory_, kNow).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("ca.key: it is not the key of ca.crt"));
}

}  // namespace
}  // namespace firebreak::controller
