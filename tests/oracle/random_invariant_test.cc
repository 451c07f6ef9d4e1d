// SPDX-License-Identifier: Apache-2.0

// Draws policies and demands on them, and asks the trace: a packet breaks the demand if and only if
// a breach that is told holds it. What is called kept has no counterexample.

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "policy/difference/confirm.h"
#include "policy/difference/universe.h"
#include "policy/invariant/breaches.h"
#include "tests/oracle/random_pairs.h"

namespace firebreak::oracle {
namespace {

using policy::Box;
using policy::Breaches;
using policy::Demand;
using policy::PacketClass;
using policy::TracedHost;
using policy::Witness;

bool IsSlow() {
  const char* const slow = std::getenv("FIREBREAK_SLOW");
  return slow != nullptr && *slow != '\0';
}

bool PassesByTrace(const TracedHost& host, const Witness& witness) {
  const policy::Trace::Verdict verdict = host.Ask(witness).verdict;
  return verdict == policy::Trace::Verdict::kAccept || verdict == policy::Trace::Verdict::kAnswer;
}

// Some of the boxes of another policy's rules: they overlap, and their borders are near this one's.
Demand DrawDemand(Random& random, const policy::Judgement& other) {
  Demand demand;
  demand.plane = {OneIn(random, 2) ? policy::Way::kInbound : policy::Way::kOutbound,
                  OneIn(random, 2) ? size_t{4} : size_t{16}};
  demand.admitted = OneIn(random, 2);
  const std::vector<Box> boxes = RuleBoxes(other, demand.plane);
  const size_t count = 1 + Below(random, 3);
  for (size_t i = 0; i < count; ++i) {
    const Box& box = Pick(random, boxes);
    if (policy::IsPossible(box, demand.plane)) demand.traffic.push_back(box);
  }
  return demand;
}

bool IsIn(const std::vector<PacketClass>& classes, const Witness& witness) {
  return std::any_of(classes.begin(), classes.end(), [&](const PacketClass& one) {
    return policy::Holds(one.box, one.plane, witness);
  });
}

// The judgement's rules of a plane, to tell what they decide on a condition: it is never what is
// demanded, and a trace shows only one of its two outcomes.
class Conditions {
 public:
  Conditions(const policy::Judgement& judgement, const policy::Plane& plane) : plane_(plane) {
    size_t work = policy::kMaxComparisonWork;
    rules_ = policy::RulesOf(judgement, plane, rulings_, work);
  }

  bool Hold(const Witness& witness) const {
    for (const policy::Rule& rule : rules_) {
      if (!policy::Holds(rule.box, plane_, witness)) continue;
      return !rulings_[rule.number.ruling].outcome.otherwise.empty();
    }
    return false;
  }

 private:
  const policy::Plane plane_;
  policy::Rulings rulings_;
  policy::RuleList rules_;
};

struct Tally {
  uint64_t packets = 0, breaking = 0, kept = 0, breaches = 0;
};

void TryDemand(Random& random, const RandomPair& pair, const policy::Interface& interface,
               int packets, Tally& tally) {
  const std::string location = "elsewhere";
  const auto was = JudgementOf(pair.before.effective, location, location, interface);
  const auto is = JudgementOf(pair.after.effective, location, location, interface);
  const Demand demand = DrawDemand(random, was);
  if (demand.traffic.empty()) return;
  size_t work = policy::kMaxComparisonWork;
  const Breaches breaches = BreachesOf(is, demand, work);
  const Breaches fresh = FreshBreachesOf(was, is, demand, work);
  ASSERT_TRUE(breaches.complete && fresh.complete);
  const TracedHost host(pair.after.effective, interface, location, location);
  const TracedHost old_host(pair.before.effective, interface, location, location);
  const Conditions now(is, demand.plane), before(was, demand.plane);
  tally.kept += breaches.classes.empty() ? 1 : 0;
  policy::JudgementDifference near;
  for (const Box& box : demand.traffic) near.classes.push_back({demand.plane, box, {}, {}});
  const policy::JudgementDifference traffic = near;
  for (const PacketClass& one : breaches.classes) {
    ++tally.breaches;
    const Witness witness = policy::WitnessOf(one.box, one.plane);
    ASSERT_TRUE(IsIn(traffic.classes, witness)) << Describe(witness);
    ASSERT_TRUE(host.Confirms(witness, one.after.outcome)) << Describe(witness);
    near.classes.push_back(one);
  }
  for (int i = 0; i < packets; ++i) {
    const Witness witness = RandomWitness(random, near, is);
    if (!IsIn(traffic.classes, witness) || now.Hold(witness) || before.Hold(witness)) continue;
    ++tally.packets;
    const bool breaks = PassesByTrace(host, witness) != demand.admitted;
    const bool broke = PassesByTrace(old_host, witness) != demand.admitted;
    tally.breaking += breaks ? 1 : 0;
    ASSERT_EQ(IsIn(breaches.classes, witness), breaks) << Describe(witness);
    ASSERT_EQ(IsIn(fresh.classes, witness), breaks && !broke) << Describe(witness);
  }
}

TEST(RandomInvariant, IsBrokenExactlyWhereItIsTold) {
  // The slow form draws pairs until it has asked about a million packets.
  const bool slow = IsSlow();
  const int packets = slow ? 600 : 120;
  Tally tally;
  for (int number = 0; slow ? tally.packets < 1'000'000 : number < 250; ++number) {
    Random random(static_cast<uint64_t>(number));
    const RandomPair pair = DrawPair(random);
    for (const policy::Interface& interface :
         {policy::Interface{"eth0", "ethernet"}, policy::Interface{"wlan0", "wireless"}}) {
      SCOPED_TRACE(absl::StrCat("pair ", number, " by ", interface.name, "\n",
                                pair.after.effective.ShortDebugString()));
      TryDemand(random, pair, interface, packets, tally);
      if (testing::Test::HasFailure()) return;
    }
  }
  std::cout << tally.packets << " packets, " << tally.breaking
            << " of them break what is demanded; " << tally.breaches << " breaches; " << tally.kept
            << " demands are kept\n";
  EXPECT_GT(tally.breaking, tally.packets / 20);
  EXPECT_GT(tally.kept, 10u);
}

}  // namespace
}  // namespace firebreak::oracle
