// SPDX-License-Identifier: Apache-2.0
#include "policy/import/words.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "policy/resources/icmp_types.h"
#include "policy/resources/names.h"
#include "policy/resources/prefix.h"
#include "policy/resources/protocols.h"
#include "policy/resources/service_catalogue.h"

namespace firebreak::importer {
namespace {

using policy::Quoted;

Number NumberOf(const std::string& address) {
  Number number = 0;
  for (const char byte : address) number = number << 8 | static_cast<uint8_t>(byte);
  return number;
}

// Writes 10.0.0.0/255.0.0.0 as 10.0.0.0/8. Other texts are returned unchanged.
std::string WithLength(absl::string_view text) {
  const size_t slash = text.find('/');
  if (slash == absl::string_view::npos || !absl::StrContains(text.substr(slash), ".")) {
    return std::string(text);
  }
  const auto mask = policy::ParsePrefix(text.substr(slash + 1));
  if (!mask.ok() || mask->address.size() != 4) return std::string(text);
  const auto bits = static_cast<uint32_t>(absl::Uint128Low64(NumberOf(mask->address)));
  const uint32_t rest = ~bits;
  if ((rest & (rest + 1)) != 0) return std::string(text);
  return absl::StrCat(text.substr(0, slash), "/", 32 - __builtin_popcount(rest));
}

struct Alias {
  absl::string_view name;
  absl::string_view meaning;
};

// Names of /etc/services that our catalogue of services has under another name.
constexpr Alias kPorts[] = {
    {"domain", "53"},
    {"www", "80"},
    {"http", "80"},
    {"https", "443"},
    {"ssh", "22"},
    {"telnet", "23"},
    {"smtp", "25"},
    {"bootps", "67"},
    {"bootpc", "68"},
    {"tftp", "69"},
    {"pop3", "110"},
    {"sunrpc", "111"},
    {"auth", "113"},
    {"ntp", "123"},
    {"netbios-ns", "137"},
    {"netbios-dgm", "138"},
    {"netbios-ssn", "139"},
    {"imap", "143"},
    {"imap2", "143"},
    {"snmp", "161"},
    {"snmp-trap", "162"},
    {"bgp", "179"},
    {"ldap", "389"},
    {"microsoft-ds", "445"},
    {"submissions", "465"},
    {"isakmp", "500"},
    {"syslog", "514"},
    {"submission", "587"},
    {"ldaps", "636"},
    {"ftp", "21"},
    {"ftp-data", "20"},
    {"dhcpv6-client", "546"},
    {"dhcpv6-server", "547"},
    {"domain-s", "853"},
    {"rsync", "873"},
    {"imaps", "993"},
    {"pop3s", "995"},
    {"openvpn", "1194"},
    {"mysql", "3306"},
    {"postgresql", "5432"},
    {"ipsec-nat-t", "4500"},
    {"sip", "5060"},
    {"mdns", "5353"},
    {"ms-sql-s", "1433"},
    {"nfs", "2049"},
    {"kerberos", "88"},
    {"x11", "6000"},
    {"redis", "6379"},
};

constexpr Alias kKinds4[] = {
    {"any", "any"},
    {"network-unreachable", "3/0"},
    {"host-unreachable", "3/1"},
    {"protocol-unreachable", "3/2"},
    {"port-unreachable", "3/3"},
    {"fragmentation-needed", "3/4"},
    {"source-route-failed", "3/5"},
    {"ttl-exceeded", "11"},
    {"ttl-zero-during-transit", "11/0"},
    {"ttl-zero-during-reassembly", "11/1"},
    {"ping", "8"},
    {"pong", "0"},
    {"address-mask-request", "17"},
    {"address-mask-reply", "18"},
};

constexpr Alias kKinds6[] = {
    {"no-route", "1/0"},
    {"port-unreachable", "1/4"},
    {"bad-header", "4/0"},
    {"ttl-exceeded", "3"},
    {"ttl-zero-during-transit", "3/0"},
    {"nd-router-solicit", "133"},
    {"nd-router-advert", "134"},
    {"nd-neighbor-solicit", "135"},
    {"nd-neighbor-advert", "136"},
    {"nd-redirect", "137"},
    {"mld-listener-reduction", "132"},
    {"mld2-listener-report", "143"},
    {"ping", "128"},
    {"pong", "129"},
};

absl::string_view Meaning(const Alias* begin, const Alias* end, absl::string_view name) {
  const Alias* found =
      std::find_if(begin, end, [&](const Alias& alias) { return alias.name == name; });
  return found == end ? name : found->meaning;
}

}  // namespace

absl::StatusOr<Addresses> ParseAddress(absl::string_view text) {
  const size_t dash = text.find('-');
  const bool is_range = dash != absl::string_view::npos;
  const std::string first_text = WithLength(text.substr(0, dash));
  const size_t slash = first_text.find('/');
  const auto first = policy::ParsePrefix(absl::string_view(first_text).substr(0, slash));
  if (!first.ok()) return first.status();
  const size_t bits = first->address.size() * 8;
  Interval interval = {NumberOf(first->address), 0};
  size_t length = bits;
  const bool has_length = slash != std::string::npos;
  if (has_length &&
      (is_range || !absl::SimpleAtoi(absl::string_view(first_text).substr(slash + 1), &length) ||
       length > bits)) {
    return absl::InvalidArgumentError(absl::StrCat(Quoted(text), " is no prefix"));
  }
  if (is_range) {
    const auto last = policy::ParsePrefix(text.substr(dash + 1));
    if (!last.ok()) return last.status();
    if (last->address.size() != first->address.size()) {
      return absl::InvalidArgumentError(absl::StrCat(Quoted(text), " is no range of addresses"));
    }
    interval.last = NumberOf(last->address);
  } else {
    const size_t host_bits = bits - length;
    const Number size =
        host_bits >= 128 ? absl::Uint128Max() : (Number(1) << static_cast<int>(host_bits)) - 1;
    interval.first = interval.first & ~size;
    interval.last = interval.first | size;
  }
  Addresses addresses;
  (bits == 32 ? addresses.v4 : addresses.v6) = IntervalSet::Of({interval});
  return addresses;
}

Addresses Unite(const Addresses& a, const Addresses& b) {
  return {a.v4.Unite(b.v4), a.v6.Unite(b.v6)};
}

Addresses Complement(const Addresses& of) {
  Addresses rest;
  if (!of.v4.empty()) rest.v4 = AllV4().Without(of.v4);
  if (!of.v6.empty()) rest.v6 = AllV6().Without(of.v6);
  return rest;
}

absl::StatusOr<IntervalSet> ParsePort(absl::string_view text, char separator) {
  const size_t at = text.find(separator);
  const absl::string_view first_text = text.substr(0, at);
  uint32_t first = 0, last = 65535;
  // Either end of a range may be missing.
  if (at == absl::string_view::npos || !first_text.empty()) {
    const absl::string_view number = Meaning(std::begin(kPorts), std::end(kPorts), first_text);
    if (!absl::SimpleAtoi(number, &first)) {
      // A service name with a dash in it must not be split as a range.
      const absl::string_view whole = Meaning(std::begin(kPorts), std::end(kPorts), text);
      if (absl::SimpleAtoi(whole, &first)) return IntervalSet::Of(first, first);
      const policy::BuiltInService* service = policy::FindBuiltInService(text);
      if (service == nullptr) {
        return absl::InvalidArgumentError(
            absl::StrCat(Quoted(text), " is no port; name it by its number"));
      }
      std::vector<Interval> ports;
      for (const auto& range : policy::PortsOf(*service))
        ports.push_back({range.first(), range.last()});
      return IntervalSet::Of(std::move(ports));
    }
  }
  if (at == absl::string_view::npos) {
    last = first;
  } else if (at + 1 < text.size()) {
    const absl::string_view number =
        Meaning(std::begin(kPorts), std::end(kPorts), text.substr(at + 1));
    if (!absl::SimpleAtoi(number, &last)) {
      return absl::InvalidArgumentError(absl::StrCat(Quoted(text), " is no range of ports"));
    }
  }
  if (first > last || last > 65535) {
    return absl::InvalidArgumentError(absl::StrCat(Quoted(text), " is out of range"));
  }
  return IntervalSet::Of(first, last);
}

absl::StatusOr<std::bitset<256>> ParseProtocols(absl::string_view text) {
  const std::string name = absl::AsciiStrToLower(text);
  if (name == "all" || name == "ip" || name == "0") return std::bitset<256>().set();
  std::bitset<256> protocols;
  if (name == "ipencap" || name == "ipip") {
    protocols.set(4);
  } else {
    const auto number = policy::ParseMappingProtocol(name);
    if (!number.ok() || *number == policy::kAnyProtocol) {
      return absl::InvalidArgumentError(absl::StrCat(Quoted(text), " is no known protocol"));
    }
    protocols.set(*number);
  }
  return protocols;
}

absl::StatusOr<IntervalSet> ParseKind(absl::string_view text, bool v6) {
  const absl::string_view meaning = v6 ? Meaning(std::begin(kKinds6), std::end(kKinds6), text)
                                       : Meaning(std::begin(kKinds4), std::end(kKinds4), text);
  if (meaning == "any") return AllKinds();
  ASSIGN_OR_RETURN(const auto kind,
                   policy::ParseIcmpKind(meaning, static_cast<uint8_t>(v6 ? kIcmpv6 : kIcmp)));
  const Number first = kind.type() * 256 + (kind.has_code() ? kind.code() : 0);
  return IntervalSet::Of(first, kind.has_code() ? first : first + 255);
}

absl::StatusOr<Rate> ParseRateWord(absl::string_view text) {
  const size_t slash = text.find('/');
  const absl::string_view unit =
      slash == absl::string_view::npos ? "second" : text.substr(slash + 1);
  Rate rate;
  if (!absl::SimpleAtoi(text.substr(0, slash), &rate.count) || rate.count == 0 || unit.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(Quoted(text), " is no rate"));
  }
  if (absl::StartsWith("second", unit)) {
    rate.seconds = 1;
  } else if (absl::StartsWith("minute", unit)) {
    rate.seconds = 60;
  } else if (absl::StartsWith("hour", unit)) {
    rate.seconds = 3600;
  } else if (absl::StartsWith("day", unit)) {
    rate.seconds = 86400;
  } else if (unit == "week") {
    rate.seconds = 7 * 86400;
  } else {
    return absl::InvalidArgumentError(absl::StrCat(Quoted(text), " is no rate"));
  }
  return rate;
}

uint8_t ParseState(absl::string_view word) {
  const std::string state = absl::AsciiStrToLower(absl::StripAsciiWhitespace(word));
  if (state == "new") return kNew;
  if (state == "established") return kEstablished;
  if (state == "related") return kRelated;
  if (state == "invalid") return kInvalid;
  if (state == "untracked") return kUntracked;
  return 0;
}

absl::StatusOr<std::vector<std::string>> SplitWords(absl::string_view line) {
  std::vector<std::string> words;
  bool in_word = false;
  char quote = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quote != 0) {
      if (c == '\\' && quote == '"' && i + 1 < line.size()) {
        words.back() += line[++i];
      } else if (c == quote) {
        quote = 0;
      } else {
        words.back() += c;
      }
    } else if (absl::ascii_isspace(static_cast<unsigned char>(c))) {
      in_word = false;
    } else {
      if (!std::exchange(in_word, true)) words.emplace_back();
      if (c == '"' || c == '\'') {
        quote = c;
      } else {
        words.back() += c;
      }
    }
  }
  if (quote != 0) return absl::InvalidArgumentError("a quote does not end");
  return words;
}

}  // namespace firebreak::importer
