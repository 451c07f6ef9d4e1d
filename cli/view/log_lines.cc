#include "cli/view/log_lines.h"

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "base/text/escape.h"
#include "base/time/timestamp.h"
#include "cli/output/colour.h"

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

std::string End(const std::string& address, bool has_port, uint32_t port) {
  if (!has_port) return address;
  return absl::StrContains(address, ':') ? absl::StrCat("[", address, "]:", port)
                                         : absl::StrCat(address, ":", port);
}

Colour ColourOf(const v1::LogRecord& record) {
  if (record.action() == "DROP") return Colour::kRed;
  if (record.action() == "INFO-EVENTS-LOST") return Colour::kYellow;
  return Colour::kNone;
}

std::string Detail(const v1::LogRecord& record) {
  std::vector<std::string> parts;
  if (record.has_lost()) parts.push_back(absl::StrCat(record.lost(), " lost:"));
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

std::string LogHeading(bool colours) {
  std::string line =
      Columns({"TIME (UTC)", "HOST", "ACTION", "PROTO", "FROM", "TO", "INTERFACE", "WHY"}, 8,
              Colour::kNone, false);
  line.pop_back();
  return Paint(line, Colour::kBold, colours) + "\n";
}

std::string LogLine(const v1::LogRecord& record, bool colours) {
  return Columns(
      {absl::FormatTime("%Y-%m-%d %H:%M:%E3S", FromTimestamp(record.time()), absl::UTCTimeZone()),
       record.host(), record.action(), record.protocol(),
       End(record.source(), record.has_source_port(), record.source_port()),
       End(record.destination(), record.has_destination_port(), record.destination_port()),
       record.interface(), Detail(record)},
      2, ColourOf(record), colours);
}

}  // namespace firebreak::cli
