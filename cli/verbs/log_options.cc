// SPDX-License-Identifier: Apache-2.0
#include "cli/verbs/log_options.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/time/timestamp.h"
#include "cli/input/since.h"
#include "cli/verbs/arguments.h"
#include "proto/log/words.h"

namespace firebreak::cli {
namespace {

using v1::LogTerm;

constexpr uint32_t kFollowedAtFirst = 10;
constexpr uint32_t kFoundUnlessTold = 100;

struct Filter {
  LogTerm::Field field;
  const char* name;
  const char* type;
  const char* description;
};

constexpr Filter kFilters[] = {
    {LogTerm::ACTION, "action", "OPEN|OPEN-INBOUND|CLOSE|DROP|INFO-EVENTS-LOST|INFO-ATTACK",
     "only records with this action"},
    {LogTerm::ADDRESS, "address", "ADDRESS",
     "with this address, or an address in this prefix, at either end"},
    {LogTerm::SOURCE, "source", "ADDRESS", "from this source address or prefix"},
    {LogTerm::DESTINATION, "destination", "ADDRESS", "to this destination address or prefix"},
    {LogTerm::PORT, "port", "PORT", "with this port at either end"},
    {LogTerm::SOURCE_PORT, "source-port", "PORT", "from this source port"},
    {LogTerm::DESTINATION_PORT, "destination-port", "PORT", "to this destination port"},
    {LogTerm::PROTOCOL, "protocol", "PROTOCOL",
     "of this protocol: tcp, udp, icmp, icmpv6 or a number"},
    {LogTerm::POLICY, "policy", "POLICY", "decided by this policy"},
    {LogTerm::MAPPING, "mapping", "MAPPING", "decided by this port mapping"},
    {LogTerm::REASON, "reason", "REASON", "dropped for this reason"},
    {LogTerm::INTERFACE, "interface", "INTERFACE", "on this interface of the host"},
    {LogTerm::LOCATION, "location", "LOCATION", "while the interface was at this location"},
};
constexpr Filter kFleetFilters[] = {
    {LogTerm::HOST, "host", "HOST", "only records of this host"},
    {LogTerm::GROUP, "group", "GROUP", "only records of hosts that are in this group now"},
};

void AddFilter(Verb verb, const Filter& filter, LogOptions& options) {
  verb.AddList(
          absl::StrCat("--", filter.name),
          [&options, field = filter.field](const std::vector<std::string>& values) {
            options.values[field] = values;
          },
          absl::StrCat(filter.description, "; may be given several times"))
      .Type(filter.type)
      .OneAtATime();
}

void SetTime(const std::string& name, const std::string& text, absl::TimeZone zone,
             google::protobuf::Timestamp* time) {
  const auto since = ParseSince(text, absl::Now(), zone);
  if (!since.ok()) RefuseUsage(name, since.status().message());
  *time = ToTimestamp(*since);
}

void AddTerm(LogTerm::Field field, const std::string& option,
             const std::vector<std::string>& values, bool negated, v1::LogFilter& filter) {
  LogTerm& term = *filter.add_terms();
  term.set_field(field);
  term.set_negated(negated);
  for (std::string value : values) {
    if (value.empty()) RefuseUsage(option, "the value is empty; leave the option out");
    Action known;
    if (field == LogTerm::ACTION) absl::AsciiStrToUpper(&value);
    if (field == LogTerm::ACTION && !ParseAction(value, known)) {
      RefuseUsage(option, absl::StrCat("'", value,
                                       "' is not OPEN, OPEN-INBOUND, CLOSE, DROP, "
                                       "INFO-EVENTS-LOST or INFO-ATTACK"));
    }
    term.add_values(value);
  }
}

void AddExcluded(const std::string& text, v1::LogFilter& filter) {
  const size_t equals = text.find('=');
  const std::string name = text.substr(0, equals);
  const auto add = [&](const Filter& known) {
    if (name != known.name) return false;
    AddTerm(known.field, "--not", {text.substr(equals + 1)}, /*negated=*/true, filter);
    return true;
  };
  if (equals != std::string::npos) {
    for (const Filter& known : kFilters) {
      if (add(known)) return;
    }
    for (const Filter& known : kFleetFilters) {
      if (add(known)) return;
    }
  }
  RefuseUsage("--not", absl::StrCat("'", text, "' is not FILTER=VALUE, such as source=10.0.0.0/8"));
}

}  // namespace

uint32_t LogOptions::LastOfSearch() const {
  const bool bounded = filter.has_since() || filter.has_until() || !after.empty();
  return last.value_or(bounded ? 0 : kFoundUnlessTold);
}

uint32_t LogOptions::LastToFollow() const { return last.value_or(kFollowedAtFirst); }

void AddLogFilters(Verb verb, LogOptions& options) {
  for (const Filter& filter : kFilters) AddFilter(verb, filter, options);
  verb.Add("--not", options.excluded,
           "leave out records that match this filter, such as source=10.0.0.0/8; may be given "
           "several times")
      .Type("FILTER=VALUE")
      .OneAtATime();
  verb.Add("--since", options.since,
           "from this time on: 15m or 2w (before now), 13:05, 2026-11-21 or 2026-11-21T13:05")
      .Type("TIME");
  verb.Add("--until", options.until, "before this time").Type("TIME");
  verb.Add("--zone", options.zone_name,
           "the time zone of --since, --until and tables: local, UTC, +01:00, Europe/Berlin")
      .Type("ZONE")
      .Default("UTC");
}

void AddLogExtent(Verb verb, LogOptions& options) {
  verb.AddFlag("-f,--follow", options.follow,
               "continue with new records until interrupted; with json, one object per line");
  verb.AddNumber(
          "-n,--last", [&options](uint32_t last) { options.last = last; }, 0, UINT32_MAX,
          "only the newest N records; 0: all; default: 10 with -f, all with --since, --until or "
          "--after, otherwise 100")
      .Type("N");
}

void AddFleetLogOptions(Verb verb, LogOptions& options, bool cursors) {
  for (const Filter& filter : kFleetFilters) AddFilter(verb, filter, options);
  if (!cursors) return;
  verb.Add("--after", options.after,
           "only records that arrived at the controller after CURSOR, which --show-cursor printed")
      .Type("CURSOR");
  verb.AddFlag("--explain", options.explain,
               "explain for each record why it was made and what its host would do with such a "
               "packet now; default: the newest 10 records");
  verb.AddFlag("--show-cursor", options.show_cursor,
               "print at the end, on standard error, the cursor for --after");
}

void ResolveLogOptions(LogOptions& options) {
  const auto zone = ParseZone(options.zone_name);
  if (!zone.ok()) RefuseUsage("--zone", zone.status().message());
  options.zone = *zone;
  v1::LogFilter& filter = options.filter;
  for (const auto& [field, values] : options.values) {
    for (const auto& known : kFilters) {
      if (known.field == field) {
        AddTerm(field, absl::StrCat("--", known.name), values, /*negated=*/false, filter);
      }
    }
    for (const auto& known : kFleetFilters) {
      if (known.field == field) {
        AddTerm(field, absl::StrCat("--", known.name), values, /*negated=*/false, filter);
      }
    }
  }
  for (const std::string& text : options.excluded) AddExcluded(text, filter);
  if (!options.since.empty()) {
    SetTime("--since", options.since, options.zone, filter.mutable_since());
  }
  if (!options.until.empty()) {
    SetTime("--until", options.until, options.zone, filter.mutable_until());
  }
  if (filter.has_since() && filter.has_until() &&
      FromTimestamp(filter.since()) >= FromTimestamp(filter.until())) {
    RefuseUsage("--until", "must be later than --since");
  }
}

}  // namespace firebreak::cli
