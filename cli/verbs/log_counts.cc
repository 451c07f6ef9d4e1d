// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/log_counts.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "base/status/status.h"
#include "base/text/escape.h"
#include "cli/output/csv.h"
#include "cli/output/json.h"
#include "cli/output/table.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/log_options.h"
#include "cli/verbs/log_policies.h"
#include "cli/verbs/log_search.h"
#include "cli/view/log_lines.h"
#include "proto/log/words.h"

namespace firebreak::cli {
namespace {

constexpr size_t kMaxKeys = 1'000'000;
constexpr uint32_t kShown = 10;
constexpr int kBarWidth = 50;
constexpr size_t kMaxBars = 100'000;

std::string Word(char* (*write)(const LogAddress&, uint8_t, char*), const LogAddress& address,
                 uint8_t family) {
  char room[kMaxWordBytes];
  return std::string(room, static_cast<size_t>(write(address, family, room) - room));
}

// Returns the value by which a record is counted, or an empty text if the record has none.
using Key = std::string (*)(const std::string& host, const Record&, const InternedStrings&);

std::string PortWithProtocol(uint16_t port, const Record& record) {
  char room[kMaxWordBytes];
  const auto length = static_cast<size_t>(WriteProtocol(record.protocol, room) - room);
  return absl::StrCat(absl::string_view(room, length), "/", port);
}

const std::map<std::string, Key>& Keys() {
  static const auto* const keys = new std::map<std::string, Key>{
      {"source",
       [](const std::string&, const Record& record, const InternedStrings&) {
         return record.family == 0 ? "" : Word(WriteAddress, record.source, record.family);
       }},
      {"destination",
       [](const std::string&, const Record& record, const InternedStrings&) {
         return record.family == 0 ? "" : Word(WriteAddress, record.destination, record.family);
       }},
      {"port",
       [](const std::string&, const Record& record, const InternedStrings&) {
         return (record.has & Record::kPorts) == 0
                    ? ""
                    : PortWithProtocol(record.destination_port, record);
       }},
      {"policy", [](const std::string&, const Record& record,
                    const InternedStrings& texts) { return texts[record.policy]; }},
      {"mapping", [](const std::string&, const Record& record,
                     const InternedStrings& texts) { return texts[record.mapping]; }},
      {"reason", [](const std::string&, const Record& record,
                    const InternedStrings& texts) { return texts[record.reason]; }},
      {"host", [](const std::string& host, const Record&, const InternedStrings&) { return host; }},
      {"action", [](const std::string&, const Record& record,
                    const InternedStrings&) { return std::string(WordOf(record.action)); }},
  };
  return *keys;
}

// Counts the records that a search finds, and says what could not be counted.
class Counting {
 public:
  explicit Counting(const LogOptions& options) : options_(options) {}

  absl::Status Run(
      Invocation& invocation,
      std::function<void(const std::string& host, const Record&, const InternedStrings&)> count) {
    bool any = false;
    const LogReceiver receiver = {
        [&](const std::string& host, uint64_t, const Record& record, const InternedStrings& texts) {
          any = true;
          count(host, record, texts);
        },
        [&](const v1::LogRecord& message) {
          any = true;
          if (IsGap(message) && gaps_++ == 0) {
            first_gap_ = GapText(message, options_.zone);
          }
          unpacked_ = unpacked_ || !IsGap(message);
        }};
    RETURN_IF_ERROR(
        SearchLog(invocation, options_, options_.last.value_or(0), receiver,
                  [&](const v1::LogRecords&) { return static_cast<bool>(invocation.out()); }));
    return any ? absl::OkStatus() : CheckPolicies(invocation, options_);
  }

  absl::Status End() const {
    if (unpacked_) {
      return absl::FailedPreconditionError(
          "the controller is older than this firebreak and does not support counts; update the "
          "controller");
    }
    if (gaps_ == 0) return absl::OkStatus();
    return absl::DataLossError(absl::StrCat("the count is incomplete: ", gaps_,
                                            " parts of the log cannot be read; ", first_gap_));
  }

 private:
  const LogOptions& options_;
  uint64_t gaps_ = 0;
  bool unpacked_ = false;
  std::string first_gap_;
};

// Prints rows of a word and a number, in any format but w3c.
void PrintCounts(Invocation& invocation, const std::string& name,
                 const std::vector<std::pair<std::string, uint64_t>>& rows, uint64_t bar) {
  std::ostream& out = invocation.out();
  switch (invocation.format()) {
    case Format::kJson:
    case Format::kJsonLines: {
      const bool lines = invocation.format() == Format::kJsonLines;
      if (!lines) out << "[";
      for (size_t i = 0; i < rows.size(); ++i) {
        out << (lines    ? ""
                : i == 0 ? "\n"
                         : ",\n")
            << "{\"" << name << "\": " << JsonText(rows[i].first)
            << ", \"records\": " << rows[i].second << "}" << (lines ? "\n" : "");
      }
      if (!lines) out << (rows.empty() ? "]\n" : "\n]\n");
      return;
    }
    case Format::kYaml:
      for (const auto& [key, records] : rows) {
        out << "- " << name << ": " << JsonText(key) << "\n  records: " << records << "\n";
      }
      return;
    case Format::kW3c:  // refused by CheckCount
    case Format::kCsv:
      out << name << ",records\n";
      for (const auto& [key, records] : rows) out << CsvField(key) << "," << records << "\n";
      return;
    case Format::kTable: break;
  }
  std::string heading = name;
  for (char& letter : heading) letter = static_cast<char>(toupper(letter));
  Table table({heading, "RECORDS", ""});
  for (const auto& [key, records] : rows) {
    const auto width = bar == 0 ? 0 : static_cast<size_t>(records * kBarWidth / bar);
    table.AddRow({{key}, {absl::StrCat(records)}, {std::string(width, '#')}});
  }
  out << table.Take(invocation.colours());
}

absl::Status ShowTop(Invocation& invocation, const LogOptions& options, const std::string& by,
                     uint32_t shown) {
  const Key key_of = Keys().at(by);
  absl::flat_hash_map<std::string, uint64_t> counts;
  uint64_t others = 0;
  Counting counting(options);
  RETURN_IF_ERROR(counting.Run(
      invocation, [&](const std::string& host, const Record& record, const InternedStrings& texts) {
        std::string key = key_of(host, record, texts);
        if (key.empty()) return;
        const auto known = counts.find(key);
        if (known != counts.end()) {
          ++known->second;
        } else if (counts.size() < kMaxKeys) {
          counts.emplace(std::move(key), 1);
        } else {
          ++others;
        }
      }));
  if (!invocation.out()) return absl::OkStatus();  // main reports the failed output
  std::vector<std::pair<std::string, uint64_t>> rows(counts.begin(), counts.end());
  const size_t count = std::min<size_t>(rows.size(), shown);
  std::partial_sort(rows.begin(), rows.begin() + static_cast<ptrdiff_t>(count), rows.end(),
                    [](const auto& a, const auto& b) {
                      return a.second != b.second ? a.second > b.second : a.first < b.first;
                    });
  rows.resize(count);
  PrintCounts(invocation, by, rows, rows.empty() ? 0 : rows.front().second);
  if (others > 0) {
    invocation.err() << "firebreak: " << others
                     << " records are not counted, because there are more than " << kMaxKeys
                     << " different values\n";
  }
  return counting.End();
}

absl::Status ShowHistogram(Invocation& invocation, const LogOptions& options,
                           absl::Duration interval) {
  std::map<int64_t, uint64_t> counts;
  const int64_t width = absl::ToInt64Microseconds(interval);
  uint64_t others = 0;
  Counting counting(options);
  RETURN_IF_ERROR(counting.Run(
      invocation, [&](const std::string&, const Record& record, const InternedStrings&) {
        const int64_t bar = record.time_micros / width;
        if (counts.size() >= kMaxBars && counts.count(bar) == 0) {
          ++others;
        } else {
          ++counts[bar];
        }
      }));
  if (!invocation.out()) return absl::OkStatus();  // main reports the failed output
  std::vector<std::pair<std::string, uint64_t>> rows;
  uint64_t most = 0;
  std::optional<int64_t> before;
  for (const auto& [bar, records] : counts) {
    const auto add = [&](int64_t at, uint64_t number) {
      rows.emplace_back(
          absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez", absl::FromUnixMicros(at * width), options.zone),
          number);
    };
    // Bars without records are shown too, except in gaps of 100 bars and more.
    for (int64_t at = before.value_or(bar) + 1; at < bar && bar - *before < 100; ++at) add(at, 0);
    add(bar, records);
    before = bar;
    most = std::max(most, records);
  }
  PrintCounts(invocation, "time", rows, most);
  if (others > 0) {
    invocation.err() << "firebreak: " << others
                     << " records are not counted: they lie outside the first " << kMaxBars
                     << " intervals; choose a longer --interval\n";
  }
  return counting.End();
}

// Refuses options that make no sense for a count.
void CheckCount(const GlobalOptions& global) {
  if (global.local) RefuseUsage("--local", "cannot be used here: only the fleet's log is counted");
  if (global.format == Format::kW3c) {
    RefuseUsage(
        "--output",
        "w3c is for records only; the formats of counts are table, json, jsonl, yaml and csv");
  }
}

}  // namespace

void AddLogCountVerbs(Verb logs, Command& command) {
  const Verb top =
      AddVerb(logs, "top",
              "Count the records of the fleet's log by source, port or another value.\n\n"
              "Counts the records that match the filters, and prints the most frequent values "
              "first. `port` is the destination port.",
              "firebreak logs top source --since 1h --action DROP\n"
              "firebreak logs top port --host web-1 --show 20");
  const auto options = std::make_shared<LogOptions>();
  const auto by = std::make_shared<std::string>();
  const auto shown = std::make_shared<uint32_t>(kShown);
  std::vector<std::string> names;
  std::string type;
  for (const auto& [name, key] : Keys()) {
    names.push_back(name);
    absl::StrAppend(&type, type.empty() ? "" : "|", name);
  }
  top.Add("BY", *by, "the value to count by").Type(type).OneOf(names).Required();
  top.AddNumber("--show", *shown, 1, UINT32_MAX, "how many values to print")
      .Type("N")
      .Default("10");
  AddLogFilters(top, *options);
  AddFleetLogOptions(top, *options, /*cursors=*/false);
  top.WhenGiven([&command, options, by, shown] {
    ResolveLogOptions(*options);
    CheckCount(command.options);
    command.takes_log_formats = true;
    command.run = [options, by, shown](Invocation& invocation) {
      return ShowTop(invocation, *options, *by, *shown);
    };
  });

  const Verb histogram =
      AddVerb(logs, "histogram",
              "Count the records of the fleet's log over time.\n\n"
              "Prints the number of records that match the filters in each interval of time.",
              "firebreak logs histogram --since 24h --action DROP\n"
              "firebreak logs histogram --since 1h --interval 1m --source 198.51.100.7");
  const auto all = std::make_shared<LogOptions>();
  const auto interval = std::make_shared<absl::Duration>(absl::Hours(1));
  AddDuration(histogram, "--interval", *interval, absl::Seconds(1), absl::Hours(24 * 365),
              "the length of an interval");
  AddLogFilters(histogram, *all);
  AddFleetLogOptions(histogram, *all, /*cursors=*/false);
  histogram.WhenGiven([&command, all, interval] {
    ResolveLogOptions(*all);
    CheckCount(command.options);
    command.takes_log_formats = true;
    command.run = [all, interval](Invocation& invocation) {
      return ShowHistogram(invocation, *all, *interval);
    };
  });
}

}  // namespace firebreak::cli
