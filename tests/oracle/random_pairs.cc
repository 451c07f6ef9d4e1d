// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/random_pairs.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "policy/difference/universe.h"
#include "policy/merge/check_effective.h"
#include "policy/merge/merge.h"
#include "policy/merge/select.h"
#include "policy/resources/plan.h"
#include "policy/resources/write.h"

namespace firebreak::oracle {
namespace {

using policy::AddressNumber;
using policy::Box;
using policy::Plane;
using policy::Way;
using policy::Witness;

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

Drawn Draw(Random& random) {
  while (true) {
    std::vector<v1::Resource> resources = RandomResources(random);
    if (auto effective = Effective(resources)) return {std::move(resources), *std::move(effective)};
  }
}

// Takes something of each policy from the donor.
void Change(Random& random, const v1::Policy& donor, v1::Policy& changed) {
  switch (Below(random, 6)) {
    case 0: changed.set_priority(static_cast<int32_t>(Below(random, 4))); break;
    case 1: *changed.mutable_port_mappings() = donor.port_mappings(); break;
    case 2: *changed.mutable_outbound() = donor.outbound(); break;
    case 3: *changed.mutable_icmp() = donor.icmp(); break;
    case 4: changed.set_firewall(donor.firewall()); break;
    default: *changed.mutable_interfaces() = donor.interfaces();
  }
}

Drawn DrawLike(Random& random, const Drawn& one) {
  while (true) {
    Drawn other = Draw(random);
    if (OneIn(random, 4)) return other;
    std::vector<v1::Resource> mixed = one.resources;
    for (v1::Resource& resource : mixed) {
      if (!resource.has_policy()) continue;
      Change(random, other.resources.back().policy(), *resource.mutable_policy());
    }
    if (auto effective = Effective(mixed)) return {std::move(mixed), *std::move(effective)};
  }
}

// IPv6's headers between IP and the transport are no protocols of their own.
bool IsExtensionHeader(uint8_t protocol) {
  constexpr uint8_t kHeaders[] = {0, 43, 44, 51, 59, 60, 135, 139, 140};
  return std::find(std::begin(kHeaders), std::end(kHeaders), protocol) != std::end(kHeaders);
}

bool CanBe(const Witness& witness) {
  if (witness.protocol == 0) return false;
  if (witness.plane.address_bytes == 16 && IsExtensionHeader(witness.protocol)) return false;
  Box box = policy::WholeBox(witness.plane.address_bytes);
  box.first16[Box::kProtocol] = box.last16[Box::kProtocol] = witness.protocol;
  box.first_address = box.last_address = policy::ToAddressNumber(witness.remote);
  return policy::IsPossible(box, witness.plane);
}

// At the box's borders, just outside of them, within, or anywhere.
AddressNumber NumberNear(Random& random, const Box& box, Box::Axis axis, AddressNumber most) {
  const AddressNumber first = box.First(axis), last = box.Last(axis), span = last - first;
  const AddressNumber wide = AddressNumber{random()} << 64 | AddressNumber{random()};
  switch (Below(random, 6)) {
    case 0: return first;
    case 1: return last;
    case 2: return first == 0 ? most : first - 1;
    case 3: return last == most ? AddressNumber{0} : last + 1;
    case 4: return most == ~AddressNumber{0} ? wide : wide % (most + 1);
    default: return first + (span == ~AddressNumber{0} ? wide : wide % (span + 1));
  }
}

Witness WitnessNear(Random& random, const Box& box, const Plane& plane) {
  Witness witness = {.plane = plane};
  witness.protocol = static_cast<uint8_t>(NumberNear(random, box, Box::kProtocol, 255));
  if (OneIn(random, 2)) witness.protocol = static_cast<uint8_t>(Pick(random, kProtocols));
  witness.source_port = static_cast<uint16_t>(NumberNear(random, box, Box::kSourcePort, 65535));
  witness.port = OneIn(random, 4)
                     ? Pick(random, kPorts)
                     : static_cast<uint16_t>(NumberNear(random, box, Box::kPort, 65535));
  const AddressNumber most = policy::WholeBox(plane.address_bytes).last_address;
  witness.remote = policy::ToAddressBytes(NumberNear(random, box, Box::kAddress, most) & most,
                                          plane.address_bytes);
  return witness;
}

}  // namespace

RandomPair DrawPair(Random& random) {
  RandomPair pair;
  pair.before = Draw(random);
  pair.after = DrawLike(random, pair.before);
  return pair;
}

const v1::EffectiveLocation* LocationOf(const v1::EffectivePolicy& policy,
                                        const std::string& name) {
  for (const v1::EffectiveLocation& location : policy.locations()) {
    if (location.name() == name) return &location;
  }
  return nullptr;
}

policy::Judgement JudgementOf(const v1::EffectivePolicy& policy, const std::string& location,
                              const std::string& host_location,
                              const policy::Interface& interface) {
  policy::Judgement judgement = {
      policy::ProfileOf(*LocationOf(policy, location), interface.name, interface.type), {}};
  const v1::EffectiveLocation* const host = LocationOf(policy, host_location);
  const auto& shared = (host == nullptr ? policy.locations(0) : *host).host().sharing().private_();
  if (std::find(shared.begin(), shared.end(), interface.name) != shared.end()) {
    judgement.exempt = policy::Cause::Kind::kPrivate;
  }
  if (!policy.managed()) judgement.exempt = policy::Cause::Kind::kUnmanaged;
  return judgement;
}

std::vector<Box> RuleBoxes(const policy::Judgement& judgement, const Plane& plane) {
  policy::Rulings rulings;
  std::vector<Box> boxes;
  size_t work = policy::kMaxComparisonWork;
  for (const policy::Rule& rule : policy::RulesOf(judgement, plane, rulings, work)) {
    boxes.push_back(rule.box);
  }
  return boxes;
}

Witness RandomWitness(Random& random, const policy::JudgementDifference& difference,
                      const policy::Judgement& judgement) {
  while (true) {
    Plane plane = {OneIn(random, 2) ? Way::kInbound : Way::kOutbound,
                   OneIn(random, 2) ? size_t{4} : size_t{16}};
    Box near = policy::WholeBox(plane.address_bytes);
    if (!difference.classes.empty() && OneIn(random, 2)) {
      const policy::PacketClass& one = Pick(random, difference.classes);
      near = one.box;
      plane = one.plane;
    } else if (OneIn(random, 2)) {
      near = Pick(random, RuleBoxes(judgement, plane));
    }
    Witness witness = WitnessNear(random, near, plane);
    if (CanBe(witness)) return witness;
  }
}

bool IsTold(const policy::JudgementDifference& difference, const Witness& witness) {
  const auto shown = [](policy::Outcome outcome) {
    outcome.otherwise.clear();
    if (outcome.action == policy::Outcome::Action::kRejected) {
      outcome.action = policy::Outcome::Action::kRefused;
    }
    return outcome;
  };
  return std::any_of(difference.classes.begin(), difference.classes.end(),
                     [&](const policy::PacketClass& one) {
                       return policy::Holds(one.box, one.plane, witness) &&
                              shown(one.before.outcome) != shown(one.after.outcome);
                     });
}

std::string Describe(const Witness& witness) {
  return absl::StrCat(witness.plane.way == Way::kInbound ? "in" : "out", " protocol ",
                      static_cast<int>(witness.protocol), " from port ", witness.source_port,
                      " to ", witness.port, " remote ", absl::BytesToHexString(witness.remote));
}

}  // namespace firebreak::oracle
