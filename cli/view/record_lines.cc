// SPDX-License-Identifier: Apache-2.0
#include "cli/view/record_lines.h"

#include <algorithm>

#include "absl/time/time.h"
#include "cli/output/csv.h"
#include "proto/log/words.h"

namespace firebreak::cli {
namespace {

constexpr int kMicrosDigits = 6;

void Append(absl::string_view text, std::string& out) { out.append(text.data(), text.size()); }

void AppendNumber(uint64_t number, std::string& out) {
  char room[kMaxWordBytes];
  out.append(room, static_cast<size_t>(WriteNumber(number, room) - room));
}

// Appends the first `digits` digits of a fraction of a second.
void AppendFraction(uint32_t micros, int digits, std::string& out) {
  char room[kMicrosDigits];
  for (int place = kMicrosDigits; place-- > 0; micros /= 10) {
    room[place] = static_cast<char>('0' + micros % 10);
  }
  out.append(room, static_cast<size_t>(digits));
}

absl::string_view Address(const LogAddress& address, uint8_t family, char* room) {
  return {room, static_cast<size_t>(WriteAddress(address, family, room) - room)};
}

// Appends the fields of a line of CSV.
class CsvFields {
 public:
  explicit CsvFields(std::string& out) : out_(out) {}

  void Text(absl::string_view text) {
    out_.push_back(',');
    AppendCsvField(text, out_);
  }
  void Number(bool has, uint64_t number) {
    out_.push_back(',');
    if (has) AppendNumber(number, out_);
  }

 private:
  std::string& out_;
};

// Appends the members of a JSON object, in the form that Protobuf gives to a message.
class JsonMembers {
 public:
  explicit JsonMembers(std::string& out) : out_(out) {}

  void Text(absl::string_view name, absl::string_view text) {
    if (text.empty()) return;
    Name(name);
    out_.push_back('"');
    for (const char byte : text) AppendEscaped(byte);
    out_.push_back('"');
  }
  void Number(absl::string_view name, uint64_t number) {
    Name(name);
    AppendNumber(number, out_);
  }
  // A number of 64 bits is written as text.
  void LongNumber(absl::string_view name, uint64_t number) {
    Name(name);
    out_.push_back('"');
    AppendNumber(number, out_);
    out_.push_back('"');
  }

 private:
  void Name(absl::string_view name) {
    Append(",\"", out_);
    Append(name, out_);
    Append("\":", out_);
  }
  // Texts of records are printable ASCII.
  void AppendEscaped(char byte) {
    switch (byte) {
      case '"': return Append("\\\"", out_);
      case '\\': return Append("\\\\", out_);
      case '<': return Append("\\u003c", out_);
      case '>': return Append("\\u003e", out_);
      default: out_.push_back(byte);
    }
  }

  std::string& out_;
};

}  // namespace

absl::string_view RecordLines::MomentOf(const Record& record) {
  const int64_t second = record.time_micros / 1'000'000;
  if (second != second_) {
    second_ = second;
    moment_ =
        absl::FormatTime("%Y-%m-%dT%H:%M:%S", absl::FromUnixSeconds(second), absl::UTCTimeZone());
  }
  return moment_;
}

void RecordLines::AppendCsv(const std::string& host, uint64_t sequence, const Record& record,
                            const InternedStrings& texts, std::string& out) {
  char room[kMaxWordBytes];
  Append(MomentOf(record), out);
  out.push_back('.');
  AppendFraction(static_cast<uint32_t>(record.time_micros % 1'000'000), kMicrosDigits, out);
  out.push_back('Z');
  CsvFields fields(out);
  const bool has_addresses = record.family != 0;
  const bool has_ports = (record.has & Record::kPorts) != 0;
  const bool has_tcp = (record.has & Record::kTcp) != 0;
  const bool has_icmp = (record.has & Record::kIcmp) != 0;
  fields.Text(host);
  fields.Text(WordOf(record.action));
  const auto end = [&](const LogAddress& address, uint16_t port) {
    fields.Text(has_addresses ? Address(address, record.family, room) : absl::string_view());
    fields.Number(has_ports, port);
  };
  if (has_addresses) {
    fields.Text({room, static_cast<size_t>(WriteProtocol(record.protocol, room) - room)});
  } else {
    fields.Text("");
  }
  end(record.source, record.source_port);
  end(record.destination, record.destination_port);
  fields.Number((record.has & Record::kSize) != 0, record.size);
  const char* const flags = has_tcp ? WriteTcpFlags(record.tcp_flags, room) : room;
  fields.Text({room, static_cast<size_t>(flags - room)});
  fields.Number(has_tcp, record.tcp_sequence);
  fields.Number(has_tcp, record.tcp_acknowledgement);
  fields.Number(has_tcp, record.tcp_window);
  fields.Number(has_icmp, record.icmp_type);
  fields.Number(has_icmp, record.icmp_code);
  fields.Number(record.action == Action::kEventsLost, record.lost);
  for (const uint16_t text :
       {record.interface, record.location, record.policy, record.mapping, record.reason}) {
    fields.Text(texts[text]);
  }
  fields.Number(sequence != 0, sequence);
  out.push_back('\n');
}

void RecordLines::AppendJson(const std::string& host, uint64_t sequence, const Record& record,
                             const InternedStrings& texts, std::string& out) {
  char room[kMaxWordBytes];
  Append("{\"time\":\"", out);
  Append(MomentOf(record), out);
  // Protobuf writes no fraction, three digits or six.
  const auto micros = static_cast<uint32_t>(record.time_micros % 1'000'000);
  if (micros != 0) {
    out.push_back('.');
    AppendFraction(micros, micros % 1000 == 0 ? kMicrosDigits / 2 : kMicrosDigits, out);
  }
  Append("Z\"", out);
  JsonMembers members(out);
  members.Text("host", host);
  members.Text("action", WordOf(record.action));
  if (record.family != 0) {
    const char* const protocol = WriteProtocol(record.protocol, room);
    members.Text("protocol", {room, static_cast<size_t>(protocol - room)});
    members.Text("source", Address(record.source, record.family, room));
    members.Text("destination", Address(record.destination, record.family, room));
  }
  if ((record.has & Record::kPorts) != 0) {
    members.Number("source_port", record.source_port);
    members.Number("destination_port", record.destination_port);
  }
  if ((record.has & Record::kSize) != 0) members.LongNumber("size", record.size);
  if ((record.has & Record::kTcp) != 0) {
    const char* const flags = WriteTcpFlags(record.tcp_flags, room);
    members.Text("tcp_flags", {room, static_cast<size_t>(flags - room)});
    members.Number("tcp_sequence", record.tcp_sequence);
    members.Number("tcp_acknowledgement", record.tcp_acknowledgement);
    members.Number("tcp_window", record.tcp_window);
  }
  if ((record.has & Record::kIcmp) != 0) {
    members.Number("icmp_type", record.icmp_type);
    members.Number("icmp_code", record.icmp_code);
  }
  if (record.action == Action::kEventsLost) members.LongNumber("lost", record.lost);
  members.Text("interface", texts[record.interface]);
  members.Text("location", texts[record.location]);
  members.Text("policy", texts[record.policy]);
  members.Text("mapping", texts[record.mapping]);
  members.Text("reason", texts[record.reason]);
  if (sequence != 0) members.LongNumber("sequence", sequence);
  out.push_back('}');
}

}  // namespace firebreak::cli
