// SPDX-License-Identifier: Apache-2.0
#include "policy/import/iptables_match.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status/status.h"
#include "policy/import/iptables_unsayable.h"
#include "policy/import/words.h"
#include "policy/resources/names.h"

namespace firebreak::importer {
namespace {

using policy::Quoted;

absl::Status CannotSay(absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("a mapping does not look at ", what));
}

uint8_t DestinationBit(absl::string_view type) {
  if (type == "LOCAL") return kOwn;
  if (type == "UNICAST") return kOwn | kElsewhere;
  if (type == "BROADCAST") return kBroadcast;
  if (type == "MULTICAST" || type == "ANYCAST") return kMulticast;
  return 0;
}

uint8_t FlagBits(absl::string_view list) {
  constexpr absl::string_view kNames[] = {"FIN", "SYN", "RST", "PSH", "ACK", "URG"};
  if (list == "NONE") return 0;
  uint8_t bits = 0;
  for (size_t i = 0; i < std::size(kNames); ++i) {
    const std::vector<absl::string_view> words = absl::StrSplit(list, ',');
    for (const absl::string_view word : words) {
      if (word == kNames[i] || word == "ALL") bits = static_cast<uint8_t>(bits | 1u << i);
    }
  }
  return bits;
}

}  // namespace

absl::StatusOr<size_t> IptablesMatch::Take(std::span<const std::string> words) {
  const bool inverted = words[0] == "!";
  const size_t at = inverted ? 1 : 0;
  if (words.size() <= at) return absl::InvalidArgumentError("the rule is cut off behind \"!\"");
  const std::string& option = words[at];
  // Options without a value.
  if (option == "--syn") {
    match_.segments = inverted ? kOtherSegment : kLoneSyn;
    return at + 1;
  }
  if (option == "-f" || option == "--fragment") {
    // Fragments never reach these rules, because connection tracking reassembles packets first.
    if (!inverted) match_.states = 0;
    return at + 1;
  }
  if (option == "--physdev-is-bridged" || option == "--rsource" || option == "--limit-iface-in" ||
      option == "--limit-iface-out" || option == "--rttl" || option == "--reap" ||
      option == "--connlimit-saddr" || option == "--validmark") {
    // Firebreak does not filter bridged packets, so the rule matches nothing.
    if (option == "--physdev-is-bridged" && !inverted) match_.states = 0;
    return at + 1;
  }
  for (const char* recent : {"--set", "--rcheck", "--update", "--remove"}) {
    if (option != recent) continue;
    if (option == "--remove") return CannotSay("what an address did before");
    if (option == "--set") return at + 1;
    if (inverted) return CannotSay("what an address did before");
    recent_.checks = true;
    return at + 1;
  }
  if (const absl::string_view what = WhatNobodyLooksAt(option); !what.empty()) {
    return CannotSay(what);
  }
  if (option == "--match-set")
    return CannotSay("ipsets of this file; list the addresses in `from`");
  if (option == "--rpfilter" || option == "--loose" || option == "--invert") {
    return CannotSay("the way back; the kernel's rp_filter does: set it by `hardening`");
  }
  if (words.size() <= at + 1) return size_t{0};
  const std::string& value = words[at + 1];
  const size_t used = at + 2;
  const auto done = [&](const absl::Status& status) -> absl::StatusOr<size_t> {
    if (!status.ok()) return status;
    return used;
  };
  if (option == "-m" || option == "--match") return used;
  if (option == "-c" || option == "--set-counters") return used + 1;
  if (option == "-p" || option == "--protocol") {
    ASSIGN_OR_RETURN(const auto protocols, ParseProtocols(value));
    match_.protocols = inverted ? ~protocols : protocols;
    return used;
  }
  if (option == "-s" || option == "--source" || option == "--src-range") {
    return done(TakeAddress(true, value, inverted));
  }
  if (option == "-d" || option == "--destination" || option == "--dst-range") {
    return done(TakeAddress(false, value, inverted));
  }
  if (option == "-i" || option == "--in-interface")
    return done(TakeInterface(true, value, inverted));
  if (option == "-o" || option == "--out-interface") {
    return done(TakeInterface(false, value, inverted));
  }
  if (option == "--sport" || option == "--source-port" || option == "--sports" ||
      option == "--source-ports") {
    return done(TakePorts(true, value, inverted));
  }
  if (option == "--dport" || option == "--destination-port" || option == "--dports" ||
      option == "--destination-ports") {
    return done(TakePorts(false, value, inverted));
  }
  if (option == "--ports") {
    if (inverted) return CannotSay("ports of both sides");
    either_port_ = true;
    return done(TakePorts(false, value, false));
  }
  if (option == "--tcp-flags") {
    if (words.size() <= at + 2) return absl::InvalidArgumentError("--tcp-flags wants two lists");
    RETURN_IF_ERROR(TakeFlags(value, words[at + 2], inverted));
    return used + 1;
  }
  if (option == "--icmp-type" || option == "--icmpv6-type") return done(TakeKind(value, inverted));
  if (option == "--state" || option == "--ctstate") return done(TakeStates(value, inverted));
  if (option == "--ctstatus") {
    if (value != "DNAT") return CannotSay("what conntrack knows of a flow");
    match_.sent_on = inverted ? kNotSentOn : kSentOn;
    return used;
  }
  if (option == "--ctorigdst" && !inverted) {
    match_.sent_on = kSentOn;
    notes_.push_back(
        "the first destination of what is sent on is that of the rule which sends it on");
    return used;
  }
  if (option == "--ctproto") return used;
  if (absl::StartsWith(option, "--ct")) return CannotSay("what conntrack knows of a flow");
  if (option == "--dst-type" || option == "--src-type" || option == "--pkt-type") {
    return done(TakeTypes(option == "--src-type", value, inverted));
  }
  if (option == "--uid-owner" || option == "--gid-owner") {
    return done(TakeOwner(option == "--uid-owner", value, inverted));
  }
  if (option == "--comment") {
    comment_ = value;
    return used;
  }
  if (option == "--hl-eq") {
    // The kernel drops neighbour discovery with any other hop limit than 255.
    if (value == "1") {
      notes_.push_back("the hop limit of messages from the link is not looked at");
    } else if (value != "255") {
      return CannotSay("the hop limit");
    }
    return used;
  }
  if (option == "--rt-type") {
    // The kernel itself drops the routing header of type 0 (net/ipv6/exthdrs.c).
    if (value != "0") return CannotSay("routing headers");
    match_.states = 0;
    return used;
  }
  if (option == "--log-level" || option == "--log-prefix") return size_t{0};
  ASSIGN_OR_RETURN(const size_t rate, TakeRate(option, value));
  if (rate != 0) return at + rate;
  ASSIGN_OR_RETURN(const size_t recent, TakeRecent(option, value));
  return recent == 0 ? 0 : at + recent;
}

absl::Status IptablesMatch::TakeAddress(bool source, const std::string& list, bool inverted) {
  Addresses sum;
  const std::vector<std::string> items = absl::StrSplit(list, ',');
  for (const std::string& item : items) {
    ASSIGN_OR_RETURN(const Addresses one, ParseAddress(item));
    sum = Unite(sum, one);
  }
  (source ? match_.from : match_.to) = inverted ? Complement(sum) : sum;
  return absl::OkStatus();
}

absl::Status IptablesMatch::TakeInterface(bool in, std::string name, bool inverted) {
  if (absl::EndsWith(name, "+")) name.back() = '*';
  if (const absl::Status status = policy::CheckInterfaceName(name, true);
      !status.ok() && name != "*") {
    return status;
  }
  Interfaces& which = in ? match_.in : match_.out;
  which = inverted ? AllBut({std::move(name)}) : Named({std::move(name)});
  if (!inverted && which.included->front() == "*") which = Interfaces();
  return absl::OkStatus();
}

absl::Status IptablesMatch::TakePorts(bool source, const std::string& list, bool inverted) {
  IntervalSet ports;
  const std::vector<std::string> items = absl::StrSplit(list, ',');
  for (const std::string& item : items) {
    ASSIGN_OR_RETURN(const IntervalSet one, ParsePort(item, ':'));
    ports = ports.Unite(one);
  }
  (source ? match_.source_ports : match_.ports) = inverted ? AllPorts().Without(ports) : ports;
  match_.protocols &= ProtocolsWithPorts();
  return absl::OkStatus();
}

absl::Status IptablesMatch::TakeStates(const std::string& list, bool inverted) {
  uint8_t states = 0;
  bool sent_on = false;
  const std::vector<std::string> items = absl::StrSplit(list, ',');
  for (const std::string& item : items) {
    const uint8_t state = ParseState(item);
    if (item == "DNAT") {
      sent_on = true;
    } else if (state == 0) {
      return CannotSay(absl::StrCat("the state ", item));
    }
    states |= state;
  }
  if (sent_on) {
    if (states != 0) return CannotSay("states together with DNAT");
    match_.sent_on = inverted ? kNotSentOn : kSentOn;
    return absl::OkStatus();
  }
  match_.states = inverted ? kAllStates & ~states : states;
  return absl::OkStatus();
}

absl::Status IptablesMatch::TakeFlags(const std::string& mask, const std::string& wanted,
                                      bool inverted) {
  // A connection begins with a lone SYN, so all that matters is whether the rule matches it.
  constexpr uint8_t kSyn = 2;
  const bool fits = ((kSyn & FlagBits(mask)) == FlagBits(wanted)) != inverted;
  match_.segments = fits ? kLoneSyn : kOtherSegment;
  return absl::OkStatus();
}

absl::Status IptablesMatch::TakeTypes(bool source, const std::string& list, bool inverted) {
  uint8_t bits = 0;
  const std::vector<std::string> items = absl::StrSplit(list, ',');
  for (const std::string& item : items) {
    std::string type = item;
    if (type == "broadcast") type = "BROADCAST";
    if (type == "multicast") type = "MULTICAST";
    if (type == "unicast" || type == "host") type = "UNICAST";
    const uint8_t bit = DestinationBit(type);
    if (bit == 0) return CannotSay(absl::StrCat("addresses of the type ", item));
    bits |= bit;
  }
  if (source) {
    // A packet from outside with such a source is dropped as forged, so the rule matches nothing.
    if (!inverted) match_.states = 0;
    return absl::OkStatus();
  }
  match_.destinations = inverted ? kAllDestinations & ~bits : bits;
  return absl::OkStatus();
}

absl::Status IptablesMatch::TakeOwner(bool user, const std::string& name, bool inverted) {
  if (inverted) return CannotSay("all users but one; block that one before");
  if (absl::StrContains(name, '-') && name.find_first_not_of("0123456789-") == std::string::npos) {
    return CannotSay("ranges of users; list them");
  }
  (user ? match_.users : match_.user_groups) = std::vector<std::string>{name};
  return absl::OkStatus();
}

absl::Status IptablesMatch::TakeKind(const std::string& text, bool inverted) {
  ASSIGN_OR_RETURN(IntervalSet kinds, ParseKind(text, v6_));
  if (inverted) kinds = AllKinds().Without(kinds);
  (v6_ ? match_.kinds6 : match_.kinds4) = std::move(kinds);
  return absl::OkStatus();
}

absl::StatusOr<size_t> IptablesMatch::TakeRate(const std::string& option,
                                               const std::string& value) {
  const bool limit = option == "--limit";
  const bool upto = option == "--hashlimit-upto" || option == "--hashlimit";
  const bool above = option == "--hashlimit-above";
  if (limit || upto || above) {
    const uint32_t burst = rate_.burst;
    ASSIGN_OR_RETURN(const Rate rate, ParseRateWord(value));
    rate_.count = rate.count;
    rate_.seconds = rate.seconds;
    rate_.burst = burst;
    rate_.above = above;
    has_rate_ = true;
    return size_t{2};
  }
  if (option == "--limit-burst" || option == "--hashlimit-burst") {
    if (!absl::SimpleAtoi(value, &rate_.burst)) return CannotSay("bytes a second");
    return size_t{2};
  }
  if (option == "--hashlimit-mode") {
    if (value != "srcip" && value != "srcip,dstport" && value != "dstport,srcip") {
      return CannotSay(absl::StrCat("how many packets come for each ", value));
    }
    rate_.per_source = true;
    by_port_ = value != "srcip";
    return size_t{2};
  }
  if (option == "--hashlimit-srcmask" || option == "--hashlimit-dstmask") {
    if (value != (v6_ ? "64" : "32") && !(v6_ && value == "128")) {
      return CannotSay("how many packets come from each network");
    }
    return size_t{2};
  }
  if (option == "--hashlimit-name" || absl::StartsWith(option, "--hashlimit-htable")) {
    return size_t{2};
  }
  if (option == "--connlimit-above" || option == "--connlimit-upto") {
    Flows flows = match_.flows.value_or(Flows{.per_source = true});
    if (!absl::SimpleAtoi(value, &flows.most)) return CannotSay("such a number of connections");
    flows.above = option == "--connlimit-above";
    match_.flows = flows;
    return size_t{2};
  }
  if (option == "--connlimit-mask") {
    Flows flows = match_.flows.value_or(Flows{});
    flows.per_source = value != "0";
    if (value != "0" && value != (v6_ ? "64" : "32") && !(v6_ && value == "128")) {
      return CannotSay("how many connections come from each network");
    }
    match_.flows = flows;
    return size_t{2};
  }
  return size_t{0};
}

absl::StatusOr<size_t> IptablesMatch::TakeRecent(const std::string& option,
                                                 const std::string& value) {
  if (option == "--seconds" || option == "--hitcount") {
    uint64_t& number = option == "--seconds" ? recent_.seconds : recent_.hits;
    if (!absl::SimpleAtoi(value, &number)) return CannotSay("what an address did before");
    return size_t{2};
  }
  if (option == "--name" || option == "--mask") return size_t{2};
  return size_t{0};
}

absl::StatusOr<std::vector<Match>> IptablesMatch::Finish() {
  if (recent_.checks) {
    if (recent_.seconds == 0 || recent_.hits < 2 || has_rate_) {
      return CannotSay("what an address did before");
    }
    // The hit count includes the present attempt, so one fewer is allowed.
    has_rate_ = true;
    const uint64_t most = recent_.hits - 1;
    rate_ = {.count = most,
             .seconds = recent_.seconds,
             .burst = static_cast<uint32_t>(most),
             .per_source = true,
             .above = true};
    notes_.push_back(
        "`recent` begins its time anew with each attempt, also with one that is refused; a limit "
        "lets in new flows steadily again");
  }
  if (has_rate_) {
    if (by_port_ && !match_.ports.IsOneNumber()) {
      return CannotSay("how many packets come for each port; make a rule for each of them");
    }
    match_.rate = rate_;
  }
  if (v6_) {
    match_.DropV4();
  } else {
    match_.DropV6();
  }
  std::vector<Match> matches = {match_};
  if (either_port_) {
    Match other = match_;
    std::swap(other.ports, other.source_ports);
    matches.push_back(std::move(other));
  }
  for (Match& match : matches) Normalise(match);
  return matches;
}

}  // namespace firebreak::importer
