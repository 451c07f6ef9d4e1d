// SPDX-License-Identifier: Apache-2.0
#include "proto/log/query.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "proto/log/words.h"

namespace firebreak {
namespace {

using v1::LogTerm;

// ::ffff:0:0/96: the second 64 bits of the address, shifted right by 32
constexpr uint64_t kMappedPrefix = 0xffff;
constexpr int64_t kMappedBits = 96;

uint64_t HighBits(int64_t count) {
  return count <= 0 ? 0 : count >= 64 ? ~uint64_t{0} : ~uint64_t{0} << (64 - count);
}

std::optional<LogQuery::Prefix> ReadPrefix(const std::string& text) {
  const size_t slash = text.find('/');
  const std::string plain = text.substr(0, slash);
  char bytes[sizeof(in6_addr)];
  LogQuery::Prefix prefix;
  bool is_ipv4 = inet_pton(AF_INET, plain.c_str(), bytes) == 1;
  if (!is_ipv4 && inet_pton(AF_INET6, plain.c_str(), bytes) != 1) return std::nullopt;
  ToLogAddress({bytes, is_ipv4 ? size_t{4} : size_t{16}}, prefix.address, prefix.family);
  const int64_t bits = is_ipv4 ? 32 : 128;
  int64_t length = bits;
  if (slash != std::string::npos &&
      (!absl::SimpleAtoi(text.substr(slash + 1), &length) || length < 0 || length > bits)) {
    return std::nullopt;
  }
  if (!is_ipv4 && length >= kMappedBits) {
    MakeCanonical(prefix.address, prefix.family);
    is_ipv4 = prefix.family == 4;
    if (is_ipv4) length -= kMappedBits;
  }
  prefix.mask = is_ipv4 ? LogAddress{.low = HighBits(length) >> 32}
                        : LogAddress{.high = HighBits(length), .low = HighBits(length - 64)};
  return prefix;
}

int64_t Micros(const google::protobuf::Timestamp& time) {
  constexpr int64_t kMaxSeconds = 253402300799;
  return std::clamp<int64_t>(time.seconds(), 0, kMaxSeconds) * 1'000'000 +
         std::clamp(time.nanos(), 0, 999'999'999) / 1000;
}

absl::Status NotUnderstood(const std::string& value, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("'", value, "' is not ", what));
}

std::optional<uint16_t> ReadProtocol(const std::string& text) {
  uint32_t number;
  if (absl::SimpleAtoi(text, &number)) {
    return number <= 255 ? std::optional<uint16_t>(number) : std::nullopt;
  }
  constexpr uint8_t kNamed[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMPV6};
  for (const uint8_t protocol : kNamed) {
    char word[kMaxWordBytes];
    const auto length = static_cast<size_t>(WriteProtocol(protocol, word) - word);
    if (absl::AsciiStrToLower(text) == absl::AsciiStrToLower({word, length})) return protocol;
  }
  return std::nullopt;
}

absl::Status AddValue(const std::string& value, LogQuery::Term& term) {
  switch (term.field) {
    case LogTerm::ADDRESS:
    case LogTerm::SOURCE:
    case LogTerm::DESTINATION: {
      const auto prefix = ReadPrefix(value);
      if (!prefix.has_value()) return NotUnderstood(value, "an address or a prefix");
      term.prefixes.push_back(*prefix);
      return absl::OkStatus();
    }
    case LogTerm::PORT:
    case LogTerm::SOURCE_PORT:
    case LogTerm::DESTINATION_PORT: {
      uint32_t port;
      if (!absl::SimpleAtoi(value, &port) || port > std::numeric_limits<uint16_t>::max()) {
        return NotUnderstood(value, "a port");
      }
      term.numbers.push_back(static_cast<uint16_t>(port));
      return absl::OkStatus();
    }
    case LogTerm::PROTOCOL: {
      const auto protocol = ReadProtocol(value);
      if (!protocol.has_value()) {
        return NotUnderstood(value, "tcp, udp, icmp, icmpv6 or the number of a protocol");
      }
      term.numbers.push_back(*protocol);
      return absl::OkStatus();
    }
    case LogTerm::POLICY:
    case LogTerm::MAPPING:
    case LogTerm::REASON:
    case LogTerm::INTERFACE:
    case LogTerm::LOCATION: {
      // The value is brought to the form in which records contain it.
      InternedStrings texts;
      const uint16_t number = texts.Intern(value);
      term.texts.insert(texts.Take(value) ? value : texts[number]);
      return absl::OkStatus();
    }
    case LogTerm::GROUP:
      return absl::InvalidArgumentError(
          absl::StrCat("group '", value, "': only the controller's log is searched by group"));
    default:
      return absl::InvalidArgumentError("the filter is of a newer firebreak; upgrade this program");
  }
}

absl::Status AddActions(const LogTerm& term, LogQuery& query) {
  uint8_t named = 0;
  for (const std::string& word : term.values()) {
    Action action;
    if (!ParseAction(absl::AsciiStrToUpper(word), action)) {
      return absl::InvalidArgumentError(
          absl::StrCat("no action is called '", word,
                       "'; there are OPEN, OPEN-INBOUND, CLOSE, DROP, INFO-EVENTS-LOST and "
                       "INFO-ATTACK"));
    }
    named = static_cast<uint8_t>(named | ActionBit(action));
  }
  query.actions = static_cast<uint8_t>(query.actions & (term.negated() ? ~named : named));
  return absl::OkStatus();
}

void AddHosts(const LogTerm& term, LogQuery& query) {
  if (term.negated()) {
    query.other_than_hosts.insert(term.values().begin(), term.values().end());
    return;
  }
  std::set<std::string, std::less<>> named(term.values().begin(), term.values().end());
  if (!query.hosts.empty()) {
    std::erase_if(named, [&](const std::string& host) { return !query.hosts.contains(host); });
    // No host has two names, so nothing can match. An empty set of hosts would mean all, so all the
    // hosts named before are excluded.
    if (named.empty()) query.other_than_hosts.insert(query.hosts.begin(), query.hosts.end());
    if (named.empty()) return;
  }
  query.hosts = std::move(named);
}

absl::Status AddTerm(const LogTerm& term, LogQuery& query) {
  if (term.values().empty()) return absl::InvalidArgumentError("a filter without a value");
  for (const std::string& value : term.values()) {
    if (value.empty()) {
      return absl::InvalidArgumentError("an empty value filters nothing; leave the filter out");
    }
  }
  if (term.field() == LogTerm::ACTION) return AddActions(term, query);
  if (term.field() == LogTerm::HOST) {
    AddHosts(term, query);
    return absl::OkStatus();
  }
  LogQuery::Term& added = query.terms.emplace_back();
  added.field = term.field();
  added.negated = term.negated();
  for (const std::string& value : term.values()) {
    RETURN_IF_ERROR(AddValue(value, added));
  }
  return absl::OkStatus();
}

// Converts a field of LogFilter that is older than its terms to a term.
void AddSingle(LogTerm::Field field, const std::string& value, v1::LogFilter& filter) {
  if (value.empty()) return;
  LogTerm& term = *filter.add_terms();
  term.set_field(field);
  term.add_values(value);
}

bool Contains(const std::vector<uint16_t>& numbers, uint16_t number) {
  return std::find(numbers.begin(), numbers.end(), number) != numbers.end();
}

}  // namespace

void MakeCanonical(LogAddress& address, uint8_t& family) {
  if (family != 6 || address.high != 0 || address.low >> 32 != kMappedPrefix) return;
  family = 4;
  address.low &= std::numeric_limits<uint32_t>::max();
}

bool LogQuery::Prefix::Covers(LogAddress other, uint8_t other_family) const {
  if (other_family != family) MakeCanonical(other, other_family);
  return other_family == family && ((other.high ^ address.high) & mask.high) == 0 &&
         ((other.low ^ address.low) & mask.low) == 0;
}

bool LogQuery::Term::Matches(const Record& record, const InternedStrings& names) const {
  const auto any_covers = [&](const LogAddress& address) {
    return record.family != 0 &&
           std::any_of(prefixes.begin(), prefixes.end(),
                       [&](const Prefix& one) { return one.Covers(address, record.family); });
  };
  const auto any_port = [&](uint16_t port) {
    return (record.has & Record::kPorts) != 0 && Contains(numbers, port);
  };
  switch (field) {
    case LogTerm::ADDRESS: return any_covers(record.source) || any_covers(record.destination);
    case LogTerm::SOURCE: return any_covers(record.source);
    case LogTerm::DESTINATION: return any_covers(record.destination);
    case LogTerm::PORT: return any_port(record.source_port) || any_port(record.destination_port);
    case LogTerm::SOURCE_PORT: return any_port(record.source_port);
    case LogTerm::DESTINATION_PORT: return any_port(record.destination_port);
    case LogTerm::PROTOCOL: return record.family != 0 && Contains(numbers, record.protocol);
    case LogTerm::POLICY: return texts.contains(names[record.policy]);
    case LogTerm::MAPPING: return texts.contains(names[record.mapping]);
    case LogTerm::REASON: return texts.contains(names[record.reason]);
    case LogTerm::INTERFACE: return texts.contains(names[record.interface]);
    case LogTerm::LOCATION: return texts.contains(names[record.location]);
    default: return false;
  }
}

bool LogQuery::Matches(const Record& record, const InternedStrings& texts) const {
  return (actions & ActionBit(record.action)) != 0 && record.time_micros >= since &&
         record.time_micros < until &&
         std::all_of(terms.begin(), terms.end(),
                     [&](const Term& term) { return term.Matches(record, texts) != term.negated; });
}

absl::StatusOr<LogQuery> ReadQuery(const v1::LogFilter& given) {
  v1::LogFilter filter = given;
  for (const std::string& host : given.hosts()) {
    if (host.empty()) return absl::InvalidArgumentError("a host's name is never empty");
  }
  LogQuery query;
  query.hosts.insert(given.hosts().begin(), given.hosts().end());
  if (!given.actions().empty()) {
    LogTerm& actions = *filter.add_terms();
    actions.set_field(LogTerm::ACTION);
    *actions.mutable_values() = given.actions();
  }
  AddSingle(LogTerm::ADDRESS, given.address(), filter);
  if (given.has_port()) AddSingle(LogTerm::PORT, absl::StrCat(given.port()), filter);
  AddSingle(LogTerm::POLICY, given.policy(), filter);
  AddSingle(LogTerm::REASON, given.reason(), filter);
  if (filter.has_since()) query.since = Micros(filter.since());
  if (filter.has_until()) query.until = Micros(filter.until());
  if (filter.has_since() && filter.has_until() && query.since >= query.until) {
    return absl::InvalidArgumentError(
        "no record can lie between the times: the first is not before the second");
  }
  for (const LogTerm& term : filter.terms()) {
    RETURN_IF_ERROR(AddTerm(term, query));
  }
  return query;
}

}  // namespace firebreak
