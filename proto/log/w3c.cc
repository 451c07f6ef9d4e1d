#include "proto/log/w3c.h"

#include <string.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "proto/endpoint/version.h"
#include "proto/log/words.h"

namespace firebreak {
namespace {

constexpr size_t kMaxLineBytes = 32 + 14 * kMaxWordBytes + 5 * (Texts::kMaxBytes + 1);
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
  Texts texts;
  if (texts.Take(text)) return text;
  return texts[texts.Intern(text)];
}

}  // namespace

absl::string_view W3cHeader() {
  static const std::string* const header = new std::string(absl::StrCat(
      "#Version: 1.5\n#Software: Firebreak ", kVersion,
      "\n#Time Format: UTC\n"
      "#Fields: date time action protocol src-ip dst-ip src-port dst-port size tcpflags tcpsyn "
      "tcpack tcpwin icmptype icmpcode info x-interface x-location x-policy x-mapping x-reason\n"));
  return *header;
}

void W3cWriter::Append(const Record& record, const Texts& texts, std::string& out) {
  const int64_t second = record.time_micros / 1'000'000;
  if (second != second_) {
    second_ = second;
    const std::string text =
        absl::FormatTime("%Y-%m-%d %H:%M:%S", absl::FromUnixSeconds(second), absl::UTCTimeZone());
    memcpy(moment_, text.data(), std::min(text.size(), sizeof moment_));
  }
  const size_t begin = out.size();
  out.resize(begin + kMaxLineBytes);
  char* to = out.data() + begin;
  to = Write({moment_, 19}, to);
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
    to = Write(" - - -", to);
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
  *to++ = '\n';
  out.resize(static_cast<size_t>(to - out.data()));
}

std::string W3cLine(const v1::LogRecord& record) {
  const absl::Time time = absl::FromUnixSeconds(record.time().seconds());
  const bool has_tcp = record.has_tcp_sequence();
  const std::string fields[] = {absl::FormatTime("%Y-%m-%d %H:%M:%S", time, absl::UTCTimeZone()),
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
  return absl::StrCat(absl::StrJoin(fields, " "), "\n");
}

}  // namespace firebreak
