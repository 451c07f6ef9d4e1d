// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/keep_following.h"
#include "cli/verbs/log_counts.h"
#include "cli/verbs/log_explain.h"
#include "cli/verbs/log_options.h"
#include "cli/verbs/log_policies.h"
#include "cli/verbs/log_search.h"
#include "cli/verbs/own_log.h"
#include "cli/verbs/question.h"
#include "cli/verbs/record_printer.h"
#include "grpcpp/grpcpp.h"

namespace firebreak::cli {
namespace {

absl::Status Search(Invocation& invocation, const LogOptions& options) {
  RecordPrinter printer(invocation, {.fleet = true, .zone = options.zone});
  std::string cursor = options.after;
  RETURN_IF_ERROR(SearchLog(invocation, options, options.LastOfSearch(), printer.Receiver(),
                            [&](const v1::LogRecords& part) {
                              printer.Flush();
                              if (!part.position().empty()) cursor = part.position();
                              return static_cast<bool>(invocation.out());
                            }));
  if (!invocation.out()) return absl::OkStatus();  // main reports the failed output
  if (printer.printed() == 0) {
    RETURN_IF_ERROR(CheckPolicies(invocation, options));
  }
  const absl::Status complete = printer.End();
  if (options.show_cursor) invocation.err() << "cursor: " << cursor << "\n";
  return complete;
}

absl::Status Follow(Invocation& invocation, const LogOptions& options) {
  v1::FollowLogsRequest request;
  *request.mutable_filter() = options.filter;
  request.set_last(options.LastToFollow());
  request.set_after(options.after);
  request.set_packed(true);
  RecordPrinter printer(invocation, {.endless = true, .fleet = true, .zone = options.zone});
  LogUnpacker unpacker(options.filter.terms_size() > 0, printer.Receiver());
  absl::Status taken;
  RETURN_IF_ERROR(KeepFollowing<v1::LogRecords>(
      invocation,
      [&](Connection& connection, grpc::ClientContext& call) {
        return connection.admin().FollowLogs(&call, request);
      },
      [&](const v1::LogRecords& part) {
        taken.Update(unpacker.Take(part));
        printer.Flush();
        if (!part.position().empty()) request.set_after(part.position());
      }));
  return taken;
}

void CheckExplain(const GlobalOptions& global, const LogOptions& options) {
  if (global.local) {
    RefuseUsage("--explain", "needs a controller; with --local use `firebreak --local trace`");
  }
  if (options.follow) RefuseUsage("--explain", "cannot be used with --follow");
  if (options.show_cursor) RefuseUsage("--explain", "cannot be used with --show-cursor");
  if (options.last.value_or(kExplainedUnlessTold) == 0 ||
      options.last.value_or(kExplainedUnlessTold) > kMostExplained) {
    RefuseUsage("--last", absl::StrCat("with --explain the range is 1 to ", kMostExplained));
  }
  if (global.format != Format::kTable && global.format != Format::kJson &&
      global.format != Format::kJsonLines) {
    RefuseUsage("--output", "with --explain the format is table, json or jsonl");
  }
}

}  // namespace

void AddLogVerbs(Verb root, Command& command) {
  const Verb logs = AddVerb(
      root, "logs",
      "Show the fleet's log.\n\n"
      "The log has records of the packets that hosts dropped and of the connections that were "
      "opened and closed, as far as the policies of the hosts ask for records (`logging:`). An "
      "INFO-EVENTS-LOST record says how many records were lost. The controller evaluates the "
      "filters. If a filter is given several times, a record must match one of its values; a "
      "record must match all filters. Records are shown in the order in which they arrived at the "
      "controller, which may differ from the order of their times. With --local, this host's own "
      "log file and the previous file are shown; no controller is needed.\n\n"
      "A part of the log that cannot be read, because a file of the controller's log is damaged or "
      "missing, is shown as an INFO-EVENTS-LOST record with the reason log.damaged or log.missing. "
      "The exit status is then 1.",
      "firebreak logs -f\n"
      "firebreak logs --host web-1 --action DROP --since 15m\n"
      "firebreak logs --source 198.51.100.0/24 --destination-port 22 -n 1000 -o w3c\n"
      "firebreak logs --group web --not protocol=icmp --since 13:00 --until 14:00 -o csv\n"
      "firebreak logs --after \"$CURSOR\" --show-cursor -o jsonl\n"
      "firebreak logs --explain --host web-1 --destination-port 22 -n 3\n"
      "firebreak logs top source --since 1h --action DROP\n"
      "firebreak --local logs -f --action DROP");
  logs.MayBeFollowed();
  AddLogCountVerbs(logs, command);
  const auto options = std::make_shared<LogOptions>();
  AddLogFilters(logs, *options);
  AddLogExtent(logs, *options);
  AddFleetLogOptions(logs, *options, /*cursors=*/true);
  logs.WhenGiven([&command, options, logs] {
    if (logs.IsFollowed()) {
      for (const std::string& option : logs.GivenOptions()) {
        RefuseUsage(option, "belongs after `top` or `histogram`");
      }
      return;
    }
    ResolveLogOptions(*options);
    const bool of_fleet = options->AsksFor(v1::LogTerm::HOST) ||
                          options->AsksFor(v1::LogTerm::GROUP) || !options->after.empty() ||
                          options->show_cursor;
    if (command.options.local && of_fleet) {
      RefuseUsage(
          "--local",
          "shows only the log of this host; leave out --host, --group, --after and --show-cursor");
    }
    if (options->explain) {
      CheckExplain(command.options, *options);
      command.takes_log_formats = true;
      command.run = [options](Invocation& invocation) {
        return ExplainRecords(invocation, *options);
      };
      return;
    }
    command.takes_log_formats = true;
    command.run = [options](Invocation& invocation) {
      if (invocation.local()) return ShowOwnLog(invocation, "", *options, Audience().timeout);
      return options->follow ? Follow(invocation, *options) : Search(invocation, *options);
    };
  });
}

void AddHostLogsVerb(Verb host, Command& command) {
  const Verb logs = AddVerb(host, "logs",
                            "Show the log file of a host.\n\n"
                            "The host reads its log file and the previous file. Unlike the fleet's "
                            "log (`firebreak logs`), these files have only records that the host "
                            "has written to its disk, and their times are whole seconds.",
                            "firebreak host logs web-1 --since 15m\n"
                            "firebreak host logs web-1 -f -o w3c");
  const auto options = std::make_shared<LogOptions>();
  const auto audience = std::make_shared<Audience>();
  AddLogFilters(logs, *options);
  AddLogExtent(logs, *options);
  logs.Add("HOST", audience->host, "the name of the host").Required();
  AddDuration(logs, "--timeout", audience->timeout, absl::Seconds(1), absl::Minutes(5),
              "how long to wait for an answer; -f continues after it");
  logs.WhenGiven([&command, options, audience] {
    ResolveLogOptions(*options);
    if (command.options.local) {
      RefuseUsage("--local", "asks this host; leave out `host` and the name of the host");
    }
    command.takes_log_formats = true;
    command.run = [options, audience](Invocation& invocation) {
      return ShowOwnLog(invocation, audience->host, *options, audience->timeout);
    };
  });
}

}  // namespace firebreak::cli
