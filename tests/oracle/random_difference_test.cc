// SPDX-License-Identifier: Apache-2.0

// Draws pairs of configurations, and traces packets under both of a pair: a packet's outcome must
// change if and only if a class of the difference holds the packet.

#include <iostream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "policy/difference/confirm.h"
#include "tests/oracle/random_pairs.h"

namespace firebreak::oracle {
namespace {

using policy::PacketClass;
using policy::TracedHost;
using policy::Witness;

constexpr int kPairs = 250;
constexpr int kPacketsOfAPlace = 200;

// Returns the outcome of the trace in a form that can be compared.
std::string OutcomeByTrace(const TracedHost& host, const Witness& witness) {
  const policy::Trace trace = host.Ask(witness);
  std::string text = absl::StrCat(static_cast<int>(trace.verdict));
  if (trace.verdict == policy::Trace::Verdict::kAccept) {
    const bool observed = host.Confirms(witness, {policy::Outcome::Action::kObserved});
    absl::StrAppend(&text, observed ? " observed" : "", " ",
                    absl::BytesToHexString(policy::DestinationOf(trace.packet)));
    if (policy::TracksPorts(witness.protocol)) {
      absl::StrAppend(&text, ":", policy::Read16(trace.packet.transport, 2));
    }
  }
  return text;
}

struct Tally {
  uint64_t packets = 0, changed = 0, classes = 0, none = 0;
};

void ExpectConfirmed(const TracedHost& host, const Witness& witness, const policy::Ruling& ruling) {
  EXPECT_TRUE(host.Confirms(witness, ruling.outcome))
      << Describe(witness) << ": not " << policy::OutcomeText(ruling.outcome) << " ("
      << policy::CauseText(ruling.cause) << ") but " << OutcomeByTrace(host, witness);
}

void ComparePlace(Random& random, const RandomPair& pair, const std::string& location,
                  const policy::Interface& interface, Tally& tally) {
  if (LocationOf(pair.before.effective, location) == nullptr ||
      LocationOf(pair.after.effective, location) == nullptr) {
    return;
  }
  const auto before = JudgementOf(pair.before.effective, location, location, interface);
  const auto after = JudgementOf(pair.after.effective, location, location, interface);
  size_t work = policy::kMaxComparisonWork;
  const policy::JudgementDifference difference = policy::CompareJudgements(before, after, work);
  ASSERT_TRUE(difference.complete);
  tally.none += difference.classes.empty() ? 1 : 0;
  const TracedHost old_host(pair.before.effective, interface, location, location);
  const TracedHost new_host(pair.after.effective, interface, location, location);
  for (const PacketClass& one : difference.classes) {
    const Witness witness = policy::WitnessOf(one.box, one.plane);
    ASSERT_TRUE(policy::Holds(one.box, one.plane, witness)) << Describe(witness);
    ++tally.classes;
    ExpectConfirmed(old_host, witness, one.before);
    ExpectConfirmed(new_host, witness, one.after);
  }
  for (int i = 0; i < kPacketsOfAPlace; ++i) {
    const Witness witness = RandomWitness(random, difference, after);
    ++tally.packets;
    const std::string was = OutcomeByTrace(old_host, witness);
    const std::string is = OutcomeByTrace(new_host, witness);
    tally.changed += was != is ? 1 : 0;
    ASSERT_EQ(IsTold(difference, witness), was != is)
        << Describe(witness) << " was " << was << ", is " << is;
  }
}

TEST(RandomDifference, PacketsChangeExactlyWhereItIsTold) {
  Tally tally;
  for (int number = 0; number < kPairs; ++number) {
    Random random(static_cast<uint64_t>(number));
    const RandomPair pair = DrawPair(random);
    for (const char* location : {"elsewhere", "corp"}) {
      for (const policy::Interface& interface :
           {policy::Interface{"eth0", "ethernet"}, policy::Interface{"wlan0", "wireless"},
            policy::Interface{"eth1", "ethernet"}}) {
        SCOPED_TRACE(absl::StrCat("pair ", number, " at ", location, " by ", interface.name, "\n",
                                  pair.before.effective.ShortDebugString(), "\n",
                                  pair.after.effective.ShortDebugString()));
        ComparePlace(random, pair, location, interface, tally);
        if (testing::Test::HasFailure()) return;
      }
    }
  }
  std::cout << tally.packets << " packets, " << tally.changed << " of them changed; "
            << tally.classes << " classes; " << tally.none << " times nothing changes\n";
  EXPECT_GT(tally.changed, tally.packets / 20);
  EXPECT_GT(tally.none, 10u);
}

}  // namespace
}  // namespace firebreak::oracle
