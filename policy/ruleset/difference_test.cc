#include "policy/ruleset/difference.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/netfilter.h>

namespace firebreak::ruleset {
namespace {

using Kind = Operation::Kind;
using testing::ElementsAre;
using testing::IsEmpty;

Element Accepts(const std::string& key) { return {.key = key, .verdict = Verdict{NF_ACCEPT, ""}}; }

Rule LooksUp(const std::string& set) { return {{Lookup{set, 0, true}}}; }

Table Example() {
  Table table;
  table.counters = {"drops"};
  table.chains["input"] = {Hook{1, 0, NF_DROP, "filter"}, {LooksUp("ports")}};
  table.sets["ports"] = {.key = {Field::kPort},
                         .verdict_map = true,
                         .capacity = 16,
                         .elements = {Accepts("a"), Accepts("c"), Accepts("e")}};
  return table;
}

std::vector<Kind> Kinds(const std::vector<Operation>& operations) {
  std::vector<Kind> kinds;
  for (const Operation& operation : operations) kinds.push_back(operation.kind);
  return kinds;
}

TEST(Difference, OfEqualsIsNothing) {
  EXPECT_THAT(Kinds(Difference(Example(), Example())), IsEmpty());
  EXPECT_THAT(Kinds(Difference(std::nullopt, std::nullopt)), IsEmpty());
}

TEST(Difference, CreatesWhatIsReferredToBeforeItIsReferredTo) {
  const Ruleset wanted = Example();
  EXPECT_THAT(Kinds(Difference(std::nullopt, wanted)),
              ElementsAre(Kind::kAddTable, Kind::kAddCounter, Kind::kAddChain, Kind::kAddSet,
                          Kind::kAddElements, Kind::kAddRule));
}

TEST(Difference, AnUnmanagedHostHasNoTable) {
  EXPECT_THAT(Kinds(Difference(Example(), std::nullopt)), ElementsAre(Kind::kDeleteTable));
}

TEST(Difference, OfSetsIsTheirElements) {
  const Ruleset from = Example();
  Ruleset to = Example();
  to->sets["ports"].elements = {Accepts("a"), Accepts("b"), Accepts("e"), Accepts("f")};
  const auto operations = Difference(from, to);
  ASSERT_THAT(Kinds(operations), ElementsAre(Kind::kDeleteElements, Kind::kAddElements));
  ASSERT_EQ(operations[0].elements.size(), 1u);
  EXPECT_EQ(operations[0].elements[0]->key, "c");
  ASSERT_EQ(operations[1].elements.size(), 2u);
  EXPECT_EQ(operations[1].elements[0]->key, "b");
  EXPECT_EQ(CountObjects(operations), 3u);
}

TEST(Difference, AnElementWithAnotherVerdictIsDeletedFirst) {
  Ruleset to = Example();
  to->sets["ports"].elements[1].verdict->code = NF_DROP;
  EXPECT_THAT(Kinds(Difference(Example(), to)),
              ElementsAre(Kind::kDeleteElements, Kind::kAddElements));
}

TEST(Difference, AChainWithAChangedRuleIsWrittenAnew) {
  const Ruleset from = Example();
  Ruleset to = Example();
  to->chains["input"].rules.push_back({{Immediate{{NF_DROP, ""}}}});
  EXPECT_THAT(Kinds(Difference(from, to)),
              ElementsAre(Kind::kFlushChain, Kind::kAddRule, Kind::kAddRule));
}

TEST(Difference, ASetThatHasRoomStays) {
  const Ruleset from = Example();
  Ruleset to = Example();
  to->sets["ports"].capacity = 64;
  EXPECT_THAT(Kinds(Difference(from, to)), IsEmpty());
}

TEST(Difference, ASetThatIsTooSmallIsMadeAnewWithTheRulesThatUseIt) {
  Ruleset from = Example();
  from->sets["ports"].capacity = 3;
  Ruleset to = Example();
  to->sets["ports"].elements.push_back(Accepts("g"));
  EXPECT_THAT(Kinds(Difference(from, to)),
              ElementsAre(Kind::kFlushChain, Kind::kDeleteSet, Kind::kAddSet, Kind::kAddElements,
                          Kind::kAddRule));
}

TEST(Difference, DynamicElementsAreNobodysBusiness) {
  Ruleset from = Example(), to = Example();
  for (Ruleset* ruleset : {&from, &to}) {
    (*ruleset)->sets["at"] = {.key = {Field::kInterfaceIndex}, .dynamic = true};
  }
  from->sets["at"].elements = {{.key = "1234"}};
  EXPECT_THAT(Kinds(Difference(from, to)), IsEmpty());
}

TEST(Difference, AHookThatMovedTakesTheWholeTable) {
  const Ruleset from = Example();
  Ruleset to = Example();
  to->chains["input"].hook->priority = -10;
  const auto operations = Difference(from, to);
  ASSERT_GE(operations.size(), 2u);
  EXPECT_EQ(operations[0].kind, Kind::kDeleteTable);
  EXPECT_EQ(operations[1].kind, Kind::kAddTable);
}

TEST(Difference, AForeignTableIsMadeAnew) {
  Ruleset from = Example();
  from->foreign = true;
  const auto operations = Difference(from, Example());
  ASSERT_GE(operations.size(), 2u);
  EXPECT_EQ(operations[0].kind, Kind::kDeleteTable);
  EXPECT_EQ(operations[1].kind, Kind::kAddTable);
}

TEST(Difference, WhatIsReferredToGoesAfterWhatRefersToIt) {
  Ruleset from = Example();
  from->chains["drop"] = {std::nullopt, {{{CounterReference{"old"}}}}};
  from->counters.insert("old");
  from->sets["ports"].elements.push_back({.key = "z", .verdict = Verdict{-4, "drop"}});
  EXPECT_THAT(Kinds(Difference(from, Example())),
              ElementsAre(Kind::kFlushChain, Kind::kDeleteElements, Kind::kDeleteChain,
                          Kind::kDeleteCounter));
}

}  // namespace
}  // namespace firebreak::ruleset
