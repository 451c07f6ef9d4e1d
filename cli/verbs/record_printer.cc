#include "cli/verbs/record_printer.h"

#include <string>
#include <vector>

#include "cli/verbs/print.h"
#include "cli/view/log_lines.h"
#include "google/protobuf/util/json_util.h"
#include "proto/log/w3c.h"

namespace firebreak::cli {
namespace {

std::string JsonOf(const v1::LogRecord& record) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  // Only Any fields could make it fail.
  static_cast<void>(google::protobuf::util::MessageToJsonString(record, &text, options));
  return text;
}

}  // namespace

RecordPrinter::RecordPrinter(Session& session, bool endless)
    : session_(session), endless_(endless) {
  if (session_.format() == Format::kTable) session_.out() << LogHeading(session_.colours());
  if (session_.format() == Format::kW3c) session_.out() << W3cHeader();
  if (endless) session_.out().flush();
}

void RecordPrinter::PrintOne(const v1::LogRecord& record) {
  switch (session_.format()) {
    case Format::kTable: session_.out() << LogLine(record, session_.colours()); break;
    case Format::kW3c: session_.out() << W3cLine(record); break;
    case Format::kYaml:
      if (endless_) {
        PrintData(session_, record);
      } else {
        PrintDataList(session_, {&record});
      }
      break;
    case Format::kJson:
      if (endless_) {
        session_.out() << JsonOf(record) << "\n";
      } else {
        session_.out() << (any_ ? ",\n" : "[\n") << JsonOf(record);
      }
  }
  any_ = true;
}

// Whoever reads them need not wait for the last.
void RecordPrinter::Print(const google::protobuf::RepeatedPtrField<v1::LogRecord>& records) {
  for (const v1::LogRecord& record : records) PrintOne(record);
  session_.out().flush();
}

void RecordPrinter::End() {
  if (endless_) return;
  if (session_.format() == Format::kJson) session_.out() << (any_ ? "\n]\n" : "[]\n");
  if (session_.format() == Format::kYaml && !any_) {
    PrintDataList(session_, std::vector<const google::protobuf::Message*>());
  }
}

}  // namespace firebreak::cli
