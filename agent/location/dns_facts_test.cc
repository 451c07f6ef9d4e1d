// SPDX-License-Identifier: Apache-2.0
#include "agent/location/dns_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace firebreak::agent {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(ResolvConf, TheLastSearchCounts) {
  const DnsSettings settings = ParseResolvConf(
      "# made by hand\nnameserver 10.0.0.1\ndomain old.example\n"
      "search corp.example\tbranch.corp.example. ; and no more\nnameserver fd00::1\n");
  EXPECT_THAT(settings.suffixes, ElementsAre("corp.example", "branch.corp.example"));
  EXPECT_THAT(settings.servers, ElementsAre("10.0.0.1", "fd00::1"));
}

TEST(ResolvConf, NothingSaysNothing) {
  EXPECT_THAT(ParseResolvConf("").suffixes, IsEmpty());
  EXPECT_THAT(ParseResolvConf("search .\nsearching corp.example\n").suffixes, IsEmpty());
}

TEST(ResolvConf, AHostileServerFillsNothing) {
  std::string text = "search";
  for (int i = 0; i < 10'000; ++i) text += " a.example";
  EXPECT_LE(ParseResolvConf(text).suffixes.size(), 64u);
}

TEST(LinkFile, ReadsWhatSystemdKeeps) {
  const DnsSettings settings =
      ParseLinkFile("# private\nSERVERS=10.0.0.1 10.0.0.2\nDOMAINS=corp.example ~lab.example\n");
  EXPECT_THAT(settings.suffixes, ElementsAre("corp.example", "lab.example"));
  EXPECT_THAT(settings.servers, ElementsAre("10.0.0.1", "10.0.0.2"));
}

TEST(DnsSettings, OfTheLinkThenOfTheHostThenOfNetworkManager) {
  const std::filesystem::path root = testing::TempDir() + "/dns_facts";
  std::filesystem::remove_all(root);
  const auto write = [&](const char* path, const char* text) {
    const std::filesystem::path file = root / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  };
  const auto suffixes = [&] { return ReadDnsSettings(root.string(), 3).suffixes; };
  EXPECT_THAT(suffixes(), IsEmpty());
  write("run/NetworkManager/resolv.conf", "search nm.example\n");
  write("etc/resolv.conf", "nameserver 127.0.0.53\n");
  EXPECT_THAT(suffixes(), ElementsAre("nm.example"));
  write("run/NetworkManager/no-stub-resolv.conf", "search dhcp.example\n");
  EXPECT_THAT(suffixes(), ElementsAre("dhcp.example"));
  write("etc/resolv.conf", "search host.example\n");
  EXPECT_THAT(suffixes(), ElementsAre("host.example"));
  write("run/systemd/resolve/netif/3", "DOMAINS=link.example\n");
  EXPECT_THAT(suffixes(), ElementsAre("link.example"));
}

}  // namespace
}  // namespace firebreak::agent
