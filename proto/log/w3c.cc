// SPDX-License-Identifier: Apache-2.0
#include "proto/log/w3c.h"

#include <string.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "proto/endpoint/version.h"
#include "proto/log/words.h"

namespace firebreak {
namespace {

constexpr size_t kMaxLineBytes = 40 + 14 * kMaxWordBytes + 5 * (InternedStrings::kMaxBytes + 1);
constexpr size_t kMomentBytes = 19;  // of "2026-11-21 13:05:30"
constexpr absl::string_view kNothing = "-";

char* Write(absl::string_view text, char* to) {
  memcpy(to, text.data(), text.size());
  return to + text.size();
}

char* WriteText(absl::string_view text, char* to) {
  *to++ = ' ';
  return Write(text.empty() ? kNothing : text, to);
}

char* WriteNumberIf(bool has, uint64_t number, char* to) {
  *to++ = ' ';
  if (has) return WriteNumber(number, to);
  *to++ = '-';
  return to;
}

std::string Field(bool has, uint64_t number) {
  return has ? absl::StrCat(number) : std::string(kNothing);
}

std::string Field(const std::string& text) {
  if (text.empty()) return std::string(kNothing);
  InternedStrings texts;
  if (texts.Take(text)) return text;
  return texts[texts.Intern(text)];
}

std::string HeaderWith(absl::string_view more) {
  return absl::StrCat(
      "#Version: 1.5\n#Software: Firebreak ", kVersion,
      "\n#Time Format: UTC\n"
      "#Fields: date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn "
      "tcpack tcpwin icmptype icmpcode info x-interface x-location x-policy x-mapping x-reason",
      more, "\n");
}

}  // namespace

absl::string_view W3cHeader() {
  static const std::string* const header = new std::string(HeaderWith(""));
  return *header;
}

absl::string_view FleetW3cHeader() {
  static const std::string* const header = new std::string(HeaderWith(" x-host"));
  return *header;
}

void W3cWriter::Append(const Record& record, const InternedStrings& texts, std::string& out) {
  char line[kMaxLineBytes];
  char* to = Write(record, texts, /*micros=*/false, line);
  *to++ = '\n';
  out.append(line, static_cast<size_t>(to - line));
}

void W3cWriter::AppendOfFleet(const Record& record, const InternedStrings& texts,
                              absl::string_view host, std::string& out) {
  char line[kMaxLineBytes];
  const char* const end = Write(record, texts, /*micros=*/true, line);
  out.append(line, static_cast<size_t>(end - line));
  out.push_back(' ');
  const absl::string_view name = host.empty() ? kNothing : host;
  out.append(name.data(), name.size());
  out.push_back('\n');
}

char* W3cWriter::Write(const Record& record, const InternedStrings& texts, bool micros, char* to) {
  const int64_t second = record.time_micros / 1'000'000;
  if (second != second_) {
    second_ = second;
    const std::string text =
        absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(second), absl::UTCTimeZone());
    memcpy(moment_, text.data(), std::min(text.size(), sizeof moment_));
  }
  to = firebreak::Write({moment_, kMomentBytes}, to);
  if (micros) {
    *to++ = '.';
    auto rest = static_cast<uint32_t>(record.time_micros % 1'000'000);
    for (size_t place = 6; place-- > 0; rest /= 10) to[place] = static_cast<char>('0' + rest % 10);
    to += 6;
  }
  to = WriteText(WordOf(record.action), to);
  const bool has_addresses = record.family != 0;
  if (has_addresses) {
    *to++ = ' ';
    to = WriteProtocol(record.protocol, to);
    *to++ = ' ';
    to = WriteAddress(record.source, record.family, to);
    *to++ = ' ';
    to = WriteAddress(record.destination, record.family, to);
  } else {
    to = firebreak::Write(" - - -", to);
  }
  const bool has_ports = (record.has & Record::kPorts) != 0;
  to = WriteNumberIf(has_ports, record.source_port, to);
  to = WriteNumberIf(has_ports, record.destination_port, to);
  to = WriteNumberIf((record.has & Record::kSize) != 0, record.size, to);
  const bool has_tcp = (record.has & Record::kTcp) != 0;
  *to++ = ' ';
  char* const flags = to;
  if (has_tcp) to = WriteTcpFlags(record.tcp_flags, to);
  if (to == flags) *to++ = '-';
  to = WriteNumberIf(has_tcp, record.tcp_sequence, to);
  to = WriteNumberIf(has_tcp, record.tcp_acknowledgement, to);
  to = WriteNumberIf(has_tcp, record.tcp_window, to);
  const bool has_icmp = (record.has & Record::kIcmp) != 0;
  to = WriteNumberIf(has_icmp, record.icmp_type, to);
  to = WriteNumberIf(has_icmp, record.icmp_code, to);
  to = WriteNumberIf(record.action == Action::kEventsLost, record.lost, to);
  for (const uint16_t text :
       {record.interface, record.location, record.policy, record.mapping, record.reason}) {
    to = WriteText(texts[text], to);
  }
  return to;
}

namespace {

std::string FieldsOf(const v1::LogRecord& record, std::string time) {
  const bool has_tcp = record.has_tcp_sequence();
  const std::string fields[] = {std::move(time),
                                Field(record.action()),
                                Field(record.protocol()),
                                Field(record.source()),
                                Field(record.destination()),
                                Field(record.has_source_port(), record.source_port()),
                                Field(record.has_destination_port(), record.destination_port()),
                                Field(record.has_size(), record.size()),
                                Field(record.tcp_flags()),
                                Field(has_tcp, record.tcp_sequence()),
                                Field(has_tcp, record.tcp_acknowledgement()),
                                Field(has_tcp, record.tcp_window()),
                                Field(record.has_icmp_type(), record.icmp_type()),
                                Field(record.has_icmp_code(), record.icmp_code()),
                                Field(record.has_lost(), record.lost()),
                                Field(record.interface()),
                                Field(record.location()),
                                Field(record.policy()),
                                Field(record.mapping()),
                                Field(record.reason())};
  return absl::StrJoin(fields, " ");
}

}  // namespace

std::string W3cLine(const v1::LogRecord& record) {
  return absl::StrCat(
      FieldsOf(record,
               absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(record.time().seconds()),
                                absl::UTCTimeZone())),
      "\n");
}

std::string FleetW3cLine(const v1::LogRecord& record) {
  const absl::Time time =
      absl::FromUnixSeconds(record.time().seconds()) + absl::Nanoseconds(record.time().nanos());
  return absl::StrCat(
      FieldsOf(record, absl::FormatTime("%Y-%m-%d %H:%M:%E6S", time, absl::UTCTimeZone())), " ",
      Field(record.host()), "\n");
}

}  // namespace firebreak
