// SPDX-License-Identifier: Apache-2.0

// Has the kernel enforce both configurations of random pairs, one after the other, and sends the
// same packets under either: the kernel treats one otherwise if and only if a class that the
// difference tells of holds it. Needs root, as packets are real frames between network namespaces.

#include <netinet/in.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "policy/difference/confirm.h"
#include "policy/trace/packet.h"
#include "tests/oracle/judge.h"
#include "tests/oracle/random_pairs.h"
#include "tests/oracle/world.h"

namespace firebreak::oracle {
namespace {

using policy::Witness;

constexpr int kPacketsOfAPair = 60;

// In the slow form 10^5 packets.
int PairCount() {
  const char* const slow = std::getenv("FIREBREAK_SLOW");
  return slow != nullptr && *slow != '\0' ? 4000 : 250;
}

struct Sent {
  Witness witness;
  size_t interface = 0;
  bool told = false;
  Probe probe;
};

// What the kernel made of it: nothing if it did not come through, else where it went.
std::string OutcomeByKernel(const std::optional<Observation>& seen) {
  if (!seen->arrived) return "dropped";
  const policy::Packet packet = policy::ParsePacket(seen->datagram);
  std::string text = absl::StrCat("passed to ", absl::BytesToHexString(DestinationOf(packet)));
  if (policy::TracksPorts(packet.protocol) && packet.transport.size() >= 4) {
    absl::StrAppend(&text, ":", policy::Read16(packet.transport, 2));
  }
  return text;
}

// The kernel does not show that it has only observed, nor that it answers in a service's place.
bool IsSeenOnTheWire(const policy::JudgementDifference& difference, const Witness& witness) {
  using Action = policy::Outcome::Action;
  for (const policy::PacketClass& one : difference.classes) {
    if (!policy::Holds(one.box, one.plane, witness)) continue;
    const auto plain = [](policy::Outcome outcome) {
      if (outcome.action == Action::kObserved) outcome.action = Action::kAdmitted;
      if (outcome.action == Action::kProxied) outcome.action = Action::kRefused;
      if (outcome.action == Action::kRejected) outcome.action = Action::kRefused;
      return outcome;
    };
    policy::Outcome before = plain(one.before.outcome), after = plain(one.after.outcome);
    // Sent on to the port that it came to is as if it were let in.
    for (policy::Outcome* outcome : {&before, &after}) {
      if (outcome->action == Action::kForwarded && outcome->forward_address.empty() &&
          outcome->forward_port == witness.port) {
        *outcome = {Action::kAdmitted};
      }
      if (outcome->action == Action::kForwarded && outcome->forward_port == 0) {
        outcome->forward_port = witness.port;
      }
    }
    return before != after;
  }
  return false;
}

// Whether it rests on who sends it, or to which of the host's addresses it goes, which is otherwise
// here than for a witness.
bool IsConditional(const policy::JudgementDifference& difference, const Witness& witness) {
  return std::any_of(
      difference.classes.begin(), difference.classes.end(), [&](const policy::PacketClass& one) {
        return policy::Holds(one.box, one.plane, witness) &&
               !(one.before.outcome.otherwise.empty() && one.after.outcome.otherwise.empty());
      });
}

class KernelDifference : public testing::Test {
 protected:
  // False: one of the two is nothing for this host.
  bool ComparePair(Random& random, const RandomPair& pair) {
    Setting before = {pair.before.resources, {}}, after = {pair.after.resources, {}};
    const auto has_corp = [](const Drawn& drawn) {
      return LocationOf(drawn.effective, "corp") != nullptr;
    };
    for (size_t i = 0; i < world_.interfaces().size(); ++i) {
      if (!has_corp(pair.before) || !has_corp(pair.after) || !OneIn(random, 2)) continue;
      before.at_corp.insert(i);
      after.at_corp.insert(i);
    }
    std::string why;
    std::vector<Sent> sent = Choose(random, pair, before);
    std::vector<std::optional<Observation>> seen_before, seen_after;
    if (!judge_.Enforce(before, why)) return false;
    for (const Sent& one : sent) seen_before.push_back(SendFresh(one));
    if (!judge_.Enforce(after, why)) return false;
    for (const Sent& one : sent) seen_after.push_back(SendFresh(one));
    for (size_t i = 0; i < sent.size(); ++i) {
      if (!seen_before[i].has_value() || !seen_after[i].has_value()) continue;
      ++packets_;
      const std::string was = OutcomeByKernel(seen_before[i]);
      const std::string is = OutcomeByKernel(seen_after[i]);
      changed_ += was != is ? 1 : 0;
      EXPECT_EQ(sent[i].told, was != is)
          << Describe(sent[i].witness) << " by " << world_.interfaces()[sent[i].interface].name
          << " was " << was << ", is " << is;
    }
    return true;
  }

  uint64_t packets_ = 0, changed_ = 0;

 private:
  std::vector<Sent> Choose(Random& random, const RandomPair& pair, const Setting& setting) {
    std::vector<Sent> sent;
    const auto& interfaces = world_.interfaces();
    const bool all_at_corp = setting.at_corp.size() == interfaces.size();
    const std::string host_location = all_at_corp ? "corp" : "elsewhere";
    std::vector<policy::JudgementDifference> differences;
    std::vector<policy::Judgement> judgements;
    for (size_t i = 0; i < interfaces.size(); ++i) {
      const policy::Interface interface = {interfaces[i].name, interfaces[i].type};
      const std::string location = setting.at_corp.contains(i) ? "corp" : "elsewhere";
      const auto judge = [&](const Drawn& drawn) {
        return JudgementOf(drawn.effective, location, host_location, interface);
      };
      judgements.push_back(judge(pair.after));
      size_t work = policy::kMaxComparisonWork;
      differences.push_back(policy::CompareJudgements(judge(pair.before), judgements.back(), work));
    }
    for (int i = 0; i < kPacketsOfAPair; ++i) {
      Sent one;
      one.interface = Below(random, static_cast<uint32_t>(interfaces.size()));
      const policy::JudgementDifference& difference = differences[one.interface];
      one.witness = RandomWitness(random, difference, judgements[one.interface]);
      one.told = IsSeenOnTheWire(difference, one.witness);
      one.probe = ProbeOf(one);
      if (IsConditional(difference, one.witness)) continue;
      if (MayBeSent(one)) sent.push_back(std::move(one));
    }
    // What the host sends may let in answers of its peers' own accord (`responses`).
    std::stable_sort(sent.begin(), sent.end(), [](const Sent& a, const Sent& b) {
      return a.witness.plane.way < b.witness.plane.way;
    });
    return sent;
  }

  Probe ProbeOf(const Sent& one) {
    const World::Interface& interface = world_.interfaces()[one.interface];
    const bool four = one.witness.plane.address_bytes == 4;
    Probe probe;
    const bool inward = one.witness.plane.way == policy::Way::kInbound;
    probe.way = inward ? Probe::Way::kIn : Probe::Way::kRaw;
    probe.interface = static_cast<int>(one.interface);
    if (++id_ == 0) id_ = 1;
    probe.id = id_;
    probe.datagram =
        policy::DatagramOf(one.witness, four ? interface.address4 : interface.address6, probe.id);
    return probe;
  }

  // Whether the remote address is that of a neighbour, or of a host that a route leads to.
  bool MayBeSent(const Sent& one) const {
    // The kernel computes their checksum wrongly, and takes what is sound for invalid.
    if (one.witness.protocol == IPPROTO_UDPLITE) return false;
    const ruleset::Bytes& remote = one.witness.remote;
    const bool inward = one.witness.plane.way == policy::Way::kInbound;
    for (size_t i = 0; i < world_.interfaces().size(); ++i) {
      const World::Interface& interface = world_.interfaces()[i];
      const ruleset::Bytes& network = remote.size() == 4 ? interface.network4 : interface.network6;
      const size_t prefix_bytes = remote.size() == 4 ? 3 : 8;
      if (remote.compare(0, prefix_bytes, network, 0, prefix_bytes) != 0) continue;
      const bool numbered = remote.compare(0, network.size(), network) == 0;
      if (!numbered) return inward;
      const auto host = static_cast<uint8_t>(remote.back());
      const bool neighbour = host == 1 || (host >= 3 && host <= 5);
      return inward ? host != 0 && host != 2 && host != 255 : neighbour && i == one.interface;
    }
    const auto first = static_cast<uint8_t>(remote[0]);
    const bool routed = remote.size() == 4 ? first < 224 : first < 0xfe;
    return inward || (one.interface == 0 && routed);
  }

  std::optional<Observation> SendFresh(const Sent& one) {
    world_.ForgetFlows();
    return world_.Send(one.probe);
  }

  World world_;
  Judge judge_{world_};
  uint16_t id_ = 0;
};

TEST_F(KernelDifference, TheKernelTreatsPacketsOtherwiseExactlyWhereItIsTold) {
  const int wanted = PairCount();
  int pairs = 0;
  for (uint64_t seed = 0; pairs < wanted; ++seed) {
    Random random(seed);
    const RandomPair pair = DrawPair(random);
    SCOPED_TRACE(absl::StrCat("seed ", seed, "\n", pair.before.effective.ShortDebugString(), "\n",
                              pair.after.effective.ShortDebugString()));
    pairs += ComparePair(random, pair) ? 1 : 0;
    if (HasFailure()) return;
  }
  std::cout << packets_ << " packets, " << changed_ << " of them changed\n";
  EXPECT_GT(changed_, packets_ / 20);
}

}  // namespace
}  // namespace firebreak::oracle
