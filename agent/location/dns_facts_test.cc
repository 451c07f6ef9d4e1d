#include "agent/location/dns_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace firebreak::agent
