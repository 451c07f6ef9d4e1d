// SPDX-License-Identifier: Apache-2.0
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
#include "policy/evidence/policy_judge.h"
#include "policy/evidence/seen_packets.h"
#include "policy/merge/merge.h"
#include "policy/merge/select.h"
#include "policy/resources/elsewhere.h"

namespace firebreak::cli {
namespace {

struct SuggestOptions {
  std::string group;
  std::string since = "7d";
  uint32_t least = 2;
};

// Whether the packet was dropped because no mapping opens its port, or passed an observing firewall
// in spite of that.
bool IsUnsolicited(const std::string& reason) {
  return reason == "unsolicited" || reason == "observe.unsolicited";
}

// A host of the group, and its present policies.
struct Subject {
  std::set<std::string> own;                 // the host's addresses
  std::map<std::string, std::string> types;  // types of interfaces, by name
  std::unique_ptr<policy::PolicyJudge> judge;

  // Whether a mapping admits the packet already. A packet that passes by default has no mapping.
  bool HasMapping(const policy::Witness& packet, const Record& record,
                  const InternedStrings& texts) {
    const std::string& interface = texts[record.interface];
    const auto type = types.find(interface);
    const std::string location = record.location == 0 ? policy::kElsewhere : texts[record.location];
    return judge->Judge(packet, location, {interface, type == types.end() ? "" : type->second})
               .cause.kind == policy::Cause::Kind::kMapping;
  }
};

absl::StatusOr<std::map<std::string, Subject>> SubjectsOf(Invocation& invocation,
                                                          const std::string& group) {
  v1::ListHostsRequest request;
  request.set_group(group == "all" ? "" : group);
  ASSIGN_OR_RETURN(const auto hosts, invocation.Call(&v1::Admin::Stub::ListHosts, request));
  ASSIGN_OR_RETURN(const auto resources,
                   invocation.Call(&v1::Admin::Stub::GetResources, v1::GetResourcesRequest()));
  policy::Configuration configuration;
  for (const v1::Resource& resource : resources.resources()) configuration.Put(resource);
  const policy::Selector selector(configuration);
  std::map<std::string, Subject> subjects;
  for (const v1::Host& listed : hosts.hosts()) {
    v1::GetHostRequest whole;  // the list omits what hosts report themselves
    whole.set_name(listed.name());
    ASSIGN_OR_RETURN(const auto host, invocation.Call(&v1::Admin::Stub::GetHost, whole));
    Subject& subject = subjects[host.name()];
    subject.own = policy::OwnAddresses(host.facts());
    for (const v1::Interface& one : host.facts().interfaces()) {
      subject.types[one.name()] = one.type();
    }
    subject.judge = std::make_unique<policy::PolicyJudge>(policy::Merge(
        configuration, selector.Select(host.name(), {host.labels().begin(), host.labels().end()})));
  }
  return subjects;
}

absl::Status Suggest(Invocation& invocation, const SuggestOptions& options, LogOptions log) {
  ASSIGN_OR_RETURN(auto subjects, SubjectsOf(invocation, options.group));
  Suggestion suggestion(options.group, options.least);
  std::string gap;
  uint64_t records = 0;
  const LogReceiver receiver = {
      [&](const std::string& host, uint64_t, const Record& record, const InternedStrings& texts) {
        const auto known = subjects.find(host);
        if (known == subjects.end()) return;
        const bool dropped = record.action == Action::kDrop && IsUnsolicited(texts[record.reason]);
        if (record.action != Action::kOpenInbound && !dropped) return;
        const auto packet = policy::PacketOf(record, known->second.own);
        if (!packet.has_value() || known->second.HasMapping(*packet, record, texts)) return;
        ++records;
        suggestion.Add(host, *packet, record.time_micros);
      },
      [&](const v1::LogRecord& message) {
        if (IsGap(message) && gap.empty()) gap = GapText(message, log.zone);
      }};
  RETURN_IF_ERROR(SearchLog(invocation, log, 0, receiver, [&](const v1::LogRecords&) {
    return static_cast<bool>(invocation.out());
  }));
  if (invocation.format() == Format::kTable) {
    invocation.out() << suggestion.Text();
  } else {
    PrintData(invocation, suggestion.Policy());
  }
  if (records == 0) {
    invocation.err()
        << "the log has no traffic that a new mapping would open; hosts log such traffic only with "
           "the policy setting logging: {dropped: true} and firewall: on or observe\n";
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
      "Write a policy that admits the traffic in the log.\n\n"
      "Searches the fleet's log for packets that hosts of the group dropped because no mapping "
      "opens the port, or would have dropped without `firewall: observe`, and for connections that "
      "came in where no firewall stops them. Prints a policy that admits this traffic. It has a "
      "mapping for each protocol and port, the most frequent first, with the number of packets, "
      "the times, the source addresses and the hosts. Changes nothing. Check each mapping before "
      "you apply the policy: the log also contains traffic that should not get in.",
      "firebreak suggest --group web --since 7d > suggested.yaml\n"
      "firebreak plan -f suggested.yaml");
  const auto options = std::make_shared<SuggestOptions>();
  verb.Add("--group", options->group,
           "the group of hosts to search the log for; the policy is for this group")
      .Type("GROUP")
      .Required();
  verb.Add("--since", options->since, "the start of the search: a time, or a time span before now")
      .Type("TIME")
      .Default(options->since);
  verb.AddNumber("--least", options->least, 1, UINT32_MAX,
                 "leave out traffic that was seen fewer than COUNT times")
      .Type("COUNT")
      .Default(absl::StrCat(options->least));
  verb.WhenGiven([&command, options] {
    LogOptions log;
    log.since = options->since;
    if (options->group != "all") log.values[v1::LogTerm::GROUP] = {options->group};
    log.values[v1::LogTerm::ACTION] = {"DROP", "OPEN-INBOUND"};
    ResolveLogOptions(log);
    command.run = [options, log](Invocation& invocation) {
      return Suggest(invocation, *options, log);
    };
  });
}

}  // namespace firebreak::cli
