// SPDX-License-Identifier: Apache-2.0
#include "cli/view/record_explanation.h"

#include <netinet/in.h>

#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/address/address.h"
#include "base/text/escape.h"
#include "cli/output/json.h"
#include "cli/view/log_lines.h"
#include "policy/trace/explain.h"

namespace firebreak::cli {
namespace {

constexpr uint32_t kSyn = 0x02;
constexpr absl::string_view kObserved = "observe.";

std::optional<uint32_t> ProtocolNumber(const std::string& word) {
  constexpr std::pair<absl::string_view, uint32_t> kNames[] = {{"TCP", IPPROTO_TCP},
                                                               {"UDP", IPPROTO_UDP},
                                                               {"ICMP", IPPROTO_ICMP},
                                                               {"ICMPv6", IPPROTO_ICMPV6}};
  for (const auto& [name, number] : kNames) {
    if (name == word) return number;
  }
  uint32_t number;
  return absl::SimpleAtoi(word, &number) && number < 256 ? std::optional(number) : std::nullopt;
}

uint32_t FlagsOf(const std::string& letters) {
  constexpr absl::string_view kLetters = "FSRPAU";  // by bit, lowest first
  uint32_t flags = 0;
  for (const char letter : letters) {
    if (const size_t bit = kLetters.find(letter); bit != absl::string_view::npos) {
      flags |= uint32_t{1} << bit;
    }
  }
  return flags;
}

std::string FlagNames(uint32_t flags) {
  constexpr const char* kNames[] = {"fin", "syn", "rst", "psh", "ack", "urg"};
  std::string names;
  for (size_t bit = 0; bit < std::size(kNames); ++bit) {
    if ((flags >> bit & 1) != 0) absl::StrAppend(&names, names.empty() ? "" : ",", kNames[bit]);
  }
  return names.empty() ? "none" : names;
}

// Returns the command by which an administrator asks the same question.
std::string CommandOf(const v1::LogRecord& record, const v1::TraceQuestion& question) {
  std::string command = absl::StrCat(
      "firebreak host trace ", record.host(), question.in_interface().empty() ? "" : " --in ",
      question.in_interface(), question.out_interface().empty() ? "" : " --out ",
      question.out_interface(), " --proto ", absl::AsciiStrToLower(record.protocol()), " --from ",
      EndOf(record.source(), record.source_port(), record.has_source_port()), " --to ",
      EndOf(record.destination(), record.destination_port(), record.has_destination_port()));
  if (question.protocol() == IPPROTO_TCP && question.tcp_flags() != kSyn) {
    absl::StrAppend(&command, " --flags ", FlagNames(question.tcp_flags()));
  }
  if (record.has_icmp_type()) {
    absl::StrAppend(&command, " --type ", record.icmp_type(), " --code ", record.icmp_code());
  }
  return command;
}

std::string NowText(const v1::TraceAnswer& answer) {
  const bool passes = answer.verdict() == "accept";
  std::string text = passes                       ? "passes"
                     : answer.verdict() == "drop" ? "is dropped"
                                                  : answer.verdict();
  if (answer.observed()) text = "would be dropped, if the firewall did not only observe";
  absl::StrAppend(&text, ": ", answer.detail().empty() ? answer.reason() : answer.detail());
  if (!answer.policy().empty()) absl::StrAppend(&text, "; policy ", answer.policy());
  if (!answer.mapping().empty()) absl::StrAppend(&text, ", mapping ", answer.mapping());
  if (!answer.location().empty()) absl::StrAppend(&text, "; at ", answer.location());
  if (answer.revision() != 0) absl::StrAppend(&text, "; revision ", answer.revision());
  return text;
}

}  // namespace

std::optional<v1::TraceQuestion> TraceOf(const v1::LogRecord& record,
                                         const std::set<std::string>& own) {
  v1::TraceQuestion question;
  question.set_source(ParseAddress(record.source()).value_or(""));
  question.set_destination(ParseAddress(record.destination()).value_or(""));
  const auto protocol = ProtocolNumber(record.protocol());
  if (!protocol.has_value() || record.interface().empty() || question.source().empty() ||
      question.source().size() != question.destination().size()) {
    return std::nullopt;
  }
  const bool sent = record.action() == "OPEN" ||
                    (record.action() != "OPEN-INBOUND" && own.contains(question.source()));
  if (sent) {
    question.set_out_interface(record.interface());
  } else {
    question.set_in_interface(record.interface());
  }
  question.set_protocol(*protocol);
  if (record.has_source_port()) {
    question.set_source_port(record.source_port());
    question.set_destination_port(record.destination_port());
  }
  if (*protocol == IPPROTO_TCP) {
    // The record of a connection is about the packet that began it.
    question.set_tcp_flags(record.action() == "DROP" ? FlagsOf(record.tcp_flags()) : kSyn);
  }
  question.set_icmp_type(record.icmp_type());
  question.set_icmp_code(record.icmp_code());
  return question;
}

std::string WhyThen(const v1::LogRecord& record) {
  if (record.action() == "INFO-EVENTS-LOST") {
    return absl::StrCat(record.has_lost() ? absl::StrCat(record.lost()) : "an unknown number of",
                        " records are missing here",
                        record.reason().empty() ? "" : absl::StrCat(": ", record.reason()));
  }
  absl::string_view reason = record.reason();
  const bool observed = absl::ConsumePrefix(&reason, kObserved);
  const char* const detail = policy::ReasonDetail(reason);
  std::string text = record.action() == "OPEN"           ? "the host opened the connection"
                     : record.action() == "OPEN-INBOUND" ? "the connection was let in"
                     : record.action() == "CLOSE"        ? "the connection ended"
                     : observed ? "was let pass, because the firewall only observes"
                                : "was dropped";
  if (!reason.empty()) absl::StrAppend(&text, ": ", *detail == '\0' ? reason : detail);
  if (!record.policy().empty()) absl::StrAppend(&text, "; policy ", record.policy());
  if (!record.mapping().empty()) absl::StrAppend(&text, ", mapping ", record.mapping());
  if (!record.location().empty()) absl::StrAppend(&text, "; at ", record.location());
  return text;
}

std::string ExplanationText(const ExplainedRecord& explained, absl::TimeZone zone, bool colours) {
  std::string text = LogLine(explained.record, zone, colours);
  absl::StrAppend(&text, "  then  ", Escape(WhyThen(explained.record)), "\n");
  if (explained.now.has_value()) {
    absl::StrAppend(&text, "  now   ", Escape(NowText(*explained.now)), "\n");
  } else if (!explained.error.empty()) {
    absl::StrAppend(&text, "  now   unknown: ", Escape(explained.error), "\n");
  }
  if (explained.question.has_value()) {
    absl::StrAppend(&text, "  more  ", Escape(CommandOf(explained.record, *explained.question)),
                    "\n");
  }
  return text;
}

std::string ExplanationJson(const ExplainedRecord& explained) {
  std::string json = absl::StrCat("{\"record\":", JsonOf(explained.record),
                                  ",\"then\":", JsonText(WhyThen(explained.record)));
  if (explained.now.has_value()) absl::StrAppend(&json, ",\"now\":", JsonOf(*explained.now));
  if (!explained.error.empty()) absl::StrAppend(&json, ",\"error\":", JsonText(explained.error));
  return json + "}";
}

}  // namespace firebreak::cli
