// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/log_explain.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "cli/ask/ask.h"
#include "cli/verbs/log_policies.h"
#include "cli/verbs/log_search.h"
#include "cli/view/log_lines.h"
#include "cli/view/record_explanation.h"
#include "policy/evidence/seen_packets.h"
#include "proto/log/log_record.h"

namespace firebreak::cli {
namespace {

// Asks hosts and caches their answers, because many records are about packets that differ only in
// the source port and in TCP's sequence numbers.
class Hosts {
 public:
  explicit Hosts(Invocation& invocation) : invocation_(invocation) {}

  ExplainedRecord Explain(v1::LogRecord record) {
    ExplainedRecord explained = {.record = std::move(record)};
    const std::string& host = explained.record.host();
    if (host.empty()) return explained;
    explained.question = TraceOf(explained.record, OwnAddresses(host));
    if (!explained.question.has_value()) return explained;
    const absl::StatusOr<v1::TraceAnswer>& answer = Ask(host, *explained.question);
    if (answer.ok()) {
      explained.now = *answer;
    } else {
      explained.error = std::string(answer.status().message());
    }
    return explained;
  }

 private:
  const std::set<std::string>& OwnAddresses(const std::string& host) {
    const auto [own, is_new] = own_.try_emplace(host);
    if (is_new) {
      v1::GetHostRequest request;
      request.set_name(host);
      const auto known = invocation_.Call(&v1::Admin::Stub::GetHost, request);
      if (known.ok()) own->second = policy::OwnAddresses(known->facts());
    }
    return own->second;
  }

  const absl::StatusOr<v1::TraceAnswer>& Ask(const std::string& host,
                                             const v1::TraceQuestion& trace) {
    v1::TraceQuestion key = trace;
    key.clear_source_port();
    const auto [found, is_new] =
        answers_.try_emplace({host, key.SerializeAsString()}, absl::AbortedError("no answer came"));
    absl::StatusOr<v1::TraceAnswer>& answer = found->second;
    if (!is_new) return answer;
    if (const auto failed = failed_.find(host); failed != failed_.end()) {
      answer = failed->second;
      return answer;
    }
    v1::Question question;
    *question.mutable_trace() = trace;
    const absl::Status asked =
        cli::Ask(invocation_, host, question, kAnswerTimeout, [&](const v1::Answer& part) {
          answer = part.trace();
          return absl::OkStatus();
        });
    // A host that cannot be asked is asked once, however many of its records there are.
    if (!asked.ok()) answer = failed_[host] = asked;
    return answer;
  }

  Invocation& invocation_;
  std::map<std::string, std::set<std::string>> own_;
  std::map<std::pair<std::string, std::string>, absl::StatusOr<v1::TraceAnswer>> answers_;
  std::map<std::string, absl::Status> failed_;
};

}  // namespace

absl::Status ExplainRecords(Invocation& invocation, const LogOptions& options) {
  std::vector<v1::LogRecord> records;
  uint64_t gaps = 0;
  const LogReceiver receiver = {[&](const std::string& host, uint64_t sequence,
                                    const Record& record, const InternedStrings& texts) {
                                  records.push_back(ToLogRecord(record, texts));
                                  records.back().set_host(host);
                                  records.back().set_sequence(sequence);
                                },
                                [&](const v1::LogRecord& message) {
                                  if (IsGap(message)) ++gaps;
                                  records.push_back(message);
                                }};
  RETURN_IF_ERROR(SearchLog(invocation, options, options.last.value_or(kExplainedUnlessTold),
                            receiver, [&](const v1::LogRecords&) { return true; }));
  if (records.empty()) {
    RETURN_IF_ERROR(CheckPolicies(invocation, options));
  }
  Hosts hosts(invocation);
  const bool lines = invocation.format() == Format::kJsonLines;
  const bool table = invocation.format() == Format::kTable;
  if (invocation.format() == Format::kJson) invocation.out() << "[";
  if (table) invocation.out() << LogHeading(options.zone, invocation.colours());
  for (size_t i = 0; i < records.size() && invocation.out(); ++i) {
    const ExplainedRecord explained = hosts.Explain(std::move(records[i]));
    if (table) {
      invocation.out() << ExplanationText(explained, options.zone, invocation.colours());
    } else {
      const char* const before = lines ? "" : i == 0 ? "\n" : ",\n";
      invocation.out() << before << ExplanationJson(explained) << (lines ? "\n" : "");
    }
    invocation.out().flush();
  }
  if (invocation.format() == Format::kJson) invocation.out() << (records.empty() ? "]\n" : "\n]\n");
  if (gaps == 0) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("the output is incomplete: ", gaps, " parts of the log cannot be read"));
}

}  // namespace firebreak::cli
