// SPDX-License-Identifier: Apache-2.0
#include "policy/import/nft_key.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status/status.h"
#include "policy/import/words.h"
#include "policy/resources/names.h"
#include "policy/resources/protocols.h"

namespace firebreak::importer {
namespace {

using policy::Quoted;

struct Known {
  const char* words;  // separated by blanks
  NftKey key;
};
constexpr Known kKnown[] = {
    {"ip saddr", NftKey::kSource4},
    {"ip daddr", NftKey::kDestination4},
    {"ip6 saddr", NftKey::kSource6},
    {"ip6 daddr", NftKey::kDestination6},
    {"ip protocol", NftKey::kProtocol4},
    {"ip6 nexthdr", NftKey::kProtocol6},
    {"meta l4proto", NftKey::kProtocol},
    {"meta nfproto", NftKey::kFamily},
    {"meta protocol", NftKey::kFamily},
    {"ether type", NftKey::kFamily},
    {"tcp sport", NftKey::kTcpSource},
    {"tcp dport", NftKey::kTcpDestination},
    {"udp sport", NftKey::kUdpSource},
    {"udp dport", NftKey::kUdpDestination},
    {"th sport", NftKey::kAnySource},
    {"th dport", NftKey::kAnyDestination},
    {"icmp type", NftKey::kKind4},
    {"icmpv6 type", NftKey::kKind6},
    {"icmp code", NftKey::kCode4},
    {"icmpv6 code", NftKey::kCode6},
    {"iifname", NftKey::kIn},
    {"iif", NftKey::kIn},
    {"oifname", NftKey::kOut},
    {"oif", NftKey::kOut},
    {"meta iifname", NftKey::kIn},
    {"meta iif", NftKey::kIn},
    {"meta oifname", NftKey::kOut},
    {"meta oif", NftKey::kOut},
    {"pkttype", NftKey::kPacketType},
    {"meta pkttype", NftKey::kPacketType},
    {"skuid", NftKey::kUser},
    {"meta skuid", NftKey::kUser},
    {"skgid", NftKey::kGroup},
    {"meta skgid", NftKey::kGroup},
    {"ct state", NftKey::kState},
    {"ct status", NftKey::kStatus},
    {"fib daddr type", NftKey::kDestinationType},
};

struct Unsayable {
  const char* words;
  const char* what;
};
constexpr Unsayable kUnsayable[] = {
    {"ip ttl", "the time to live"},
    {"ip dscp", "the type of service"},
    {"ip6 dscp", "the type of service"},
    {"ip length", "the length of packets"},
    {"ip6 hoplimit", "the hop limit"},
    {"ip frag-off", "fragments"},
    {"ip id", "the number of a packet"},
    {"ip option", "options of IP"},
    {"ip version", "the version of IP; write the addresses of one family"},
    {"tcp option", "options of TCP"},
    {"udp length", "the length of packets"},
    {"meta length", "the length of packets"},
    {"meta mark", "marks"},
    {"mark", "marks"},
    {"ct mark", "marks"},
    {"meta time", "the time; see `expires` for an end"},
    {"meta hour", "the time of day"},
    {"meta day", "the day of the week"},
    {"meta iiftype", "types of hardware; a section has `types` of interfaces"},
    {"meta iifgroup", "groups of interfaces; name them"},
    {"meta cgroup", "cgroups by their number; name the unit of systemd in `units`"},
    {"socket cgroupv2", "cgroups by their path; name the unit of systemd in `units`"},
    {"socket", "sockets"},
    {"ether", "MAC addresses, which are easily forged"},
    {"fib saddr", "the way back; the kernel's rp_filter does: set it by `hardening`"},
    {"fib daddr", "the routing table"},
    {"rt", "routes"},
    {"ipsec", "whether a packet came through IPsec"},
    {"numgen", "a part of the packets by chance"},
    {"jhash", "a part of the packets by chance"},
    {"symhash", "a part of the packets by chance"},
    {"exthdr", "extension headers of IPv6"},
    {"quota", "how much has been sent"},
    {"ct bytes", "how much a flow has sent"},
    {"ct direction", "the direction of a flow"},
    {"ct original", "what a flow was at first"},
    {"ct reply", "what a flow was at first"},
    {"ct zone", "zones of conntrack"},
    {"ct label", "labels"},
    {"ct helper", "helpers"},
    {"tcp sequence", "numbers of TCP"},
    {"tcp window", "windows of TCP"},
    {"osf", "operating systems"},
    {"ah", "SPIs"},
    {"esp", "SPIs"},
};

bool BeginsWith(std::span<const NftToken> tokens, absl::string_view words, size_t& count) {
  count = 0;
  for (const absl::string_view word : absl::StrSplit(words, ' ')) {
    if (count >= tokens.size() || tokens[count].quoted || tokens[count].text != word) return false;
    ++count;
  }
  return true;
}

bool IsSource(NftKey key) {
  return key == NftKey::kSource4 || key == NftKey::kSource6 || key == NftKey::kTcpSource ||
         key == NftKey::kUdpSource || key == NftKey::kOtherSource || key == NftKey::kAnySource;
}

// Returns the protocol that a port field belongs to; none if the field is no port, or any
// protocol's.
std::optional<int> ProtocolOf(const NftKeyWords& key) {
  switch (key.key) {
    case NftKey::kTcpSource:
    case NftKey::kTcpDestination: return kTcp;
    case NftKey::kUdpSource:
    case NftKey::kUdpDestination: return kUdp;
    case NftKey::kOtherSource:
    case NftKey::kOtherDestination: return key.protocol;
    default: return std::nullopt;
  }
}

absl::Status CannotSay(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("a mapping does not look at ", what));
}

class ValueReader {
 public:
  ValueReader(const NftKeyWords& key, const std::vector<std::string>& values, bool inverted)
      : key_(key), values_(values), inverted_(inverted) {}

  absl::StatusOr<Match> Read() {
    RETURN_IF_ERROR(ReadByKey());
    Normalise(match_);
    return std::move(match_);
  }

 private:
  absl::Status ReadByKey() {
    switch (key_.key) {
      case NftKey::kSource4:
      case NftKey::kDestination4:
      case NftKey::kSource6:
      case NftKey::kDestination6: return ReadAddresses();
      case NftKey::kProtocol:
      case NftKey::kProtocol4:
      case NftKey::kProtocol6: return ReadProtocols();
      case NftKey::kFamily: return ReadFamily();
      case NftKey::kKind4:
      case NftKey::kKind6:
      case NftKey::kCode4:
      case NftKey::kCode6: return ReadKinds();
      case NftKey::kIn:
      case NftKey::kOut: return ReadInterfaces();
      case NftKey::kUser:
      case NftKey::kGroup: return ReadUsers();
      case NftKey::kState: return ReadStates();
      case NftKey::kStatus: return ReadStatus();
      case NftKey::kPacketType:
      case NftKey::kDestinationType: return ReadDestinations();
      default: return ReadPorts();
    }
  }

  absl::Status ReadAddresses() {
    const bool v6 = key_.key == NftKey::kSource6 || key_.key == NftKey::kDestination6;
    std::vector<Interval> intervals;
    for (const std::string& value : values_) {
      ASSIGN_OR_RETURN(const Addresses one, ParseAddress(value));
      const auto& found = (v6 ? one.v6 : one.v4).intervals();
      intervals.insert(intervals.end(), found.begin(), found.end());
    }
    IntervalSet set = IntervalSet::Of(std::move(intervals));
    if (inverted_) set = (v6 ? AllV6() : AllV4()).Without(set);
    Addresses& side = IsSource(key_.key) ? match_.from : match_.to;
    (v6 ? side.v6 : side.v4) = std::move(set);
    v6 ? match_.DropV4() : match_.DropV6();
    return absl::OkStatus();
  }

  absl::Status ReadProtocols() {
    std::bitset<256> protocols;
    for (const std::string& value : values_) {
      ASSIGN_OR_RETURN(const auto one, ParseProtocols(value));
      protocols |= one;
    }
    match_.protocols = inverted_ ? ~protocols : protocols;
    if (key_.key == NftKey::kProtocol4) match_.DropV6();
    if (key_.key == NftKey::kProtocol6) match_.DropV4();
    return absl::OkStatus();
  }

  absl::Status ReadFamily() {
    bool v4 = false, v6 = false;
    for (const std::string& value : values_) {
      v4 = v4 || value == "ip" || value == "ipv4" || value == "2" || value == "0x0800";
      v6 = v6 || value == "ip6" || value == "ipv6" || value == "10" || value == "0x86dd";
    }
    if (v4 == inverted_) match_.DropV4();
    if (v6 == inverted_) match_.DropV6();
    return absl::OkStatus();
  }

  absl::Status ReadKinds() {
    const bool v6 = key_.key == NftKey::kKind6 || key_.key == NftKey::kCode6;
    const bool codes = key_.key == NftKey::kCode4 || key_.key == NftKey::kCode6;
    IntervalSet kinds;
    for (const std::string& value : values_) {
      if (!codes) {
        ASSIGN_OR_RETURN(const IntervalSet one, ParseKind(value, v6));
        kinds = kinds.Unite(one);
        continue;
      }
      ASSIGN_OR_RETURN(const IntervalSet code, CodeOf(value, v6));
      for (const Interval& range : code.intervals()) {
        std::vector<Interval> all;
        for (Number type = 0; type < Number(256); ++type) {
          all.push_back({type * 256 + range.first, type * 256 + range.last});
        }
        kinds = kinds.Unite(IntervalSet::Of(std::move(all)));
      }
    }
    if (inverted_) kinds = AllKinds().Without(kinds);
    (v6 ? match_.kinds6 : match_.kinds4) = std::move(kinds);
    match_.protocols.reset();
    match_.protocols.set(static_cast<size_t>(v6 ? kIcmpv6 : kIcmp));
    return absl::OkStatus();
  }

  // A code may be a number, or a name used with destination-unreachable.
  static absl::StatusOr<IntervalSet> CodeOf(const std::string& value, bool v6) {
    uint32_t code = 0;
    if (absl::SimpleAtoi(value, &code) && code < 256) return IntervalSet::Of(code, code);
    struct Name {
      const char* name;
      uint32_t code4, code6;
    };
    constexpr Name kNames[] = {{"net-unreachable", 0, 0},   {"host-unreachable", 1, 3},
                               {"prot-unreachable", 2, 2},  {"port-unreachable", 3, 4},
                               {"frag-needed", 4, 4},       {"no-route", 0, 0},
                               {"admin-prohibited", 13, 1}, {"addr-unreachable", 1, 3}};
    for (const Name& name : kNames) {
      if (value != name.name) continue;
      const uint32_t number = v6 ? name.code6 : name.code4;
      return IntervalSet::Of(number, number);
    }
    return absl::InvalidArgumentError(absl::StrCat(Quoted(value), " is no code of ICMP"));
  }

  absl::Status ReadInterfaces() {
    std::vector<std::string> names = values_;
    bool all = false;
    for (const std::string& name : names) {
      all = all || name == "*";
      if (name != "*") RETURN_IF_ERROR(policy::CheckInterfaceName(name, true));
    }
    Interfaces& which = key_.key == NftKey::kIn ? match_.in : match_.out;
    if (!all) which = inverted_ ? AllBut(std::move(names)) : Named(std::move(names));
    return absl::OkStatus();
  }

  absl::Status ReadUsers() {
    if (inverted_) return CannotSay("all users but some; block those before");
    std::vector<std::string> names = values_;
    for (const std::string& name : names) {
      if (name.find('-') != std::string::npos &&
          absl::ascii_isdigit(static_cast<unsigned char>(name[0]))) {
        return CannotSay("ranges of users; list them");
      }
    }
    std::sort(names.begin(), names.end());
    (key_.key == NftKey::kUser ? match_.users : match_.user_groups) = std::move(names);
    return absl::OkStatus();
  }

  absl::Status ReadStates() {
    uint8_t states = 0;
    for (const std::string& value : values_) {
      const uint8_t state = ParseState(value);
      if (state == 0) return CannotSay(absl::StrCat("the state ", value));
      states |= state;
    }
    match_.states = inverted_ ? kAllStates & ~states : states;
    return absl::OkStatus();
  }

  absl::Status ReadStatus() {
    for (const std::string& value : values_) {
      if (value != "dnat") return CannotSay("what conntrack knows of a flow");
    }
    match_.sent_on = inverted_ ? kNotSentOn : kSentOn;
    return absl::OkStatus();
  }

  absl::Status ReadDestinations() {
    uint8_t bits = 0;
    for (const std::string& value : values_) {
      if (value == "local") {
        bits |= kOwn;
      } else if (value == "unicast" || value == "host") {
        bits |= kOwn | kElsewhere;
      } else if (value == "broadcast") {
        bits |= kBroadcast;
      } else if (value == "multicast" || value == "anycast") {
        bits |= kMulticast;
      } else {
        return CannotSay(absl::StrCat("addresses of the type ", value));
      }
    }
    match_.destinations = inverted_ ? kAllDestinations & ~bits : bits;
    return absl::OkStatus();
  }

  absl::Status ReadPorts() {
    IntervalSet ports;
    for (const std::string& value : values_) {
      ASSIGN_OR_RETURN(const IntervalSet one, ParsePort(value, '-'));
      ports = ports.Unite(one);
    }
    if (inverted_) ports = AllPorts().Without(ports);
    (IsSource(key_.key) ? match_.source_ports : match_.ports) = std::move(ports);
    match_.protocols = ProtocolsWithPorts();
    if (const auto protocol = ProtocolOf(key_)) {
      match_.protocols.reset();
      match_.protocols.set(static_cast<size_t>(*protocol));
    }
    return absl::OkStatus();
  }

  const NftKeyWords& key_;
  const std::vector<std::string>& values_;
  const bool inverted_;
  Match match_;
};

}  // namespace

absl::StatusOr<NftKeyWords> FindKey(std::span<const NftToken> words) {
  size_t count = 0;
  for (const Known& known : kKnown) {
    if (BeginsWith(words, known.words, count)) return NftKeyWords{known.key, 0, count};
  }
  for (const char* name : {"sctp", "dccp", "udplite"}) {
    if (words.size() < 2 || !words[0].Is(name)) continue;
    const int protocol = *policy::ParseProtocol(name);
    if (words[1].Is("sport")) return NftKeyWords{NftKey::kOtherSource, protocol, 2};
    if (words[1].Is("dport")) return NftKeyWords{NftKey::kOtherDestination, protocol, 2};
  }
  for (const Unsayable& one : kUnsayable) {
    if (BeginsWith(words, one.words, count)) return CannotSay(one.what);
  }
  return NftKeyWords{NftKey::kState, 0, 0};
}

absl::StatusOr<Match> MatchOf(const NftKeyWords& key, const std::vector<std::string>& values) {
  return ValueReader(key, values, false).Read();
}

absl::StatusOr<Match> MatchAllBut(const NftKeyWords& key, const std::vector<std::string>& values) {
  return ValueReader(key, values, true).Read();
}

}  // namespace firebreak::importer
