// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_VIEW_RECORD_EXPLANATION_H_
#define FIREBREAK_CLI_VIEW_RECORD_EXPLANATION_H_

#include <optional>
#include <set>
#include <string>

#include "absl/time/time.h"
#include "firebreak/v1/host.pb.h"
#include "firebreak/v1/log.pb.h"

namespace firebreak::cli {

// Returns the question that asks a host what it would do now with the packet of a record. `own` are
// the host's addresses as bytes, which tell sent packets from received ones. Returns nullopt if the
// record is not about a packet.
std::optional<v1::TraceQuestion> TraceOf(const v1::LogRecord& record,
                                         const std::set<std::string>& own);

// A record, and why it came to be.
struct ExplainedRecord {
  v1::LogRecord record;
  std::optional<v1::TraceQuestion> question;
  std::optional<v1::TraceAnswer> now;  // what the host does with such a packet now
  std::string error;                   // why there is no answer; empty if there was no question
};

// Returns in a sentence why the record was made.
std::string WhyThen(const v1::LogRecord& record);

// Returns the record as a line, with what was decided then and what would be decided now, and the
// command that shows every rule on the way.
std::string ExplanationText(const ExplainedRecord& explained, absl::TimeZone zone, bool colours);
// The same as a JSON object on one line.
std::string ExplanationJson(const ExplainedRecord& explained);

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VIEW_RECORD_EXPLANATION_H_
