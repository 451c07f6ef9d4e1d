// SPDX-License-Identifier: Apache-2.0
#include "proto/log/parse_w3c.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "proto/log/words.h"

namespace firebreak {
namespace {

constexpr size_t kFields = 21;
constexpr absl::string_view kNothing = "-";

constexpr uint8_t kNamedProtocols[] = {IPPROTO_TCP, IPPROTO_UDP, IPPROTO_ICMP, IPPROTO_ICMPV6};

using Fields = std::array<absl::string_view, kFields>;

bool Split(absl::string_view line, Fields& fields) {
  for (size_t i = 0; i < kFields; ++i) {
    const size_t space = line.find(' ');
    if ((space == absl::string_view::npos) != (i + 1 == kFields)) return false;
    fields[i] = line.substr(0, space);
    line.remove_prefix(i + 1 == kFields ? line.size() : space + 1);
  }
  return true;
}

// Parses three numbers of fixed widths, as in "2026-11-21" or "13:05:00".
bool TakeThree(absl::string_view text, size_t first, char between, std::array<int, 3>& numbers) {
  if (text.size() != first + 6 || text[first] != between || text[first + 3] != between) {
    return false;
  }
  return absl::SimpleAtoi(text.substr(0, first), &numbers[0]) &&
         absl::SimpleAtoi(text.substr(first + 1, 2), &numbers[1]) &&
         absl::SimpleAtoi(text.substr(first + 4, 2), &numbers[2]);
}

bool TakeTime(absl::string_view date, absl::string_view time, Record& record) {
  std::array<int, 3> day;
  std::array<int, 3> clock;
  if (!TakeThree(date, 4, '-', day) || !TakeThree(time, 2, ':', clock)) return false;
  const absl::CivilSecond civil(day[0], day[1], day[2], clock[0], clock[1], clock[2]);
  // CivilSecond normalizes a day or a time that does not exist to another one.
  if (civil.year() != day[0] || civil.month() != day[1] || civil.day() != day[2] ||
      civil.hour() != clock[0] || civil.minute() != clock[1] || civil.second() != clock[2]) {
    return false;
  }
  record.time_micros = absl::ToUnixMicros(absl::FromCivil(civil, absl::UTCTimeZone()));
  return true;
}

template <typename Number>
bool TakeNumber(absl::string_view field, Number& number) {
  uint64_t value;
  if (field.empty() || field.front() == '+' || !absl::SimpleAtoi(field, &value) ||
      value > std::numeric_limits<Number>::max()) {
    return false;
  }
  number = static_cast<Number>(value);
  return true;
}

// Parses fields of which a record has all or none. Returns false if one is not a number.
template <typename... Number>
bool TakeGroup(const absl::string_view* fields, Record::Has has, Record& record,
               Number&... numbers) {
  if (*fields == kNothing) return true;
  record.has = static_cast<uint8_t>(record.has | has);
  return (TakeNumber(*fields++, numbers) && ...);
}

bool TakeProtocol(absl::string_view field, uint8_t& protocol) {
  if (TakeNumber(field, protocol)) return true;
  for (const uint8_t named : kNamedProtocols) {
    char word[kMaxWordBytes];
    if (field != absl::string_view(word, static_cast<size_t>(WriteProtocol(named, word) - word))) {
      continue;
    }
    protocol = named;
    return true;
  }
  return false;
}

bool TakeAddress(absl::string_view field, LogAddress& address, uint8_t& family) {
  char bytes[sizeof(in6_addr)];
  const std::string text(field);
  if (inet_pton(AF_INET, text.c_str(), bytes) == 1) {
    return ToLogAddress({bytes, sizeof(in_addr)}, address, family);
  }
  return inet_pton(AF_INET6, text.c_str(), bytes) == 1 &&
         ToLogAddress({bytes, sizeof bytes}, address, family);
}

bool TakeAddresses(const Fields& fields, Record& record) {
  if (fields[4] == kNothing) return true;
  uint8_t other_family = 0;
  return TakeProtocol(fields[3], record.protocol) &&
         TakeAddress(fields[4], record.source, record.family) &&
         TakeAddress(fields[5], record.destination, other_family) && record.family == other_family;
}

bool TakeTcpFlags(absl::string_view field, uint8_t& flags) {
  constexpr absl::string_view kLetters = "FSRPAU";
  if (field == kNothing) return true;
  for (const char letter : field) {
    const size_t bit = kLetters.find(letter);
    if (bit == absl::string_view::npos) return false;
    flags = static_cast<uint8_t>(flags | 1 << bit);
  }
  return true;
}

bool ParseText(absl::string_view field, InternedStrings& texts, uint16_t& number) {
  if (field == kNothing) return true;
  if (!texts.Take(field)) return false;
  number = static_cast<uint16_t>(texts.size() - 1);
  return true;
}

}  // namespace

bool ParseW3cLine(absl::string_view line, Record& record, InternedStrings& texts) {
  Fields fields;
  if (!Split(line, fields)) return false;
  record = Record();
  texts.Clear();
  if (!TakeTime(fields[0], fields[1], record) || !ParseAction(fields[2], record.action) ||
      !TakeAddresses(fields, record)) {
    return false;
  }
  const absl::string_view* const field = fields.data();
  return TakeGroup(field + 6, Record::kPorts, record, record.source_port,
                   record.destination_port) &&
         TakeGroup(field + 8, Record::kSize, record, record.size) &&
         TakeTcpFlags(fields[9], record.tcp_flags) &&
         TakeGroup(field + 10, Record::kTcp, record, record.tcp_sequence,
                   record.tcp_acknowledgement, record.tcp_window) &&
         TakeGroup(field + 13, Record::kIcmp, record, record.icmp_type, record.icmp_code) &&
         (fields[15] == kNothing || TakeNumber(fields[15], record.lost)) &&
         ParseText(fields[16], texts, record.interface) &&
         ParseText(fields[17], texts, record.location) &&
         ParseText(fields[18], texts, record.policy) &&
         ParseText(fields[19], texts, record.mapping) &&
         ParseText(fields[20], texts, record.reason);
}

}  // namespace firebreak
