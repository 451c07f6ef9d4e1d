#include "proto/log/w3c.h"

#include <string.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <span>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "proto/endpoint/version.h"
#include "proto/log/words.h"

namespace firebreak {
namespace {

constexpr size_t kFields = 21;
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

bool TakeNumber(absl::string_view field, uint64_t max, const auto& set) {
  if (field == kNothing) return true;
  uint64_t number;
  if (!absl::SimpleAtoi(field, &number) || number > max) return false;
  set(number);
  return true;
}

bool TakeTexts(std::span<const absl::string_view> fields, v1::LogRecord& record) {
  std::string* const texts[] = {record.mutable_interface(), record.mutable_location(),
                                record.mutable_policy(), record.mutable_mapping(),
                                record.mutable_reason()};
  for (size_t i = 0; i < std::size(texts); ++i) {
    if (fields[i] == kNothing) continue;
    if (!Texts().Take(fields[i])) return false;
    *texts[i] = std::string(fields[i]);
  }
  return true;
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

absl::StatusOr<v1::LogRecord> ParseW3cLine(absl::string_view line) {
  const std::vector<absl::string_view> fields = absl::StrSplit(line, ' ');
  const absl::Status refused = absl::InvalidArgumentError("not a line of the log");
  if (fields.size() != kFields) return refused;
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d %H:%M:%S", absl::StrCat(fields[0], " ", fields[1]), &time,
                       &error)) {
    return refused;
  }
  v1::LogRecord record;
  record.mutable_time()->set_seconds(absl::ToUnixSeconds(time));
  Action action;
  if (!ParseAction(fields[2], action)) return refused;
  record.set_action(std::string(fields[2]));
  std::string* const words[] = {record.mutable_protocol(), record.mutable_source(),
                                record.mutable_destination()};
  for (size_t i = 0; i < std::size(words); ++i) {
    if (!Texts().Take(fields[3 + i])) return refused;
    if (fields[3 + i] != kNothing) *words[i] = std::string(fields[3 + i]);
  }
  constexpr uint64_t k16 = std::numeric_limits<uint16_t>::max();
  constexpr uint64_t k32 = std::numeric_limits<uint32_t>::max();
  constexpr uint64_t k64 = std::numeric_limits<uint64_t>::max();
  const auto narrow = [](uint64_t number) { return static_cast<uint32_t>(number); };
  if (!TakeNumber(fields[6], k16, [&](auto n) { record.set_source_port(narrow(n)); }) ||
      !TakeNumber(fields[7], k16, [&](auto n) { record.set_destination_port(narrow(n)); }) ||
      !TakeNumber(fields[8], k64, [&](auto n) { record.set_size(n); }) ||
      !TakeNumber(fields[10], k32, [&](auto n) { record.set_tcp_sequence(narrow(n)); }) ||
      !TakeNumber(fields[11], k32, [&](auto n) { record.set_tcp_acknowledgement(narrow(n)); }) ||
      !TakeNumber(fields[12], k16, [&](auto n) { record.set_tcp_window(narrow(n)); }) ||
      !TakeNumber(fields[13], 255, [&](auto n) { record.set_icmp_type(narrow(n)); }) ||
      !TakeNumber(fields[14], 255, [&](auto n) { record.set_icmp_code(narrow(n)); }) ||
      !TakeNumber(fields[15], k64, [&](auto n) { record.set_lost(n); })) {
    return refused;
  }
  if (fields[9] != kNothing) {
    if (fields[9].find_first_not_of("FSRPAU") != absl::string_view::npos) return refused;
    record.set_tcp_flags(std::string(fields[9]));
  }
  if (!TakeTexts(std::span(fields).subspan(16, 5), record)) return refused;
  return record;
}

}  // namespace firebreak
