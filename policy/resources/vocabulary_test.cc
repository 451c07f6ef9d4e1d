// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text/utf8.h"
#include "policy/resources/icmp_options.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"
#include "policy/resources/ports.h"
#include "policy/resources/prefix.h"
#include "policy/resources/protocols.h"
#include "policy/resources/service_catalogue.h"

namespace firebreak::policy {
namespace {

using testing::HasSubstr;

TEST(Names, HaveOneSyntax) {
  for (const char* name : {"a", "7", "web-1", "a.b_c", "web-1.corp.example"}) {
    EXPECT_TRUE(IsName(name)) << name;
  }
  for (const char* name : {"", "-a", "a-", ".a", "a_", "A", "a b", "a/b", "host:a", "é", "a\n"}) {
    EXPECT_FALSE(IsName(name)) << name;
  }
  EXPECT_TRUE(IsName(std::string(63, 'a')));
  EXPECT_FALSE(IsName(std::string(64, 'a')));
  EXPECT_FALSE(IsName(absl::string_view("a\0b", 3)));
  EXPECT_THAT(std::string(CheckName("A\x1b").message()), HasSubstr("\"A\\x1b\" is not a name"));
}

TEST(Names, OfInterfacesAreTheKernels) {
  for (const char* name : {"eth0", "enp0s31f6", "wg-Home", "123456789012345", "br0.10@x"}) {
    EXPECT_TRUE(CheckInterfaceName(name, false).ok()) << name;
  }
  for (const char* name : {"", "1234567890123456", "a b", "a/b", "a:1", ".", "..", "eth*", "é"}) {
    EXPECT_FALSE(CheckInterfaceName(name, false).ok()) << name;
  }
  EXPECT_TRUE(CheckInterfaceName("eth*", true).ok());
  EXPECT_TRUE(CheckInterfaceName("*", true).ok());
  EXPECT_FALSE(CheckInterfaceName("e*h", true).ok());
  EXPECT_FALSE(CheckInterfaceName("", true).ok());
}

TEST(Names, LabelsAndDns) {
  EXPECT_TRUE(CheckLabel("role", "Web_1.x").ok());
  EXPECT_TRUE(CheckLabel("role", "").ok());
  EXPECT_FALSE(CheckLabel("Role", "a").ok());
  EXPECT_FALSE(CheckLabel("role", "a b").ok());
  EXPECT_FALSE(CheckLabel("role", std::string(64, 'a')).ok());
  EXPECT_TRUE(CheckDnsName("beacon.corp.example").ok());
  for (const char* name : {"", ".", "a..b", "-a.b", "a_b", "a.", "a b"}) {
    EXPECT_FALSE(CheckDnsName(name).ok()) << name;
  }
}

TEST(Prefixes, AreReadAndWritten) {
  const struct {
    const char* text;
    const char* written;
  } cases[] = {{"10.0.0.0/8", "10.0.0.0/8"},
               {"0.0.0.0/0", "0.0.0.0/0"},
               {"192.168.0.5", "192.168.0.5/32"},
               {"2001:DB8::/32", "2001:db8::/32"},
               {"::/0", "::/0"},
               {"::1", "::1/128"},
               {"2001:db8:0:0:0:0:0:8/125", "2001:db8::8/125"}};
  for (const auto& one : cases) {
    const auto prefix = ParsePrefix(one.text);
    ASSERT_TRUE(prefix.ok()) << prefix.status();
    EXPECT_EQ(PrefixText(*prefix), one.written);
  }
  EXPECT_EQ(ParsePrefix("10.0.0.0/8")->address, std::string("\x0a\0\0\0", 4));
}

TEST(Prefixes, AreRefusedWithWhatIsMeant) {
  for (const char* text :
       {"", "x", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0/8", "::/129",
        "fe80::1%eth0", "10.0.0.0/8/8", "localhost", "10.0.0.0 /8", "010.0.0.1"}) {
    EXPECT_FALSE(ParsePrefix(text).ok()) << text;
  }
  EXPECT_FALSE(ParsePrefix(absl::string_view("10.0.0.1\0", 9)).ok());
  EXPECT_THAT(std::string(ParsePrefix("10.1.2.3/9").status().message()),
              HasSubstr("write \"10.0.0.0/9\""));
  EXPECT_THAT(std::string(ParsePrefix("2001:db8::1/33").status().message()),
              HasSubstr("write \"2001:db8::/33\""));
  EXPECT_THAT(std::string(ParsePrefix("::ffff:10.0.0.0/104").status().message()),
              HasSubstr("write \"10.0.0.0/8\""));
}

TEST(Prefixes, AddressesWithPorts) {
  EXPECT_TRUE(CheckAddressAndPort("10.0.0.1:7444").ok());
  EXPECT_TRUE(CheckAddressAndPort("[2001:db8::1]:7444").ok());
  for (const char* text : {"", "10.0.0.1", "10.0.0.1:0", "10.0.0.1:70000", "10.0.0.1:1-2",
                           "2001:db8::1:7444", "[10.0.0.1]:7444", "beacon:7444", ":7444", "[]:1"}) {
    EXPECT_FALSE(CheckAddressAndPort(text).ok()) << text;
  }
}

TEST(Ports, AreReadAndWritten) {
  EXPECT_EQ(*ParsePorts("1"), (Ports{1, 1}));
  EXPECT_EQ(*ParsePorts("27000-27050"), (Ports{27000, 27050}));
  EXPECT_EQ(*ParsePorts("1 - 65535"), (Ports{1, 65535}));
  EXPECT_EQ(PortsText({80, 80}), "80");
  EXPECT_EQ(PortsText({80, 81}), "80-81");
  for (const char* text : {"", "-", "80-", "-80", "a", "80,81", "+80", "0x50", "1-2-3", "8 0"}) {
    EXPECT_THAT(std::string(ParsePorts(text).status().message()),
                HasSubstr("is not a port or a range"))
        << text;
  }
  for (const char* text : {"0", "70000", "65536", "0-80", "1-65536", "99999999999999999999999"}) {
    EXPECT_THAT(std::string(ParsePorts(text).status().message()), HasSubstr("from 1 to 65535"))
        << text;
  }
  EXPECT_THAT(std::string(ParsePorts("90-80").status().message()), HasSubstr("write 80-90"));
}

TEST(Protocols, AreNamesOrNumbers) {
  EXPECT_EQ(*ParseProtocol("tcp"), 6);
  EXPECT_EQ(*ParseProtocol("UDP"), 17);
  EXPECT_EQ(*ParseProtocol("50"), 50);
  EXPECT_EQ(*ParseProtocol("255"), 255);
  for (const char* text : {"", "0", "256", "-1", "tpc", "1000", "6x"}) {
    EXPECT_FALSE(ParseProtocol(text).ok()) << text;
  }
  for (const char* text : {"icmp", "ICMPv6", "1", "58", "ipv6-icmp"}) {
    EXPECT_THAT(std::string(ParseProtocol(text).status().message()), HasSubstr("\"types\""))
        << text;
  }
  EXPECT_TRUE(HasPorts(6));
  EXPECT_TRUE(HasPorts(136));
  EXPECT_FALSE(HasPorts(50));
  EXPECT_EQ(ProtocolText(6), "tcp");
  EXPECT_EQ(ProtocolText(200), "200");
}

TEST(Services, OfTheCatalogueAreAllValidAndFound) {
  EXPECT_GT(BuiltInServices().size(), 80u);
  for (const BuiltInService& service : BuiltInServices()) {
    EXPECT_TRUE(IsName(service.name)) << service.name;
    EXPECT_EQ(FindBuiltInService(service.name), &service) << service.name << " is out of order";
    const auto words = 1 + std::count(service.ports.begin(), service.ports.end(), ' ');
    EXPECT_EQ(PortsOf(service).size(), static_cast<size_t>(words)) << service.ports;
  }
  EXPECT_EQ(FindBuiltInService("no-such"), nullptr);
  const auto firebreak = PortsOf(*FindBuiltInService("firebreak"));
  ASSERT_EQ(firebreak.size(), 1u);
  EXPECT_EQ(firebreak[0].protocol(), 6u);
  EXPECT_EQ(firebreak[0].first(), 7443u);
}

TEST(Services, PortsOfOperatorsOwn) {
  EXPECT_EQ(ParseServicePort("udp/27000-27050")->last(), 27050u);
  EXPECT_EQ(ParseServicePort("esp")->last(), 65535u);
  for (const char* text : {"", "tcp", "tcp/", "/80", "esp/80", "icmp", "tcp/0", "443"}) {
    EXPECT_FALSE(ParseServicePort(text).ok()) << text;
  }
}

TEST(IcmpOptions, NamesGoBothWays) {
  EXPECT_EQ(AllIcmpOptions().size(), 9u);
  for (IcmpOption option : AllIcmpOptions()) {
    EXPECT_EQ(ParseIcmpOption(IcmpOptionName(option)), option);
  }
  EXPECT_EQ(ParseIcmpOption("echo-request"), IcmpOption::kEchoRequest);
  EXPECT_EQ(ParseIcmpOption("ping"), std::nullopt);
}

TEST(Nearest, FindsMisspellingsOnly) {
  EXPECT_EQ(Nearest("prioritty", {"name", "priority"}), "priority");
  EXPECT_EQ(Nearest("Group", {"group"}), "group");
  EXPECT_EQ(Nearest("xyz", {"name", "priority"}), "");
  EXPECT_EQ(Nearest("", {"a"}), "");
}

TEST(Utf8, IsToldFromBytes) {
  for (const char* text : {"", "a", "é", "日本", "\xf0\x9f\x98\x80", "\xef\xbf\xbd"}) {
    EXPECT_EQ(FindInvalidUtf8(text), absl::string_view::npos) << text;
  }
  for (const char* text : {"\x80", "\xc0\x80", "\xc3", "\xe0\x80\x80", "\xed\xa0\x80",
                           "\xf4\x90\x80\x80", "\xf0\x80\x80\x80", "\xff", "\xe2\x82"}) {
    EXPECT_EQ(FindInvalidUtf8(text), 0u) << text;
  }
  EXPECT_EQ(FindInvalidUtf8("ab\xff"), 2u);
}

}  // namespace
}  // namespace firebreak::policy
