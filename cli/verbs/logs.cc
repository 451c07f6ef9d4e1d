#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/input/since.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/print.h"
#include "cli/view/log_lines.h"
#include "google/protobuf/util/json_util.h"
#include "grpcpp/grpcpp.h"
#include "proto/log/w3c.h"
#include "proto/log/words.h"
#include "proto/time/timestamp.h"

namespace firebreak::cli {
namespace {

constexpr uint32_t kFollowedAtFirst = 10;
constexpr uint32_t kFoundUnlessTold = 100;
constexpr absl::Duration kReconnectDelay = absl::Milliseconds(500);

struct LogOptions {
  v1::LogFilter filter;
  bool follow = false;
  int64_t last = -1;  // not given
  int64_t port = -1;
  std::string since;
  std::string until;
};

// One line a record, so that whoever reads them need not wait for the last.
void PrintOne(Session& session, const v1::LogRecord& record) {
  switch (session.format()) {
    case Format::kTable: session.out() << LogLine(record, session.colours()); break;
    case Format::kW3c: session.out() << W3cLine(record); break;
    case Format::kYaml: PrintData(session, record); break;
    case Format::kJson: {
      google::protobuf::util::JsonPrintOptions options;
      options.preserve_proto_field_names = true;
      std::string text;
      // Only Any fields could make it fail.
      static_cast<void>(google::protobuf::util::MessageToJsonString(record, &text, options));
      session.out() << text << "\n";
    }
  }
}

void PrintHeading(Session& session) {
  if (session.format() == Format::kTable) session.out() << LogHeading(session.colours());
  if (session.format() == Format::kW3c) session.out() << W3cHeader();
}

absl::Status Search(Session& session, const LogOptions& options) {
  absl::StatusOr<Connection*> connection = session.Connect();
  if (!connection.ok()) return connection.status();
  v1::SearchLogsRequest request;
  *request.mutable_filter() = options.filter;
  const bool bounded = options.filter.has_since() || options.filter.has_until();
  request.set_last(options.last >= 0 ? static_cast<uint32_t>(options.last)
                   : bounded         ? 0
                                     : kFoundUnlessTold);
  grpc::ClientContext call;
  const auto reader = (*connection)->admin().SearchLogs(&call, request);
  const bool data = session.format() == Format::kJson || session.format() == Format::kYaml;
  if (!data) PrintHeading(session);
  std::vector<v1::LogRecord> records;
  v1::LogRecords part;
  while (reader->Read(&part) && session.out()) {
    for (v1::LogRecord& record : *part.mutable_records()) {
      if (data) {
        records.push_back(std::move(record));
      } else {
        PrintOne(session, record);
      }
    }
  }
  if (!session.out()) call.TryCancel();
  const grpc::Status status = reader->Finish();
  if (!session.out()) return absl::OkStatus();  // main says so
  if (!status.ok()) return (*connection)->Failure(status);
  if (data) {
    std::vector<const google::protobuf::Message*> messages;
    for (const v1::LogRecord& record : records) messages.push_back(&record);
    PrintDataList(session, messages);
  }
  return absl::OkStatus();
}

absl::Status Follow(Session& session, const LogOptions& options) {
  absl::StatusOr<Connection*> connection = session.Connect();
  if (!connection.ok()) return connection.status();
  v1::FollowLogsRequest request;
  *request.mutable_filter() = options.filter;
  request.set_last(options.last >= 0 ? static_cast<uint32_t>(options.last) : kFollowedAtFirst);
  PrintHeading(session);
  session.out().flush();
  for (bool told = false;;) {
    grpc::ClientContext call;
    call.set_wait_for_ready(true);
    const auto reader = (*connection)->admin().FollowLogs(&call, request);
    v1::LogRecords part;
    while (reader->Read(&part)) {
      told = false;
      for (const v1::LogRecord& record : part.records()) PrintOne(session, record);
      session.out().flush();
      if (!session.out()) return absl::OkStatus();  // main says so
      request.set_after(part.position());
    }
    const grpc::Status status = reader->Finish();
    if (status.error_code() != grpc::StatusCode::UNAVAILABLE) {
      return (*connection)->Failure(status);
    }
    if (!told) {
      session.err() << "firebreak: the controller is gone; going on when it is back\n";
      session.err().flush();
    }
    told = true;
    absl::SleepFor(kReconnectDelay);
  }
}

void SetTime(const std::string& name, const std::string& text, google::protobuf::Timestamp* time) {
  const auto since = ParseSince(text, absl::Now());
  if (!since.ok()) RefuseUsage(name, since.status().message());
  *time = ToTimestamp(*since);
}

void Complete(LogOptions& options) {
  for (std::string& action : *options.filter.mutable_actions()) {
    absl::AsciiStrToUpper(&action);
    Action known;
    if (!ParseAction(action, known)) {
      RefuseUsage("--action", absl::StrCat("'", action,
                                           "' is not OPEN, OPEN-INBOUND, CLOSE, DROP or "
                                           "INFO-EVENTS-LOST"));
    }
  }
  if (options.port >= 0) options.filter.set_port(static_cast<uint32_t>(options.port));
  if (!options.since.empty()) {
    SetTime("--since", options.since, options.filter.mutable_since());
  }
  if (!options.until.empty()) {
    SetTime("--until", options.until, options.filter.mutable_until());
  }
}

template <typename Field>
CLI::Option* AddList(CLI::App& verb, const std::string& name, Field* field, const std::string& type,
                     const std::string& description) {
  return verb
      .add_option_function<std::vector<std::string>>(
          name,
          [field](const std::vector<std::string>& values) {
            for (const std::string& value : values) *field->Add() = value;
          },
          description)
      ->type_name(type)
      ->allow_extra_args(false);
}

}  // namespace

void AddLogVerbs(CLI::App& root, Command& command) {
  CLI::App* logs = AddVerb(
      root, "logs",
      "Show the fleet's log.\n\n"
      "What hosts dropped, and which connections were opened and closed, as far as their policies "
      "ask for it (`logging:`). INFO-EVENTS-LOST says how many records there would have been. "
      "Filters are evaluated at the controller; each is met by either end of a connection. "
      "-o w3c prints the lines of a host's own file.",
      "firebreak logs -f\n"
      "firebreak logs --host web-1 --action DROP --since 15m\n"
      "firebreak logs --address 198.51.100.0/24 --port 22 -n 1000 -o w3c\n"
      "firebreak logs --since \"2026-11-21 13:00\" --until \"2026-11-21 14:00\" -o json");
  const auto options = std::make_shared<LogOptions>();
  logs->add_flag("-f,--follow", options->follow,
                 "go on with what comes, until interrupted; json: an object a line");
  AddList(*logs, "--host", options->filter.mutable_hosts(), "HOST",
          "only of this host; may be given several times");
  AddList(*logs, "--action", options->filter.mutable_actions(),
          "OPEN|OPEN-INBOUND|CLOSE|DROP|INFO-EVENTS-LOST", "only these; likewise");
  logs->add_option("--since", options->since, "from a time on, or so long before now")
      ->type_name("TIME");
  logs->add_option("--until", options->until, "before a time")->type_name("TIME");
  logs->add_option("--address", *options->filter.mutable_address(), "with this address or prefix")
      ->type_name("ADDRESS");
  logs->add_option("--port", options->port, "with this port")
      ->type_name("PORT")
      ->check(CLI::Range(0, 65535).description(""));
  logs->add_option("--policy", *options->filter.mutable_policy(), "that this policy decided")
      ->type_name("POLICY");
  logs->add_option("--reason", *options->filter.mutable_reason(), "dropped for this reason")
      ->type_name("REASON");
  logs->add_option("-n,--last", options->last,
                   "only the newest N; 0: all. 100 unless told, 10 with -f, all between times")
      ->type_name("N")
      ->check(
          CLI::Range(int64_t{0}, int64_t{std::numeric_limits<uint32_t>::max()}).description(""));
  logs->callback([&command, options] {
    Complete(*options);
    command.takes_w3c = true;
    command.run = [options](Session& session) {
      return options->follow ? Follow(session, *options) : Search(session, *options);
    };
  });
}

}  // namespace firebreak::cli
