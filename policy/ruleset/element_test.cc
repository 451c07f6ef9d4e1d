// SPDX-License-Identifier: Apache-2.0
#include "policy/ruleset/element.h"

#include <gtest/gtest.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

#include <string>

namespace firebreak::ruleset {
namespace {

TEST(Element, GivesBackWhatItWasMadeOf) {
  const std::string key("\x06\0\0\0\x1f\x90\0\0", 8);
  const Element member(key);
  EXPECT_EQ(member.key(), key);
  EXPECT_EQ(member.value(), Element::Value::kNone);
  EXPECT_FALSE(member.verdict().has_value());
  EXPECT_EQ(member.data(), std::nullopt);

  for (const Verdict& verdict :
       {Verdict{NF_ACCEPT, ""}, Verdict{NFT_GOTO, "in/a-location-with-a-long-name"}}) {
    const Element decision(key, verdict);
    EXPECT_EQ(decision.key(), key);
    EXPECT_EQ(decision.value(), Element::Value::kVerdict);
    ASSERT_TRUE(decision.verdict().has_value());
    EXPECT_EQ(decision.verdict()->code, verdict.code);
    EXPECT_EQ(decision.verdict()->chain, verdict.chain);
    EXPECT_EQ(decision.data(), std::nullopt);
  }

  const std::string address("\x0a\0\0\x01", 4);
  const Element translation(key, address);
  EXPECT_EQ(translation.key(), key);
  EXPECT_EQ(translation.value(), Element::Value::kData);
  EXPECT_FALSE(translation.verdict().has_value());
  EXPECT_EQ(translation.data(), address);
}

TEST(Element, DiffersByEachPart) {
  const Element element("key", Verdict{NFT_GOTO, "chain"});
  EXPECT_EQ(element, Element("key", Verdict{NFT_GOTO, "chain"}));
  EXPECT_NE(element, Element("kez", Verdict{NFT_GOTO, "chain"}));
  EXPECT_NE(element, Element("key", Verdict{NFT_JUMP, "chain"}));
  EXPECT_NE(element, Element("key", Verdict{NFT_GOTO, "other"}));
  EXPECT_NE(element, Element("key"));
  EXPECT_NE(Element("ab", "c"), Element("a", "bc"));
  EXPECT_NE(Element("key", ""), Element("key"));
  EXPECT_NE(Element("key", std::string(4, '\0')), Element("key", Verdict{0, ""}));
}

TEST(Element, IsSortedByItsKeyAsTheKernelComparesIt) {
  EXPECT_LT(Element("a", Verdict{NF_ACCEPT, ""}), Element("b", Verdict{NF_DROP, ""}));
  EXPECT_LT(Element("a", "z"), Element("\xff", "a"));
}

}  // namespace
}  // namespace firebreak::ruleset
