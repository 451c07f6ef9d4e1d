// SPDX-License-Identifier: Apache-2.0
#include "cli/view/log_lines.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "base/address/address.h"
#include "base/text/escape.h"
#include "base/time/timestamp.h"
#include "cli/output/colour.h"
#include "cli/output/csv.h"

namespace firebreak::cli {
namespace {

constexpr size_t kWidths[] = {23, 12, 16, 6, 22, 22, 10};

std::string Columns(const std::vector<std::string>& cells, size_t coloured, Colour colour,
                    bool colours) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) {
    const std::string text = cells[i].empty() ? "-" : Escape(cells[i]);
    absl::StrAppend(&line, i == coloured ? Paint(text, colour, colours) : text);
    if (i + 1 == cells.size()) break;
    line.append(std::max(kWidths[i], Width(text)) - Width(text) + 1, ' ');
  }
  return line + "\n";
}

Colour ColourOf(const v1::LogRecord& record) {
  if (record.action() == "DROP") return Colour::kRed;
  if (record.action() == "INFO-EVENTS-LOST") return Colour::kYellow;
  if (record.action() == "INFO-ATTACK") return Colour::kRed;
  return Colour::kNone;
}

std::string Detail(const v1::LogRecord& record, absl::TimeZone zone) {
  std::vector<std::string> parts;
  if (record.has_lost()) parts.push_back(absl::StrCat(record.lost(), " lost:"));
  if (record.has_until()) {
    if (!record.has_lost()) parts.push_back("unknown number lost:");
    parts.push_back(absl::StrCat(
        "until ", absl::FormatTime("%Y-%m-%d %H:%M:%S", FromTimestamp(record.until()), zone)));
  }
  if (!record.reason().empty()) parts.push_back(record.reason());
  if (!record.tcp_flags().empty()) parts.push_back(record.tcp_flags());
  if (record.has_icmp_type()) {
    parts.push_back(absl::StrCat("type ", record.icmp_type(), " code ", record.icmp_code()));
  }
  if (record.has_size()) parts.push_back(absl::StrCat(record.size(), " bytes"));
  if (!record.policy().empty()) {
    parts.push_back(absl::StrCat(
        record.policy(), record.mapping().empty() ? "" : absl::StrCat("/", record.mapping())));
  }
  return absl::StrJoin(parts, " ");
}

}  // namespace

std::string EndOf(const std::string& address, uint32_t port, bool has_port) {
  return has_port ? JoinAddressAndPort(address, port) : address;
}

std::string LogHeading(absl::TimeZone zone, bool colours) {
  std::string line = Columns({absl::StrCat("TIME (", zone.name(), ")"), "HOST", "ACTION", "PROTO",
                              "FROM", "TO", "INTERFACE", "WHY"},
                             8, Colour::kNone, false);
  line.pop_back();
  return Paint(line, Colour::kBold, colours) + "\n";
}

std::string LogLine(const v1::LogRecord& record, absl::TimeZone zone, bool colours) {
  return Columns(
      {absl::FormatTime("%Y-%m-%d %H:%M:%E3S", FromTimestamp(record.time()), zone), record.host(),
       record.action(), record.protocol(),
       EndOf(record.source(), record.source_port(), record.has_source_port()),
       EndOf(record.destination(), record.destination_port(), record.has_destination_port()),
       record.interface(), Detail(record, zone)},
      2, ColourOf(record), colours);
}

std::string GapText(const v1::LogRecord& gap, absl::TimeZone zone) {
  const auto moment = [&](const google::protobuf::Timestamp& time) {
    return absl::FormatTime("%Y-%m-%d %H:%M:%S", FromTimestamp(time), zone);
  };
  return absl::StrCat(
      gap.host().empty() ? "hosts" : Escape(gap.host()), ": ",
      gap.has_lost() ? absl::StrCat(gap.lost(), " records") : "an unknown number of records",
      " from ", moment(gap.time()), " to ", moment(gap.until()),
      gap.reason() == "log.missing" ? ", whose file is missing" : ", where a file is damaged");
}

std::string CsvHeading() {
  return "time,host,action,protocol,source,source_port,destination,destination_port,size,"
         "tcp_flags,tcp_sequence,tcp_acknowledgement,tcp_window,icmp_type,icmp_code,lost,interface,"
         "location,policy,mapping,reason,sequence\n";
}

std::string CsvLine(const v1::LogRecord& record) {
  const auto number = [](bool has, uint64_t value) { return has ? absl::StrCat(value) : ""; };
  return absl::StrCat(
      absl::StrJoin({absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", FromTimestamp(record.time()),
                                      absl::UTCTimeZone()),
                     CsvField(record.host()),
                     CsvField(record.action()),
                     CsvField(record.protocol()),
                     CsvField(record.source()),
                     number(record.has_source_port(), record.source_port()),
                     CsvField(record.destination()),
                     number(record.has_destination_port(), record.destination_port()),
                     number(record.has_size(), record.size()),
                     CsvField(record.tcp_flags()),
                     number(record.has_tcp_sequence(), record.tcp_sequence()),
                     number(record.has_tcp_acknowledgement(), record.tcp_acknowledgement()),
                     number(record.has_tcp_window(), record.tcp_window()),
                     number(record.has_icmp_type(), record.icmp_type()),
                     number(record.has_icmp_code(), record.icmp_code()),
                     number(record.has_lost(), record.lost()),
                     CsvField(record.interface()),
                     CsvField(record.location()),
                     CsvField(record.policy()),
                     CsvField(record.mapping()),
                     CsvField(record.reason()),
                     number(record.sequence() != 0, record.sequence())},
                    ","),
      "\n");
}

}  // namespace firebreak::cli
