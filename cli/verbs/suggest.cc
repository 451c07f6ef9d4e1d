#include <map>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/log_options.h"
#include "cli/verbs/log_search.h"
#include "cli/verbs/print.h"
#include "cli/view/log_lines.h"
#include "cli/view/suggestion.h"
#include "policy/evidence/seen_packets.h"

namespace firebreak::cli {
namespace {

struct SuggestOptions {
  std::string group;
  std::string since = "7d";
  uint32_t least = 2;
};

// What no mapping opens, dropped or let pass by a firewall that observes.
bool IsUnsolicited(const std::string& reason) {
  return reason == "unsolicited" || reason == "observe.unsolicited";
}

absl::Status Suggest(Session& session, const SuggestOptions& options, LogOptions log) {
  v1::ListHostsRequest request;
  request.set_group(options.group == "all" ? "" : options.group);
  ASSIGN_OR_RETURN(const auto hosts, session.Call(&v1::Admin::Stub::ListHosts, request));
  std::map<std::string, std::set<std::string>> own;
  for (const v1::Host& host : hosts.hosts()) own[host.name()] = policy::OwnAddresses(host.facts());
  Suggestion suggestion(options.group, options.least);
  std::string gap;
  uint64_t records = 0;
  const LogReceiver receiver = {
      [&](const std::string& host, uint64_t, const Record& record, const Texts& texts) {
        const auto known = own.find(host);
        if (known == own.end()) return;
        const bool opened_without = record.action == Action::kOpenInbound && record.mapping == 0;
        const bool dropped = record.action == Action::kDrop && IsUnsolicited(texts[record.reason]);
        if (!opened_without && !dropped) return;
        const auto packet = policy::PacketOf(record, known->second);
        if (!packet.has_value()) return;
        ++records;
        suggestion.Add(host, *packet, record.time_micros);
      },
      [&](const v1::LogRecord& message) {
        if (IsGap(message) && gap.empty()) gap = GapText(message, log.zone);
      }};
  RETURN_IF_ERROR(SearchLog(session, log, 0, receiver, [&](const v1::LogRecords&) {
    return static_cast<bool>(session.out());
  }));
  if (session.format() == Format::kTable) {
    session.out() << suggestion.Text();
  } else {
    PrintData(session, suggestion.Policy());
  }
  if (records == 0) {
    session.err() << "the log has nothing that no mapping opens; it needs policies with logging: "
                     "{dropped: true}, with firewall: on or observe\n";
  }
  if (!gap.empty()) {
    return absl::DataLossError(
        absl::StrCat("the suggestion is incomplete: the log cannot be read as a whole; ", gap));
  }
  return absl::OkStatus();
}

}  // namespace

void AddSuggestVerb(Verb root, Command& command) {
  const Verb verb = AddVerb(
      root, "suggest",
      "Write the mappings that would admit what was seen.\n\n"
      "Reads from the fleet's log what hosts of a group have dropped, or, with firewall: observe, "
      "would have dropped, because no mapping opens it, and writes a policy that admits it: a "
      "mapping for each protocol and port, the most frequent first, with how often and when it "
      "was seen, from which addresses, and on which hosts. Look at each before you apply it: what "
      "knocked is not what should get in.",
      "firebreak suggest --group web --since 7d > suggested.yaml\n"
      "firebreak plan -f suggested.yaml");
  const auto options = std::make_shared<SuggestOptions>();
  verb.Add("--group", options->group, "the hosts that are looked at").Type("GROUP").Required();
  verb.Add("--since", options->since, "from a time on, or so long before now")
      .Type("TIME")
      .Default(options->since);
  verb.AddNumber("--least", options->least, 1, UINT32_MAX,
                 "leave out what was seen less often than so many times")
      .Type("COUNT")
      .Default(absl::StrCat(options->least));
  verb.WhenGiven([&command, options] {
    LogOptions log;
    log.since = options->since;
    if (options->group != "all") log.values[v1::LogTerm::GROUP] = {options->group};
    log.values[v1::LogTerm::ACTION] = {"DROP", "OPEN-INBOUND"};
    ResolveLogOptions(log);
    command.run = [options, log](Session& session) { return Suggest(session, *options, log); };
  });
}

}  // namespace firebreak::cli
