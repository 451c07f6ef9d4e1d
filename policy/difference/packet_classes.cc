// SPDX-License-Identifier: Apache-2.0
#include "policy/difference/packet_classes.h"

#include <netinet/in.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/difference/packet_sets.h"
#include "policy/merge/icmp_option_types.h"
#include "policy/resources/prefix.h"
#include "policy/resources/protocols.h"

namespace firebreak::policy {
namespace {

struct Range16 {
  uint16_t first = 0, last = 0;
  friend auto operator<=>(const Range16&, const Range16&) = default;
};

Range16 RangeOf(const Box& box, Box::Axis axis) { return {box.first16[axis], box.last16[axis]}; }

// Gives equal rulings equal numbers.
class RulingNumbers {
 public:
  size_t Of(const Ruling& ruling) {
    return numbers_.emplace(ruling, numbers_.size()).first->second;
  }

 private:
  absl::flat_hash_map<Ruling, size_t> numbers_;
};

double ShareOf(const PacketClass& packets) {
  return ShareOf(packets.box, packets.plane.address_bytes);
}

// Packet classes that are described together, in one sentence.
struct Told {
  RemoteSet remote;
  TrafficSet traffic;
  double share = 0;
  const PacketClass* biggest = nullptr;

  void Add(const PacketClass& packets) {
    share += ShareOf(packets);
    PutBiggest(packets);
  }
  void Add(const Told& part) {
    share += part.share;
    PutBiggest(*part.biggest);
  }

 private:
  void PutBiggest(const PacketClass& packets) {
    if (biggest == nullptr || ShareOf(*biggest) < ShareOf(packets)) biggest = &packets;
  }
};

void FillRuling(const Ruling& ruling, v1::PacketRuling& filled) {
  filled.set_outcome(OutcomeText(ruling.outcome));
  filled.set_cause(CauseText(ruling.cause));
  filled.set_policy(ruling.cause.policy);
  if (ruling.cause.kind == Cause::Kind::kMapping) filled.set_mapping(ruling.cause.mapping);
}

v1::PacketWitness WitnessMessage(const Witness& witness) {
  v1::PacketWitness message;
  const bool icmp = witness.protocol == IcmpProtocol(witness.plane.address_bytes);
  message.set_protocol(icmp ? witness.plane.address_bytes == 4 ? "icmp" : "icmpv6"
                            : ProtocolText(witness.protocol));
  std::string remote =
      PrefixText({witness.remote, static_cast<int>(witness.plane.address_bytes * 8)});
  remote.resize(remote.rfind('/'));
  message.set_remote(remote);
  if (icmp) {
    message.set_icmp_type(witness.port >> 8);
    message.set_icmp_code(witness.port & 0xff);
  } else if (HasPorts(witness.protocol)) {
    message.set_source_port(witness.source_port);
    message.set_destination_port(witness.port);
  }
  return message;
}

v1::PacketClass::Change ChangeOf(const PacketClass& packets) {
  switch (KindOf(packets)) {
    case ChangeKind::kOpened: return v1::PacketClass::opened;
    case ChangeKind::kClosed: return v1::PacketClass::closed;
    case ChangeKind::kOtherwise: return v1::PacketClass::otherwise;
  }
  return v1::PacketClass::unspecified;
}

v1::PacketClass MessageOf(const Told& told, const ConfirmWitness& confirm) {
  const PacketClass& packets = *told.biggest;
  v1::PacketClass message;
  message.set_change(ChangeOf(packets));
  message.set_direction(packets.plane.way == Way::kInbound ? "in" : "out");
  const SetText traffic = TrafficText(told.traffic), remote = RemoteText(told.remote);
  for (const std::string& text : traffic.in) message.add_traffic(text);
  for (const std::string& text : traffic.except) message.add_traffic_except(text);
  for (const std::string& text : remote.in) message.add_remote(text);
  for (const std::string& text : remote.except) message.add_remote_except(text);
  const Range16 source = RangeOf(packets.box, Box::kSourcePort);
  if (source != Range16{0, 65535}) {
    message.set_source_ports(source.first == source.last
                                 ? absl::StrCat(source.first)
                                 : absl::StrCat(source.first, "-", source.last));
  }
  FillRuling(packets.before, *message.mutable_before());
  FillRuling(packets.after, *message.mutable_after());
  const Witness witness = WitnessOf(packets.box, packets.plane);
  *message.mutable_witness() = WitnessMessage(witness);
  message.mutable_witness()->set_confirmed(confirm(witness, packets));
  return message;
}

}  // namespace

std::vector<v1::PacketClass> Describe(const std::vector<PacketClass>& classes,
                                      const ConfirmWitness& confirm) {
  RulingNumbers numbers;
  // Direction, rulings before and after, source ports.
  using Key = std::tuple<Way, size_t, size_t, Range16>;
  // First, boxes of one family that differ only in their addresses are put together.
  std::map<std::tuple<Key, size_t, Range16, Range16>, Told> by_box;
  for (const PacketClass& packets : classes) {
    const Key key = {packets.plane.way, numbers.Of(packets.before), numbers.Of(packets.after),
                     RangeOf(packets.box, Box::kSourcePort)};
    Told& told = by_box[{key, packets.plane.address_bytes, RangeOf(packets.box, Box::kProtocol),
                         RangeOf(packets.box, Box::kPort)}];
    NumberSet& addresses = packets.plane.address_bytes == 4 ? told.remote.ipv4 : told.remote.ipv6;
    addresses.push_back({packets.box.first_address, packets.box.last_address});
    told.Add(packets);
  }
  // Then those that differ only in protocol and ports are put together.
  std::map<std::pair<Key, RemoteSet>, Told> by_remote;
  for (auto& [place, part] : by_box) {
    const auto& [key, address_bytes, protocols, ports] = place;
    RemoteSet remote = {Normalised(std::move(part.remote.ipv4)),
                        Normalised(std::move(part.remote.ipv6))};
    Told& told = by_remote[{key, remote}];
    told.remote = std::move(remote);
    for (uint16_t protocol = protocols.first; protocol <= protocols.last; ++protocol) {
      told.traffic[protocol].push_back({ports.first, ports.last});
    }
    told.Add(part);
  }
  // Finally those that differ only in the family are put together.
  std::map<std::pair<Key, TrafficSet>, Told> by_traffic;
  for (auto& [place, part] : by_remote) {
    for (auto& [protocol, ports] : part.traffic) ports = Normalised(std::move(ports));
    Told& told = by_traffic[{place.first, part.traffic}];
    told.traffic = std::move(part.traffic);
    const auto append = [](const NumberSet& from, NumberSet& to) {
      to.insert(to.end(), from.begin(), from.end());
    };
    append(part.remote.ipv4, told.remote.ipv4);
    append(part.remote.ipv6, told.remote.ipv6);
    told.Add(part);
  }
  std::vector<Told> told;
  for (auto& [key, one] : by_traffic) {
    one.remote = {Normalised(std::move(one.remote.ipv4)), Normalised(std::move(one.remote.ipv6))};
    told.push_back(std::move(one));
  }
  std::stable_sort(told.begin(), told.end(),
                   [](const Told& a, const Told& b) { return a.share > b.share; });
  std::vector<v1::PacketClass> messages;
  messages.reserve(told.size());
  for (const Told& one : told) messages.push_back(MessageOf(one, confirm));
  return messages;
}

}  // namespace firebreak::policy
