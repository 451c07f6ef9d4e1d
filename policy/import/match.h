// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_IMPORT_MATCH_H_
#define FIREBREAK_POLICY_IMPORT_MATCH_H_

#include <bitset>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/import/interfaces.h"
#include "policy/import/interval_set.h"

namespace firebreak::importer {

inline constexpr int kIcmp = 1, kTcp = 6, kUdp = 17, kIcmpv6 = 58;

// Kinds of packets, as bits. A match has the bits of the kinds that it covers.
enum State : uint8_t { kNew = 1, kEstablished = 2, kRelated = 4, kInvalid = 8, kUntracked = 16 };
enum Destination : uint8_t { kOwn = 1, kBroadcast = 2, kMulticast = 4, kElsewhere = 8 };
enum Segment : uint8_t { kLoneSyn = 1, kOtherSegment = 2 };  // of a TCP connection
enum SentOn : uint8_t { kNotSentOn = 1, kSentOn = 2 };       // whether the destination was changed
inline constexpr uint8_t kAllStates = 31, kAllDestinations = 15, kAllSegments = 3, kAllSentOn = 3;

struct Addresses {
  IntervalSet v4, v6;
  friend bool operator==(const Addresses&, const Addresses&) = default;
};

IntervalSet AllV4();
IntervalSet AllV6();
IntervalSet AllPorts();
IntervalSet AllKinds();  // all of ICMP, as type * 256 + code

// `count` flows or packets in `seconds` seconds.
struct Rate {
  uint64_t count = 1;
  uint64_t seconds = 1;
  uint32_t burst = 5;
  bool per_source = false;
  bool above = false;  // means what exceeds the rate, not what keeps within it
  friend bool operator==(const Rate&, const Rate&) = default;
};

struct Flows {
  uint32_t most = 1;
  bool per_source = false;
  bool above = false;
  friend bool operator==(const Flows&, const Flows&) = default;
};

// The packets that a rule matches: a product of sets, one for each property of a packet. A property
// that the rule ignores has the full set. A value.
struct Match {
  Interfaces in, out;
  // An empty set of addresses leaves out the family.
  Addresses from = {AllV4(), AllV6()}, to = {AllV4(), AllV6()};
  std::bitset<256> protocols = std::bitset<256>().set();
  // Ports apply to the protocols that have ports, kinds to ICMP. A set is full if no protocol in
  // `protocols` uses it.
  IntervalSet source_ports = AllPorts(), ports = AllPorts();
  IntervalSet kinds4 = AllKinds(), kinds6 = AllKinds();
  uint8_t states = kAllStates;
  uint8_t destinations = kAllDestinations;
  uint8_t segments = kAllSegments;
  uint8_t sent_on = kAllSentOn;
  std::optional<std::vector<std::string>> users, user_groups;
  std::optional<Rate> rate;
  std::optional<Flows> flows;

  bool HasV4() const { return !from.v4.empty(); }
  bool HasV6() const { return !from.v6.empty(); }
  void DropV4() { from.v4 = to.v4 = IntervalSet(); }
  void DropV6() { from.v6 = to.v6 = IntervalSet(); }
  bool HasCondition() const { return rate.has_value() || flows.has_value(); }

  friend bool operator==(const Match&, const Match&) = default;
};

// Returns TCP, UDP, SCTP, DCCP and UDP-Lite.
std::bitset<256> ProtocolsWithPorts();
bool AnyWithPorts(const std::bitset<256>& protocols);

// Removes families and protocols of which nothing is left, and fills the sets that no protocol
// uses, so that equal matches compare equal.
void Normalise(Match& match);
bool IsEmpty(const Match& normal);

// Returns the packets that both match; none if they have two different limits.
std::optional<Match> Intersect(const Match& a, const Match& b);
// Whether some packet matches both, ignoring limits.
bool Overlap(const Match& a, const Match& b);
// Whether every packet of `inner` matches `outer`; false if `outer` has a limit.
bool Within(const Match& inner, const Match& outer);
// Returns none if the union is no product, or if the limits differ.
std::optional<Match> Unite(const Match& a, const Match& b);

}  // namespace firebreak::importer

#endif  // FIREBREAK_POLICY_IMPORT_MATCH_H_
