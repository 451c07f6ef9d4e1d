#ifndef FIREBREAK_CLI_VERBS_RECORD_PRINTER_H_
#define FIREBREAK_CLI_VERBS_RECORD_PRINTER_H_

#include "cli/verbs/session.h"
#include "firebreak/v1/log.pb.h"
#include "google/protobuf/repeated_ptr_field.h"

namespace firebreak::cli {

// Prints log records in the session's format, each as it comes, however many there are. Of a search
// json is an array; with `endless` each record is a document of its own.
class RecordPrinter {
 public:
  RecordPrinter(Session& session, bool endless);

  void Print(const google::protobuf::RepeatedPtrField<v1::LogRecord>& records);
  void End();

 private:
  void PrintOne(const v1::LogRecord& record);

  Session& session_;
  const bool endless_;
  bool any_ = false;
};

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERBS_RECORD_PRINTER_H_
