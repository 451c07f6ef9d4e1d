// SPDX-License-Identifier: Apache-2.0
#include "policy/import/firewalld_rule.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "policy/import/import.h"
#include "policy/import/words.h"
#include "policy/resources/names.h"
#include "policy/resources/service_catalogue.h"

namespace firebreak::importer {
namespace {

using policy::Quoted;
using Placed = FirewalldRules::Placed;

constexpr int kMostDeep = 8;  // services may include each other this deep

absl::Status CannotSay(absl::string_view why) { return absl::InvalidArgumentError(why); }

absl::StatusOr<Match> PortMatch(const std::string& protocol, const std::string& port, bool source) {
  Match match;
  ASSIGN_OR_RETURN(match.protocols, ParseProtocols(protocol));
  ASSIGN_OR_RETURN(const IntervalSet ports, ParsePort(port, '-'));
  (source ? match.source_ports : match.ports) = ports;
  Normalise(match);
  return match;
}

absl::StatusOr<Match> ProtocolMatch(const std::string& protocol) {
  Match match;
  ASSIGN_OR_RETURN(match.protocols, ParseProtocols(protocol));
  Normalise(match);
  return match;
}

std::optional<Match> Both(const Match& a, const Match& b) {
  std::optional<Match> both = Intersect(a, b);
  if (both.has_value() && IsEmpty(*both)) both.reset();
  return both;
}

Match OfFamily(const std::string& family) {
  Match match;
  if (family == "ipv4") match.DropV6();
  if (family == "ipv6") match.DropV4();
  return match;
}

}  // namespace

absl::StatusOr<Match> FirewalldRules::ReadIcmpType(const std::string& name) {
  // firewalld's names are IANA's, plus some of iptables' names for codes.
  Match match;
  match.protocols.reset();
  const auto v4 = ParseKind(name, false), v6 = ParseKind(name, true);
  bool of4 = v4.ok(), of6 = v6.ok();
  ASSIGN_OR_RETURN(const XmlElement* const type,
                   FindFile(absl::StrCat("icmptypes/", name, ".xml")));
  if (type != nullptr) {
    for (const XmlElement& destination : type->children) {
      if (destination.name != "destination") continue;
      const std::string for4 = destination.Get("ipv4"), for6 = destination.Get("ipv6");
      of4 = of4 && for4 != "no" && (!for4.empty() || for6 != "yes");
      of6 = of6 && for6 != "no" && (!for6.empty() || for4 != "yes");
    }
  }
  if (of4) {
    match.protocols.set(kIcmp);
    match.kinds4 = *v4;
  }
  if (of6) {
    match.protocols.set(kIcmpv6);
    match.kinds6 = *v6;
  }
  if (match.protocols.none()) {
    return CannotSay(absl::StrCat(Quoted(name),
                                  " is no type of ICMP that is known here; name it by "
                                  "its number in `types`"));
  }
  Normalise(match);
  return match;
}

absl::StatusOr<const XmlElement*> FirewalldRules::FindFile(const std::string& path) {
  auto read = read_.find(path);
  if (read == read_.end()) {
    const auto file = files_.find(path);
    if (file == files_.end()) return nullptr;
    read = read_.emplace(path, ReadXml(file->second)).first;
  }
  RETURN_IF_ERROR(read->second.status());
  return &*read->second;
}

absl::StatusOr<std::vector<Match>> FirewalldRules::ReadService(const std::string& name, int depth) {
  if (depth > kMostDeep) return CannotSay("services include each other in a circle");
  ASSIGN_OR_RETURN(const XmlElement* const service,
                   FindFile(absl::StrCat("services/", name, ".xml")));
  std::vector<Match> matches;
  if (service == nullptr) {
    const policy::BuiltInService* known = policy::FindBuiltInService(name);
    if (known == nullptr) {
      return CannotSay(absl::StrCat("the service ", name, " is in no file; give its ports"));
    }
    for (const auto& range : policy::PortsOf(*known)) {
      Match match;
      match.protocols.reset();
      match.protocols.set(range.protocol());
      match.ports = IntervalSet::Of(range.first(), range.last());
      Normalise(match);
      matches.push_back(std::move(match));
    }
    return matches;
  }
  Match destination;
  for (const XmlElement& part : service->children) {
    if (part.name == "port" && !part.Get("port").empty()) {
      ASSIGN_OR_RETURN(Match match, PortMatch(part.Get("protocol"), part.Get("port"), false));
      matches.push_back(std::move(match));
    } else if (part.name == "protocol" || (part.name == "port" && part.Get("port").empty())) {
      const std::string value = part.Get(part.name == "port" ? "protocol" : "value");
      ASSIGN_OR_RETURN(Match match, ProtocolMatch(value));
      matches.push_back(std::move(match));
    } else if (part.name == "source-port") {
      ASSIGN_OR_RETURN(Match match, PortMatch(part.Get("protocol"), part.Get("port"), true));
      matches.push_back(std::move(match));
    } else if (part.name == "include") {
      ASSIGN_OR_RETURN(const auto more, ReadService(part.Get("service"), depth + 1));
      matches.insert(matches.end(), more.begin(), more.end());
    } else if (part.name == "destination") {
      Addresses to;
      for (const char* family : {"ipv4", "ipv6"}) {
        if (part.Get(family).empty()) continue;
        ASSIGN_OR_RETURN(const Addresses one, ParseAddress(part.Get(family)));
        to = Unite(to, one);
      }
      destination.to = to;
      destination.from = {to.v4.empty() ? IntervalSet() : AllV4(),
                          to.v6.empty() ? IntervalSet() : AllV6()};
    } else if (part.name == "helper" || part.name == "module") {
      const std::string helper = part.Get("name");
      for (const char* known : {"ftp", "tftp", "sip", "irc", "pptp", "h323"}) {
        if (helper == known) helpers_.insert(helper);
      }
    }
  }
  std::vector<Match> sent;
  for (const Match& match : matches) {
    if (const auto both = Both(match, destination)) sent.push_back(*both);
  }
  return sent;
}

absl::StatusOr<std::vector<Match>> FirewalldRules::ReadTraffic(const XmlElement& element) {
  if (element.name == "service") return ReadService(element.Get("name"), 0);
  absl::StatusOr<Match> match = Match();
  if (element.name == "port") {
    match = PortMatch(element.Get("protocol"), element.Get("port"), false);
  } else if (element.name == "source-port") {
    match = PortMatch(element.Get("protocol"), element.Get("port"), true);
  } else if (element.name == "protocol") {
    match = ProtocolMatch(element.Get("value"));
  } else if (element.name == "icmp-block" || element.name == "icmp-type") {
    match = ReadIcmpType(element.Get("name"));
  } else {
    return CannotSay(absl::StrCat("unknown element ", Quoted(element.name)));
  }
  if (!match.ok()) return match.status();
  return std::vector<Match>{*std::move(match)};
}

absl::StatusOr<Addresses> FirewalldRules::ReadAddresses(const XmlElement& element) {
  if (!element.Get("mac").empty()) {
    return CannotSay("a mapping does not look at MAC addresses, which are easily forged");
  }
  Addresses addresses;
  const std::string set = element.Get("ipset");
  if (set.empty()) {
    ASSIGN_OR_RETURN(addresses, ParseAddress(element.Get("address")));
  } else {
    ASSIGN_OR_RETURN(const XmlElement* const read, FindFile(absl::StrCat("ipsets/", set, ".xml")));
    if (read == nullptr) return CannotSay(absl::StrCat("there is no ipset ", set));
    const std::string type = read->Get("type");
    if (type != "hash:ip" && type != "hash:net") {
      return CannotSay(
          absl::StrCat("ipsets of the type ", Quoted(type), " are more than addresses"));
    }
    for (const XmlElement& entry : read->children) {
      if (entry.name != "entry") continue;
      ASSIGN_OR_RETURN(const Addresses one, ParseAddress(entry.text));
      addresses = Unite(addresses, one);
    }
  }
  const std::string invert = absl::AsciiStrToLower(element.Get("invert"));
  return invert == "yes" || invert == "true" ? Complement(addresses) : addresses;
}

absl::StatusOr<Match> FirewalldRules::ReadEnds(const XmlElement& rule) {
  Match match = OfFamily(rule.Get("family"));
  for (const bool source : {true, false}) {
    const XmlElement* end = rule.Find(source ? "source" : "destination");
    if (end == nullptr) continue;
    ASSIGN_OR_RETURN(const Addresses addresses, ReadAddresses(*end));
    Match one;
    (source ? one.from : one.to) = addresses;
    Normalise(one);
    const auto both = Both(match, one);
    if (!both.has_value()) return CannotSay("its addresses are of different families");
    match = *both;
  }
  return match;
}

absl::StatusOr<std::vector<Placed>> FirewalldRules::ReadRich(const XmlElement& element) {
  ASSIGN_OR_RETURN(const Match ends, ReadEnds(element));
  Placed placed;
  if (!element.Get("priority").empty() &&
      !absl::SimpleAtoi(element.Get("priority"), &placed.priority)) {
    return CannotSay("its priority is no number");
  }
  std::vector<Match> traffic = {Match()};
  const XmlElement* limited = nullptr;
  bool decides = false, logs = false;
  for (const XmlElement& part : element.children) {
    if (part.name == "source" || part.name == "destination" || part.name == "audit") continue;
    if (part.name == "forward-port" || part.name == "masquerade") {
      if (part.name == "masquerade") {
        return CannotSay("`sharing` has prefixes of private hosts, and no other conditions");
      }
      return std::vector<Placed>();
    }
    if (part.name == "log" || part.name == "nflog") {
      logs = true;
      continue;
    }
    const bool accept = part.name == "accept", drop = part.name == "drop";
    const bool reject = part.name == "reject";
    if (part.name == "mark") return CannotSay("a policy marks no packets");
    if (!accept && !drop && !reject) {
      ASSIGN_OR_RETURN(traffic, ReadTraffic(part));
      if (part.name == "icmp-block") {
        decides = placed.refuses = true;
        placed.rule.verdict = Verdict::kReject;
      }
      continue;
    }
    decides = true;
    placed.refuses = !accept;
    placed.rule.verdict = accept ? Verdict::kAccept : drop ? Verdict::kDrop : Verdict::kReject;
    limited = part.Find("limit");
  }
  std::vector<Placed> all;
  for (const Match& match : traffic) {
    auto both = Both(match, ends);
    if (!both.has_value()) continue;
    placed.rule.match = *std::move(both);
    if (logs) {
      Placed log = placed;
      log.rule.verdict = Verdict::kLog;
      log.refuses = true;  // sorts the log rule before rules that decide
      all.insert(all.begin(), std::move(log));
    }
    if (!decides) continue;
    if (limited != nullptr) {
      ASSIGN_OR_RETURN(Rate rate, ParseRateWord(limited->Get("value")));
      if (const std::string burst = limited->Get("burst"); !burst.empty()) {
        if (!absl::SimpleAtoi(burst, &rate.burst)) return CannotSay("the burst is no number");
      }
      placed.rule.match.rate = rate;
    }
    all.push_back(placed);
  }
  if (!decides && !logs) return CannotSay("it says nothing about packets");
  return all;
}

absl::StatusOr<std::vector<Placed>> FirewalldRules::Read(const XmlElement& element,
                                                         bool inverted_blocks) {
  if (element.name == "rule") return ReadRich(element);
  ASSIGN_OR_RETURN(const std::vector<Match> matches, ReadTraffic(element));
  std::vector<Placed> all;
  for (const Match& match : matches) {
    Placed placed;
    placed.rule.match = match;
    placed.rule.verdict = Verdict::kAccept;
    if (element.name == "icmp-block" && !inverted_blocks) {
      placed.rule.verdict = Verdict::kReject;
      placed.refuses = true;
    }
    all.push_back(std::move(placed));
  }
  return all;
}

absl::StatusOr<std::vector<Rule>> FirewalldRules::ReadForwardPort(const XmlElement& element) {
  const bool rich = element.name == "rule";
  const XmlElement* port = rich ? element.Find("forward-port") : &element;
  if (port == nullptr || port->name != "forward-port") return std::vector<Rule>();
  Rule rule;
  ASSIGN_OR_RETURN(rule.match, PortMatch(port->Get("protocol"), port->Get("port"), false));
  const bool v6 = element.Get("family") == "ipv6";
  const auto of_family = Both(rule.match, OfFamily(v6 ? "ipv6" : "ipv4"));
  if (!of_family.has_value()) return CannotSay("its protocol is of the other family");
  rule.match = *of_family;
  if (rich) {
    ASSIGN_OR_RETURN(const Match ends, ReadEnds(element));
    const auto both = Both(rule.match, ends);
    if (!both.has_value()) return CannotSay("its addresses are of different families");
    rule.match = *both;
  }
  rule.target = port->Get("to-addr");
  rule.verdict = rule.target.empty() ? Verdict::kRedirect : Verdict::kSendOn;
  const std::string to = port->Get("to-port");
  if (!to.empty() && !absl::SimpleAtoi(to, &rule.port)) {
    return CannotSay("`forward_to` sends to one port");
  }
  return std::vector<Rule>{rule};
}

}  // namespace firebreak::importer
