// SPDX-License-Identifier: Apache-2.0
#include "policy/ruleset/digest.h"

#include <gtest/gtest.h>

#include <functional>

namespace firebreak::ruleset {
namespace {

Table Example() {
  Table table;
  table.objects["drops"] = Counter();
  table.chains["input"] = {Hook{1, 0, 0, "filter"},
                           {{{Meta{1, 0}, Cmp{0, 0, "x"}, Immediate{{1, ""}}}}}};
  table.sets["ports"] = {.key = {Field::kPort},
                         .verdict_map = true,
                         .capacity = 16,
                         .elements = {Element("a", Verdict{1, ""})}};
  return table;
}

std::string Digest(const Table& table) { return ruleset::Digest({.inet = table}); }

TEST(Digest, IsThatOfTheContent) {
  EXPECT_EQ(Digest(Example()), Digest(Example()));
  EXPECT_EQ(Digest(Example()).size(), 32u);
  EXPECT_EQ(ruleset::Digest({}), "");
}

TEST(Digest, ChangesWithWhatDecidesAboutAPacket) {
  const std::string digest = Digest(Example());
  const std::function<void(Table&)> changes[] = {
      [](Table& t) { t.objects["more"] = Counter(); },
      [](Table& t) { t.chains["input"].hook->policy = 1; },
      [](Table& t) { t.chains["input"].hook.reset(); },
      [](Table& t) { t.chains["input"].rules.clear(); },
      [](Table& t) {
        t.chains["input"].rules[0].expressions[1] = Cmp{0, 1, "x"};
      },
      [](Table& t) {
        t.chains["input"].rules[0].expressions[1] = Cmp{0, 0, "y"};
      },
      [](Table& t) {
        t.chains["input"].rules[0].expressions[2] = Immediate{{0, ""}};
      },
      [](Table& t) { t.chains["more"]; },
      [](Table& t) { t.sets["ports"].interval = true; },
      [](Table& t) { t.sets["ports"].key = {Field::kProtocol}; },
      [](Table& t) {
        t.sets["ports"].elements[0] = Element("b", Verdict{1, ""});
      },
      [](Table& t) {
        t.sets["ports"].elements[0] = Element("a", Verdict{1, "c"});
      },
      [](Table& t) { t.sets["ports"].elements[0] = Element("a", "c"); },
      [](Table& t) { t.sets["ports"].data = {Field::kPort}; },
      [](Table& t) {
        t.objects["drops"] = ConntrackTimeouts{17, {60, 60}};
      },
      [](Table& t) { t.chains["input"].hook->device = "eth0"; },
      [](Table& t) { t.sets["ports"].elements.clear(); },
  };
  for (size_t i = 0; i < std::size(changes); ++i) {
    Table table = Example();
    changes[i](table);
    EXPECT_NE(Digest(table), digest) << "change " << i;
  }
}

TEST(Digest, DoesNotChangeWithStateAndHints) {
  Table table = Example();
  table.sets["at"] = {.key = {Field::kInterfaceIndex}, .dynamic = true};
  const std::string digest = Digest(table);
  table.sets["at"].elements = {Element("1234")};
  table.sets["ports"].capacity = 99;
  EXPECT_EQ(Digest(table), digest);
}

TEST(Digest, FieldsDoNotRunIntoEachOther) {
  Table a, b;
  a.chains["ab"], b.chains["a"];
  a.sets["c"], b.sets["bc"];
  EXPECT_NE(Digest(a), Digest(b));
}

}  // namespace
}  // namespace firebreak::ruleset
