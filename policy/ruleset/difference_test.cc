// SPDX-License-Identifier: Apache-2.0
#include "policy/ruleset/difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>

namespace firebreak::ruleset {
namespace {

using Kind = Operation::Kind;
using testing::ElementsAre;
using testing::IsEmpty;

Element Accepts(const std::string& key) { return Element(key, Verdict{NF_ACCEPT, ""}); }

Rule LooksUp(const std::string& set) { return {{Lookup{set, 0, true}}}; }

Ruleset Example() {
  Table table;
  table.objects["drops"] = Counter();
  table.chains["input"] = {Hook{1, 0, NF_DROP, "filter"}, {LooksUp("ports")}};
  table.sets["ports"] = {.key = {Field::kPort},
                         .verdict_map = true,
                         .capacity = 16,
                         .elements = {Accepts("a"), Accepts("c"), Accepts("e")}};
  return {.inet = std::move(table)};
}

std::vector<Kind> Kinds(const std::vector<Operation>& operations) {
  std::vector<Kind> kinds;
  for (const Operation& operation : operations) kinds.push_back(operation.kind);
  return kinds;
}

TEST(Difference, OfEqualsIsNothing) {
  EXPECT_THAT(Kinds(Difference(Example(), Example())), IsEmpty());
  EXPECT_THAT(Kinds(Difference(Ruleset(), Ruleset())), IsEmpty());
}

TEST(Difference, CreatesWhatIsReferredToBeforeItIsReferredTo) {
  const Ruleset wanted = Example();
  EXPECT_THAT(Kinds(Difference({}, wanted)),
              ElementsAre(Kind::kAddTable, Kind::kAddObject, Kind::kAddChain, Kind::kAddSet,
                          Kind::kAddElements, Kind::kAddRule));
}

TEST(Difference, AnUnmanagedHostHasNoTable) {
  EXPECT_THAT(Kinds(Difference(Example(), {})), ElementsAre(Kind::kDeleteTable));
}

TEST(Difference, OfSetsIsTheirElements) {
  const Ruleset from = Example();
  Ruleset to = Example();
  to.inet->sets["ports"].elements = {Accepts("a"), Accepts("b"), Accepts("e"), Accepts("f")};
  const auto operations = Difference(from, to);
  ASSERT_THAT(Kinds(operations), ElementsAre(Kind::kDeleteElements, Kind::kAddElements));
  ASSERT_EQ(operations[0].elements.size(), 1u);
  EXPECT_EQ(operations[0].elements[0]->key(), "c");
  ASSERT_EQ(operations[1].elements.size(), 2u);
  EXPECT_EQ(operations[1].elements[0]->key(), "b");
  EXPECT_EQ(CountObjects(operations), 3u);
}

TEST(Difference, AnElementWithAnotherVerdictIsDeletedFirst) {
  Ruleset to = Example();
  to.inet->sets["ports"].elements[1] = Element("c", Verdict{NF_DROP, ""});
  EXPECT_THAT(Kinds(Difference(Example(), to)),
              ElementsAre(Kind::kDeleteElements, Kind::kAddElements));
}

TEST(Difference, AChainWithAChangedRuleIsWrittenAnew) {
  const Ruleset from = Example();
  Ruleset to = Example();
  to.inet->chains["input"].rules.push_back({{Immediate{{NF_DROP, ""}}}});
  EXPECT_THAT(Kinds(Difference(from, to)),
              ElementsAre(Kind::kFlushChain, Kind::kAddRule, Kind::kAddRule));
}

TEST(Difference, ASetThatHasRoomStays) {
  const Ruleset from = Example();
  Ruleset to = Example();
  to.inet->sets["ports"].capacity = 64;
  EXPECT_THAT(Kinds(Difference(from, to)), IsEmpty());
}

TEST(Difference, ASetThatIsTooSmallIsMadeAnewWithTheRulesThatUseIt) {
  Ruleset from = Example();
  from.inet->sets["ports"].capacity = 3;
  Ruleset to = Example();
  to.inet->sets["ports"].elements.push_back(Accepts("g"));
  EXPECT_THAT(Kinds(Difference(from, to)),
              ElementsAre(Kind::kFlushChain, Kind::kDeleteSet, Kind::kAddSet, Kind::kAddElements,
                          Kind::kAddRule));
}

TEST(Difference, DynamicElementsAreNobodysBusiness) {
  Ruleset from = Example(), to = Example();
  for (Ruleset* ruleset : {&from, &to}) {
    ruleset->inet->sets["at"] = {.key = {Field::kInterfaceIndex}, .dynamic = true};
  }
  from.inet->sets["at"].elements = {Element("1234")};
  EXPECT_THAT(Kinds(Difference(from, to)), IsEmpty());
}

TEST(Difference, ABaseChainThatMovedIsMadeAnew) {
  const Ruleset from = Example();
  Ruleset to = Example();
  to.inet->chains["input"].hook->priority = -10;
  EXPECT_THAT(Kinds(Difference(from, to)),
              ElementsAre(Kind::kFlushChain, Kind::kDeleteChain, Kind::kAddChain, Kind::kAddRule));
}

TEST(Difference, AChainThatIsNoLongerABaseChainTakesTheWholeTable) {
  const Ruleset from = Example();
  Ruleset to = Example();
  to.inet->chains["input"].hook.reset();
  const auto operations = Difference(from, to);
  ASSERT_GE(operations.size(), 2u);
  EXPECT_EQ(operations[0].kind, Kind::kDeleteTable);
  EXPECT_EQ(operations[1].kind, Kind::kAddTable);
}

TEST(Difference, AnObjectThatIsMadeOfSomethingElseTakesTheWholeTable) {
  const Ruleset from = Example();
  Ruleset to = Example();
  to.inet->objects["drops"] = ConntrackHelper{"ftp", 6};
  EXPECT_EQ(Difference(from, to)[0].kind, Kind::kDeleteTable);
}

TEST(Difference, TablesOfBothFamiliesChangeInOneTransaction) {
  Ruleset to = Example();
  to.netdev = *to.inet;
  const auto operations = Difference(Example(), to);
  ASSERT_FALSE(operations.empty());
  for (const Operation& operation : operations) EXPECT_EQ(operation.family, kNetdev);
}

TEST(Difference, AForeignTableIsMadeAnew) {
  Ruleset from = Example();
  from.inet->foreign = true;
  const auto operations = Difference(from, Example());
  ASSERT_GE(operations.size(), 2u);
  EXPECT_EQ(operations[0].kind, Kind::kDeleteTable);
  EXPECT_EQ(operations[1].kind, Kind::kAddTable);
}

TEST(Difference, WhatIsReferredToGoesAfterWhatRefersToIt) {
  Ruleset from = Example();
  from.inet->chains["drop"] = {std::nullopt, {{{ObjectReference{NFT_OBJECT_COUNTER, "old"}}}}};
  from.inet->objects["old"] = Counter();
  from.inet->sets["ports"].elements.emplace_back("z", Verdict{-4, "drop"});
  EXPECT_THAT(Kinds(Difference(from, Example())),
              ElementsAre(Kind::kFlushChain, Kind::kDeleteElements, Kind::kDeleteChain,
                          Kind::kDeleteObject));
}

}  // namespace
}  // namespace firebreak::ruleset
