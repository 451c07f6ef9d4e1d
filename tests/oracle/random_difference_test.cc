// Draws pairs of configurations and asks the trace of packets under both: their outcome changes if
// and only if a class that the difference tells of holds them.

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "policy/difference/confirm.h"
#include "policy/difference/difference.h"
#include "policy/difference/universe.h"
#include "policy/merge/check_effective.h"
#include "policy/merge/merge.h"
#include "policy/merge/select.h"
#include "policy/resources/plan.h"
#include "policy/resources/write.h"
#include "tests/oracle/random_policies.h"

namespace firebreak::oracle {
namespace {

using policy::Box;
using policy::Judgement;
using policy::PacketClass;
using policy::Plane;
using policy::TracedHost;
using policy::Way;
using policy::Witness;

constexpr int kPairs = 250;
constexpr int kPacketsOfAPair = 200;
constexpr uint16_t kProtocols[] = {6, 6, 6, 17, 17, 17, 132, 33, 136, 47, 50, 99, 2, 1, 58};

std::optional<v1::EffectivePolicy> Effective(const std::vector<v1::Resource>& resources) {
  std::vector<const google::protobuf::Message*> messages;
  for (const v1::Resource& resource : resources) messages.push_back(&resource);
  const policy::SourceFile file = {"random.yaml", policy::ToYaml(messages)};
  const policy::Plan plan = policy::PlanApply({}, {&file, 1}, {"host"});
  if (!plan.ok()) return std::nullopt;
  const policy::Selector selector(plan.next);
  v1::EffectivePolicy effective = policy::Merge(plan.next, selector.Select("host", {}));
  if (!policy::CheckEffective(effective).ok()) return std::nullopt;
  return effective;
}

std::vector<v1::Resource> ValidResources(Random& random, v1::EffectivePolicy& effective) {
  while (true) {
    std::vector<v1::Resource> resources = RandomResources(random);
    if (auto merged = Effective(resources)) {
      effective = *std::move(merged);
      return resources;
    }
  }
}

// Another configuration: one that has much in common with the first, or not.
v1::EffectivePolicy Another(Random& random, const std::vector<v1::Resource>& resources) {
  while (true) {
    v1::EffectivePolicy effective;
    std::vector<v1::Resource> others = ValidResources(random, effective);
    if (OneIn(random, 4)) return effective;
    std::vector<v1::Resource> mixed = resources;
    for (v1::Resource& resource : mixed) {
      if (!resource.has_policy()) continue;
      const v1::Policy& donor = others.back().policy();
      v1::Policy& changed = *resource.mutable_policy();
      switch (Below(random, 6)) {
        case 0: changed.set_priority(static_cast<int32_t>(Below(random, 4))); break;
        case 1: *changed.mutable_port_mappings() = donor.port_mappings(); break;
        case 2: *changed.mutable_outbound() = donor.outbound(); break;
        case 3: *changed.mutable_icmp() = donor.icmp(); break;
        case 4: changed.set_firewall(donor.firewall()); break;
        default: *changed.mutable_interfaces() = donor.interfaces(); break;
      }
    }
    if (auto merged = Effective(mixed)) return *std::move(merged);
  }
}

const v1::EffectiveLocation* LocationOf(const v1::EffectivePolicy& policy,
                                        const std::string& name) {
  for (const v1::EffectiveLocation& location : policy.locations()) {
    if (location.name() == name) return &location;
  }
  return nullptr;
}

Judgement JudgementOf(const v1::EffectivePolicy& policy, const v1::EffectiveLocation& location,
                      const policy::Interface& interface) {
  Judgement judgement = {policy::ProfileOf(location, interface.name, interface.type), {}};
  const auto& shared = location.host().sharing().private_();
  if (!policy.managed()) judgement.exempt = policy::Cause::Kind::kUnmanaged;
  if (std::find(shared.begin(), shared.end(), interface.name) != shared.end()) {
    judgement.exempt = policy::Cause::Kind::kPrivate;
  }
  return judgement;
}

Witness RandomWitness(Random& random, const policy::JudgementDifference& difference,
                      const std::vector<Box>& rules, Plane plane) {
  Box near = policy::WholeBox(plane.address_bytes);
  if (!difference.classes.empty() && OneIn(random, 2)) {
    const PacketClass& one = Pick(random, difference.classes);
    near = one.box;
    plane = one.plane;
  } else if (!rules.empty() && OneIn(random, 2)) {
    near = Pick(random, rules);
  }
  // At the box's borders, just outside, or anywhere.
  const auto choose = [&](Box::Axis axis, policy::AddressNumber most) {
    switch (Below(random, 6)) {
      case 0: return near.First(axis);
      case 1: return near.Last(axis);
      case 2: return near.First(axis) == 0 ? most : near.First(axis) - 1;
      case 3: return near.Last(axis) == most ? policy::AddressNumber{0} : near.Last(axis) + 1;
      case 4: {
        const policy::AddressNumber wide =
            policy::AddressNumber{random()} << 64 | policy::AddressNumber{random()};
        return most == ~policy::AddressNumber{0} ? wide : wide % (most + 1);
      }
      default: {
        const policy::AddressNumber span = near.Last(axis) - near.First(axis);
        return near.First(axis) +
               (span == ~policy::AddressNumber{0} ? random() : random() % (span + 1));
      }
    }
  };
  Witness witness = {.plane = plane};
  witness.protocol = static_cast<uint8_t>(choose(Box::kProtocol, 255));
  if (witness.protocol == 0 || OneIn(random, 2)) {
    witness.protocol = static_cast<uint8_t>(Pick(random, kProtocols));
  }
  witness.source_port = static_cast<uint16_t>(choose(Box::kSourcePort, 65535));
  witness.port =
      OneIn(random, 4) ? Pick(random, kPorts) : static_cast<uint16_t>(choose(Box::kPort, 65535));
  const policy::AddressNumber most = policy::WholeBox(plane.address_bytes).last_address;
  witness.remote = policy::ToAddressBytes(choose(Box::kAddress, most) & most, plane.address_bytes);
  return witness;
}

// IPv6's headers between IP and the transport are no protocols of their own.
bool IsExtensionHeader(uint8_t protocol) {
  constexpr uint8_t kHeaders[] = {0, 43, 44, 51, 59, 60, 135, 139, 140};
  return std::find(std::begin(kHeaders), std::end(kHeaders), protocol) != std::end(kHeaders);
}

// Whether it is a packet that can be, as a difference speaks of them.
bool CanBe(const Witness& witness) {
  const bool six = witness.plane.address_bytes == 16;
  if (six && IsExtensionHeader(witness.protocol)) return false;
  Box box = policy::WholeBox(witness.plane.address_bytes);
  box.first16[Box::kProtocol] = box.last16[Box::kProtocol] = witness.protocol;
  box.first_address = box.last_address = policy::ToAddressNumber(witness.remote);
  return policy::IsPossible(box, witness.plane);
}

std::string Describe(const Witness& witness) {
  return absl::StrCat(witness.plane.way == Way::kInbound ? "in" : "out", " protocol ",
                      static_cast<int>(witness.protocol), " from port ", witness.source_port,
                      " to ", witness.port, " remote ", absl::BytesToHexString(witness.remote));
}

// What the trace makes of it, so that two can be compared.
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

void ComparePair(Random& random, const v1::EffectivePolicy& before,
                 const v1::EffectivePolicy& after, const std::string& location,
                 const policy::Interface& interface, Tally& tally) {
  const v1::EffectiveLocation* const old_location = LocationOf(before, location);
  const v1::EffectiveLocation* const new_location = LocationOf(after, location);
  if (old_location == nullptr || new_location == nullptr) return;
  const Judgement old_judgement = JudgementOf(before, *old_location, interface);
  const Judgement new_judgement = JudgementOf(after, *new_location, interface);
  const auto difference = policy::CompareJudgements(old_judgement, new_judgement);
  ASSERT_TRUE(difference.complete);
  tally.none += difference.classes.empty() ? 1 : 0;
  const TracedHost old_host(before, interface, location, location);
  const TracedHost new_host(after, interface, location, location);

  for (const PacketClass& one : difference.classes) {
    const Witness witness = policy::WitnessOf(one.box, one.plane);
    ASSERT_TRUE(policy::Holds(one.box, one.plane, witness)) << Describe(witness);
    ++tally.classes;
    if (one.plane.address_bytes == 16 && IsExtensionHeader(witness.protocol)) continue;
    EXPECT_TRUE(old_host.Confirms(witness, one.before.outcome))
        << Describe(witness) << ": not " << policy::OutcomeText(one.before.outcome) << " before ("
        << policy::CauseText(one.before.cause) << ") but " << OutcomeByTrace(old_host, witness);
    EXPECT_TRUE(new_host.Confirms(witness, one.after.outcome))
        << Describe(witness) << ": not " << policy::OutcomeText(one.after.outcome) << " after ("
        << policy::CauseText(one.after.cause) << ") but " << OutcomeByTrace(new_host, witness);
  }
  constexpr Plane kPlanes[] = {
      {Way::kInbound, 4}, {Way::kInbound, 16}, {Way::kOutbound, 4}, {Way::kOutbound, 16}};
  std::vector<Box> rules_of[std::size(kPlanes)];
  for (size_t i = 0; i < std::size(kPlanes); ++i) {
    policy::Rulings rulings;
    for (const policy::Rule& rule : policy::RulesOf(new_judgement, kPlanes[i], rulings)) {
      rules_of[i].push_back(rule.box);
    }
  }
  for (int i = 0; i < kPacketsOfAPair; ++i) {
    const uint32_t number = Below(random, std::size(kPlanes));
    const Plane& plane = kPlanes[number];
    const std::vector<Box>& rules = rules_of[number];
    const Witness witness = RandomWitness(random, difference, rules, plane);
    if (!CanBe(witness)) continue;
    ++tally.packets;
    const bool told = std::any_of(
        difference.classes.begin(), difference.classes.end(),
        [&](const PacketClass& one) { return policy::Holds(one.box, one.plane, witness); });
    const std::string was = OutcomeByTrace(old_host, witness);
    const std::string is = OutcomeByTrace(new_host, witness);
    tally.changed += was != is ? 1 : 0;
    ASSERT_EQ(told, was != is) << Describe(witness) << " was " << was << ", is " << is;
  }
}

TEST(RandomDifferenceTest, PacketsChangeExactlyWhereItIsTold) {
  Tally tally;
  for (int pair = 0; pair < kPairs && !testing::Test::HasFailure(); ++pair) {
    Random random(static_cast<uint64_t>(pair));
    v1::EffectivePolicy before;
    const std::vector<v1::Resource> resources = ValidResources(random, before);
    const v1::EffectivePolicy after = Another(random, resources);
    for (const char* location : {"elsewhere", "corp"}) {
      for (const policy::Interface& interface :
           {policy::Interface{"eth0", "ethernet"}, policy::Interface{"wlan0", "wireless"},
            policy::Interface{"eth1", "ethernet"}}) {
        SCOPED_TRACE(absl::StrCat("pair ", pair, " at ", location, " by ", interface.name, "\n",
                                  before.ShortDebugString(), "\n", after.ShortDebugString()));
        ComparePair(random, before, after, location, interface, tally);
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
