#include <memory>
#include <string>
#include <vector>

#include "base/status/status.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/keep_following.h"
#include "cli/verbs/log_options.h"
#include "cli/verbs/own_log.h"
#include "cli/verbs/question.h"
#include "cli/verbs/record_printer.h"
#include "grpcpp/grpcpp.h"

namespace firebreak::cli {
namespace {

absl::Status Search(Session& session, const LogOptions& options) {
  ASSIGN_OR_RETURN(Connection * connection, session.Connect());
  v1::SearchLogsRequest request;
  *request.mutable_filter() = options.filter;
  request.set_last(options.LastOfSearch());
  grpc::ClientContext call;
  const auto reader = connection->admin().SearchLogs(&call, request);
  RecordPrinter printer(session, /*endless=*/false);
  v1::LogRecords part;
  while (reader->Read(&part) && session.out()) printer.Print(part.records());
  if (!session.out()) call.TryCancel();
  const grpc::Status status = reader->Finish();
  if (!session.out()) return absl::OkStatus();  // main says so
  if (!status.ok()) return connection->Failure(status);
  printer.End();
  return absl::OkStatus();
}

absl::Status Follow(Session& session, const LogOptions& options) {
  v1::FollowLogsRequest request;
  *request.mutable_filter() = options.filter;
  request.set_last(options.LastToFollow());
  RecordPrinter printer(session, /*endless=*/true);
  return KeepFollowing<v1::LogRecords>(
      session,
      [&](Connection& connection, grpc::ClientContext& call) {
        return connection.admin().FollowLogs(&call, request);
      },
      [&](const v1::LogRecords& part) {
        printer.Print(part.records());
        request.set_after(part.position());
      });
}

}  // namespace

void AddLogVerbs(Verb root, Command& command) {
  const Verb logs = AddVerb(
      root, "logs",
      "Show the fleet's log.\n\n"
      "What hosts dropped, and which connections were opened and closed, as far as their policies "
      "ask for it (`logging:`). INFO-EVENTS-LOST says how many records there would have been. "
      "Filters are evaluated at the controller; each is met by either end of a connection. "
      "-o w3c prints the lines of a host's own file. With --local it is this host's own file, and "
      "the one before it, that is shown, controller or not.",
      "firebreak logs -f\n"
      "firebreak logs --host web-1 --action DROP --since 15m\n"
      "firebreak logs --address 198.51.100.0/24 --port 22 -n 1000 -o w3c\n"
      "firebreak logs --since \"2026-11-21 13:00\" --until \"2026-11-21 14:00\" -o json\n"
      "firebreak --local logs -f --action DROP");
  const auto options = std::make_shared<LogOptions>();
  AddLogOptions(logs, *options);
  logs.AddList(
          "--host",
          [options](const std::vector<std::string>& hosts) {
            options->filter.mutable_hosts()->Assign(hosts.begin(), hosts.end());
          },
          "only of this host; may be given several times")
      .Type("HOST")
      .OneAtATime();
  logs.WhenGiven([&command, options] {
    ResolveLogOptions(*options);
    if (command.options.local && !options->filter.hosts().empty()) {
      RefuseUsage("--host", "with --local there is this host's log only");
    }
    command.takes_w3c = true;
    command.run = [options](Session& session) {
      if (session.local()) return ShowOwnLog(session, "", *options, Audience().timeout);
      return options->follow ? Follow(session, *options) : Search(session, *options);
    };
  });
}

void AddHostLogsVerb(Verb host, Command& command) {
  const Verb logs = AddVerb(
      host, "logs",
      "Show the log that a host itself keeps.\n\n"
      "Its file, and the one before it, read on the host: other than in the fleet's log "
      "(`firebreak logs`) there are no records in it that have not been written to the host's "
      "disk, and times are whole seconds.",
      "firebreak host logs web-1 --since 15m\n"
      "firebreak host logs web-1 -f -o w3c");
  const auto options = std::make_shared<LogOptions>();
  const auto audience = std::make_shared<Audience>();
  AddLogOptions(logs, *options);
  logs.Add("HOST", audience->host, "the host's name").Required();
  AddDuration(logs, "--timeout", audience->timeout, absl::Seconds(1), absl::Minutes(5),
              "how long an answer may take; -f goes on");
  logs.WhenGiven([&command, options, audience] {
    ResolveLogOptions(*options);
    if (command.options.local) {
      RefuseUsage("--local", "asks this host: leave out `host` and the host's name");
    }
    command.takes_w3c = true;
    command.run = [options, audience](Session& session) {
      return ShowOwnLog(session, audience->host, *options, audience->timeout);
    };
  });
}

}  // namespace firebreak::cli
