// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/record_printer.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/output/json.h"
#include "cli/verbs/print.h"
#include "cli/view/log_lines.h"
#include "proto/log/log_record.h"

namespace firebreak::cli {
namespace {

constexpr size_t kKeptBytes = 256 << 10;

}  // namespace

RecordPrinter::RecordPrinter(Invocation& invocation, const Options& options)
    : invocation_(invocation), options_(options) {
  switch (invocation_.format()) {
    case Format::kTable: text_ = LogHeading(options_.zone, invocation_.colours()); break;
    case Format::kW3c: text_ = std::string(options_.fleet ? FleetW3cHeader() : W3cHeader()); break;
    case Format::kCsv: text_ = CsvHeading(); break;
    default: break;
  }
  if (options_.endless) Flush();
}

void RecordPrinter::PrintOne(const v1::LogRecord& record) {
  if (IsGap(record) && gaps_++ == 0) first_gap_ = GapText(record, options_.zone);
  switch (invocation_.format()) {
    case Format::kTable: text_ += LogLine(record, options_.zone, invocation_.colours()); break;
    case Format::kW3c: text_ += options_.fleet ? FleetW3cLine(record) : W3cLine(record); break;
    case Format::kCsv: text_ += CsvLine(record); break;
    case Format::kJsonLines: absl::StrAppend(&text_, JsonOf(record), "\n"); break;
    case Format::kYaml:
      Flush();
      if (options_.endless) {
        PrintData(invocation_, record);
      } else {
        PrintDataList(invocation_, {&record});
      }
      break;
    case Format::kJson:
      if (options_.endless) {
        absl::StrAppend(&text_, JsonOf(record), "\n");
      } else {
        absl::StrAppend(&text_, printed_ > 0 ? ",\n" : "[\n", JsonOf(record));
      }
  }
  ++printed_;
  if (text_.size() > kKeptBytes) Flush();
}

void RecordPrinter::PrintRecord(const std::string& host, uint64_t sequence, const Record& record,
                                const InternedStrings& texts) {
  const Format format = invocation_.format();
  if (format == Format::kW3c && options_.fleet) {
    w3c_.AppendOfFleet(record, texts, host, text_);
  } else if (format == Format::kCsv) {
    lines_.AppendCsv(host, sequence, record, texts, text_);
  } else if (format == Format::kJsonLines || format == Format::kJson) {
    if (format == Format::kJson && !options_.endless) text_ += printed_ > 0 ? ",\n" : "[\n";
    lines_.AppendJson(host, sequence, record, texts, text_);
    if (format == Format::kJsonLines || options_.endless) text_ += "\n";
  } else {
    v1::LogRecord message = ToLogRecord(record, texts);
    message.set_host(host);
    message.set_sequence(sequence);
    return PrintOne(message);
  }
  ++printed_;
  if (text_.size() > kKeptBytes) Flush();
}

LogReceiver RecordPrinter::Receiver() {
  return {[this](const std::string& host, uint64_t sequence, const Record& record,
                 const InternedStrings& texts) { PrintRecord(host, sequence, record, texts); },
          [this](const v1::LogRecord& record) { PrintOne(record); }};
}

void RecordPrinter::Print(const google::protobuf::RepeatedPtrField<v1::LogRecord>& records) {
  for (const v1::LogRecord& record : records) PrintOne(record);
  Flush();
}

void RecordPrinter::Flush() {
  invocation_.out() << text_;
  invocation_.out().flush();
  text_.clear();
}

absl::Status RecordPrinter::End() {
  if (!options_.endless && invocation_.format() == Format::kJson) {
    text_ += printed_ > 0 ? "\n]\n" : "[]\n";
  }
  Flush();
  if (!options_.endless && invocation_.format() == Format::kYaml && printed_ == 0) {
    PrintDataList(invocation_, std::vector<const google::protobuf::Message*>());
  }
  if (gaps_ == 0) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("the answer is incomplete: ", gaps_, gaps_ == 1 ? " span" : " spans",
                   " of the log cannot be read; ", first_gap_,
                   gaps_ == 1 ? "" : "; the others are in the answer as INFO-EVENTS-LOST",
                   ". Restore the controller's log from a backup, or delete the damaged files"));
}

}  // namespace firebreak::cli
