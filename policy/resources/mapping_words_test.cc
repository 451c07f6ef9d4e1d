// SPDX-License-Identifier: Apache-2.0

// Tests the texts in mappings: addresses, ICMP types, rates, times.

#include <netinet/in.h>

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "policy/resources/address_list.h"
#include "policy/resources/expiry.h"
#include "policy/resources/icmp_types.h"
#include "policy/resources/rate.h"

namespace firebreak::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> Spelled(const std::vector<std::string>& list,
                                 const std::vector<std::string>& except) {
  const auto spelled = SpellAddresses(InternedStrings(list.begin(), list.end()),
                                      InternedStrings(except.begin(), except.end()), 1000);
  if (!spelled.ok()) return {std::string(spelled.status().message())};
  std::vector<std::string> texts;
  for (const v1::Prefix& prefix : *spelled) {
    texts.push_back(PrefixText({prefix.address(), static_cast<int>(prefix.length())}));
  }
  return texts;
}

TEST(Addresses, RangesAreAsFewPrefixesAsTheyCanBe) {
  EXPECT_THAT(Spelled({"10.0.0.5-10.0.0.9"}, {}),
              ElementsAre("10.0.0.5/32", "10.0.0.6/31", "10.0.0.8/31"));
  EXPECT_THAT(Spelled({"0.0.0.0-255.255.255.255"}, {}), ElementsAre("0.0.0.0/0"));
  EXPECT_THAT(Spelled({"::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}, {}), ElementsAre("::/0"));
  EXPECT_THAT(Spelled({"255.255.255.254-255.255.255.255"}, {}), ElementsAre("255.255.255.254/31"));
  EXPECT_THAT(Spelled({"10.0.0.0/24", "10.0.1.0-10.0.1.255"}, {}), ElementsAre("10.0.0.0/23"));
}

TEST(Addresses, PrefixesAloneStayAsTheyAreWritten) {
  EXPECT_THAT(Spelled({"10.1.0.0/16", "10.0.0.0/8"}, {}), ElementsAre("10.1.0.0/16", "10.0.0.0/8"));
  EXPECT_THAT(Spelled({}, {}), ElementsAre());
}

TEST(Addresses, ExceptionsAreTakenOutAndLeaveSomething) {
  EXPECT_THAT(Spelled({"10.0.0.0/30"}, {"10.0.0.1"}), ElementsAre("10.0.0.0/32", "10.0.0.2/31"));
  EXPECT_THAT(Spelled({"10.0.0.0/8", "2001:db8::/32"}, {"10.0.0.0/8"}),
              ElementsAre("2001:db8::/32"));
  EXPECT_THAT(Spelled({}, {"128.0.0.0/1", "8000::/1"}), ElementsAre("0.0.0.0/1", "::/1"));
  EXPECT_THAT(Spelled({"10.0.0.1"}, {"10.0.0.0/8"}), ElementsAre(HasSubstr("leave no address")));
  EXPECT_THAT(Spelled({}, {"0.0.0.0/0", "::/0"}), ElementsAre(HasSubstr("leave no address")));
}

TEST(Addresses, WrongOnesSayWhatIsMeant) {
  const auto why = [](const char* text) {
    return std::string(ParseAddresses(text).status().message());
  };
  EXPECT_THAT(why("10.0.0.9-10.0.0.5"), HasSubstr("write 10.0.0.5-10.0.0.9"));
  EXPECT_THAT(why("10.0.0.0/24-10.0.1.0"), HasSubstr("not a range"));
  EXPECT_THAT(why("10.0.0.1-::1"), HasSubstr("not a range"));
  EXPECT_THAT(why("10.0.0.1-"), HasSubstr("is not an address"));
  // All addresses except one need many prefixes.
  InternedStrings one;
  one.Add("10.0.0.1");
  EXPECT_FALSE(SpellAddresses(InternedStrings(), one, 3).ok());
}

TEST(IcmpKinds, AreNamesNumbersAndCodes) {
  const auto text = [](const char* word, uint8_t protocol) {
    const auto kind = ParseIcmpKind(word, protocol);
    return kind.ok() ? IcmpKindText(*kind) : std::string(kind.status().message());
  };
  EXPECT_EQ(text("8", IPPROTO_ICMP), "echo-request");
  EXPECT_EQ(text("3/4", IPPROTO_ICMP), "destination-unreachable/4");
  EXPECT_EQ(text("router-request", IPPROTO_ICMPV6), "router-solicitation");
  EXPECT_EQ(text("200", IPPROTO_ICMPV6), "200");
  EXPECT_THAT(text("echo-requst", IPPROTO_ICMP), HasSubstr("did you mean \"echo-request\""));
  EXPECT_THAT(text("timestamp-request", IPPROTO_ICMPV6), HasSubstr("icmp has one of that name"));
  EXPECT_THAT(text("256", IPPROTO_ICMP), HasSubstr("no type"));
  EXPECT_THAT(text("3/x", IPPROTO_ICMP), HasSubstr("the code is a number"));
}

TEST(Rates, AreSoManyInATime) {
  EXPECT_EQ(*ParseRate("10/minute"), (Rate{10, 60}));
  EXPECT_EQ(*ParseRate("5 / h"), (Rate{5, 3600}));
  EXPECT_EQ(RateText(*ParseRate("1/d")), "1/day");
  for (const char* text : {"", "10", "/minute", "0/second", "-1/second", "1/week", "1000001/day",
                           "10/minutes", "1e3/second"}) {
    EXPECT_FALSE(ParseRate(text).ok()) << text;
  }
}

TEST(Expiries, AreMomentsWithAZone) {
  EXPECT_EQ(*ParseExpiry("2027-01-31T18:00Z"), 1801418400);
  EXPECT_EQ(*ParseExpiry("2027-01-31T19:00:00+01:00"), 1801418400);
  EXPECT_EQ(ExpiryText(1801418400), "2027-01-31T18:00:00Z");
  for (const char* text : {"", "tomorrow", "2027-01-31", "2027-01-31T18:00", "1960-01-01T00:00Z",
                           "2027-02-30T00:00Z"}) {
    EXPECT_FALSE(ParseExpiry(text).ok()) << text;
  }
}

}  // namespace
}  // namespace firebreak::policy
