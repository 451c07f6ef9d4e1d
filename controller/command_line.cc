// SPDX-License-Identifier: Apache-2.0
#include "controller/command_line.h"

#include <CLI/CLI.hpp>
#include <iostream>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "controller/listen_address.h"
#include "proto/endpoint/version.h"

namespace firebreak::controller {
namespace {

constexpr char kDescription[] =
    R"(firebreak-controller - stores the firewall policies of a fleet and sends them to its hosts

Stores the configuration of the fleet in a database, issues and checks the certificates of hosts and
administrators, and sends each connected agent the policies that its host must enforce. Runs in the
foreground until SIGTERM or SIGINT.
)";

constexpr char kFooter[] = R"(
FIRST START
  The first start creates the certificate authority (CA) of the fleet and DIR/admin.yaml, an
  administrator's context file for the CLI. Copy the file to ~/.config/firebreak/context.yaml
  (mode 0600) on each machine from which you administer the fleet:

      firebreak-controller --data-dir /var/lib/firebreak --advertise ctl.example.com &
      firebreak --context /var/lib/firebreak/admin.yaml token create --label role=web

  Give the token to firebreak-agent on a host.

FILES
  DIR/firebreak.db     the configuration and its revisions, hosts, tokens, the audit trail (SQLite)
  DIR/log/             the fleet's log; see --log-max-size and --log-max-age
  DIR/firebreak.db.mark
                       the last state of the database; the controller compares the two to detect a
                       database that has lost data
  DIR/ca.crt ca.key    the CA of the fleet. Anybody who has the key controls the fleet. If you lose
                       the key, every host must enrol again
  DIR/controller.*     the certificate and key of the controller, renewed automatically
  DIR/admin.yaml       an administrator's context file, valid for a year, renewed automatically
                       after half of it
  DIR/lock             prevents a second controller from using DIR

BACKUP AND RESTORE
  firebreak-controller --data-dir DIR backup FILE
      Writes a consistent copy of the database and the CA into FILE. The controller may be running.
      Anybody who has the file controls the fleet.
  firebreak-controller --data-dir DIR restore FILE
      Replaces the contents of DIR with the backup; DIR may be empty. Stop the controller first.
      Hosts that have a newer revision get the restored revision.
  firebreak-controller --data-dir DIR restore --accept
      Accepts that the controller has lost revisions or that its database is damaged, and continues
      with the newest undamaged revision. Prints what was lost and records it in the audit trail.
      Stop the controller first.

  The controller does not start if its database is damaged or has lost the last changes. If a host
  proves that the controller has lost revisions, the controller sends no policies and accepts no
  changes.

LOG
  Writes one line for each event to standard error: time (UTC), level, message. `firebreak audit`
  prints what was changed or refused, by whom and from where. The controller logs the hash of the
  audit trail once an hour.

EXIT STATUS
  0  ended by SIGTERM or SIGINT
  1  could not start; standard error says why
  2  wrong usage
)";

// Parses "60s", "36h" or "30d". Returns nullopt if the text is not a duration.
std::optional<absl::Duration> ParseLifetime(const std::string& text) {
  int64_t number = 0;
  if (text.size() < 2 || !absl::SimpleAtoi(text.substr(0, text.size() - 1), &number) ||
      number <= 0 || number > 100'000'000) {
    return std::nullopt;
  }
  switch (text.back()) {
    case 's': return absl::Seconds(number);
    case 'm': return absl::Minutes(number);
    case 'h': return absl::Hours(number);
    case 'd': return absl::Hours(24 * number);
    default: return std::nullopt;
  }
}

std::string IsLifetime(const std::string& text) {
  return ParseLifetime(text).has_value() ? std::string()
                                         : "\"" + text + "\" is not a time such as 60s, 12h or 30d";
}

// Parses "500MiB", "10GiB" or "1TiB". Returns nullopt if the text is not a size, or the size is
// useless.
std::optional<uint64_t> ParseSize(absl::string_view text) {
  uint64_t number = 0;
  int shift = 0;
  for (const auto& [unit, bits] :
       {std::pair("MiB", 20), std::pair("GiB", 30), std::pair("TiB", 40)}) {
    if (absl::ConsumeSuffix(&text, unit)) shift = bits;
  }
  if (shift == 0 || !absl::SimpleAtoi(text, &number) || number == 0 || number > 1'000'000) {
    return std::nullopt;
  }
  return number << shift;
}

std::string IsSize(const std::string& text) {
  return ParseSize(text).has_value()
             ? std::string()
             : "\"" + text + "\" is not a size such as 500MiB or 10GiB, 1MiB at least";
}

std::string IsListenAddress(const std::string& text) {
  return std::string(ParseListenAddress(text).status().message());
}

// What is evaluated when all arguments have been checked.
struct Texts {
  std::string advertise;
  std::string lifetime = "30d";
  std::string log_max_size = "10GiB";
  std::string log_max_age = "30d";
  bool accept = false;
};

void AddServing(CLI::App& app, ControllerOptions& options, Texts& texts) {
  app.add_option("--data-dir", options.data_dir,
                 "Directory for the database and the keys; created with\n"
                 "mode 0700 if missing")
      ->type_name("DIR")
      ->required();
  app.add_option("--listen", options.listen,
                 "Address on which to serve agents and administrators;\n"
                 "[::]:7443 serves IPv4 and IPv6")
      ->type_name("ADDRESS:PORT")
      ->check(CLI::Validator(IsListenAddress, ""))
      ->capture_default_str();
  app.add_option("--advertise", texts.advertise,
                 "Names and addresses at which the controller can be\n"
                 "reached, separated by commas. admin.yaml contains the\n"
                 "first one. Default: the address of --listen, or\n"
                 "127.0.0.1 if that is 0.0.0.0 or [::]")
      ->type_name("NAME,...");
  app.add_option("--metrics", options.metrics,
                 "Serve metrics for Prometheus at\n"
                 "http://ADDRESS:PORT/metrics, such as 127.0.0.1:9465;\n"
                 "loopback addresses only. Default: no metrics")
      ->type_name("ADDRESS:PORT");
}

// How long things hold, and how much is kept.
void AddBounds(CLI::App& app, ControllerOptions& options, Texts& texts) {
  app.add_option("--host-certificate-lifetime", texts.lifetime,
                 "Lifetime of a host's certificate, such as 60s, 12h or\n"
                 "30d. Agents renew their certificate after half of it")
      ->type_name("TIME")
      ->check(CLI::Validator(IsLifetime, ""))
      ->capture_default_str();
  app.add_option("--log-max-size", texts.log_max_size,
                 "Disk space for the fleet's log, at least 1MiB, such as\n"
                 "500MiB or 10GiB. When it is used up, the oldest records\n"
                 "of the hosts with the most records are deleted")
      ->type_name("SIZE")
      ->check(CLI::Validator(IsSize, ""))
      ->capture_default_str();
  app.add_option("--log-max-age", texts.log_max_age,
                 "How long to keep records of the fleet's log; some records\n"
                 "are kept up to an eighth longer")
      ->type_name("TIME")
      ->check(CLI::Validator(IsLifetime, ""))
      ->capture_default_str();
  app.add_option("--max-trials", options.max_trials,
                 "Number of hosts that may try a new policy at the same\n"
                 "time, that is, prove that they still reach the\n"
                 "controller. Default: as many as the controller can serve")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--keep-revisions", options.keep_revisions,
                 "Number of revisions whose resources are kept, so that\n"
                 "you can show them and go back to them; 1 to 1000000. For\n"
                 "older revisions, the author and the time are kept")
      ->type_name("COUNT")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000}).description(""))
      ->capture_default_str();
}

void AddBeacon(CLI::App& app, ControllerOptions& options) {
  auto* beacon_key = app.add_option("--beacon-key", options.beacon_key,
                                    "File with the key of the location that this machine\n"
                                    "proves, created by `firebreak location create`")
                         ->type_name("FILE");
  auto* beacon = app.add_option("--beacon", options.beacon,
                                "Address on which to serve a beacon, as firebreak-beacon\n"
                                "does")
                     ->type_name("ADDRESS:PORT")
                     ->check(CLI::Validator(IsListenAddress, ""))
                     ->needs(beacon_key);
  beacon_key->needs(beacon);
}

void AddTasks(CLI::App& app, CommandLine& command_line, Texts& texts) {
  app.require_subcommand(0, 1);
  app.fallthrough();
  CLI::App* backup = app.add_subcommand("backup", "Write a backup; the controller may be running");
  backup->add_option("FILE", command_line.file, "The file to write; replaced if it exists")
      ->required();
  CLI::App* restore = app.add_subcommand("restore", "Restore a backup, or accept a loss of data");
  auto* file = restore->add_option("FILE", command_line.file, "The backup to restore");
  restore->add_flag("--accept", texts.accept, "Continue with the data that is left")
      ->excludes(file);
  restore->callback([&] {
    if (command_line.file.empty() && !texts.accept) throw CLI::RequiredError("FILE or --accept");
  });
}

}  // namespace

CommandLine ParseCommandLine(int argc, char** argv) {
  ControllerOptions options;
  CommandLine command_line;
  Texts texts;
  CLI::App app(kDescription, "firebreak-controller");
  app.footer(kFooter);
  app.set_version_flag("--version", std::string("firebreak-controller ") + kVersion,
                       "Print the version and exit");
  app.get_help_ptr()->description("Print this help and exit");
  AddServing(app, options, texts);
  AddBounds(app, options, texts);
  AddBeacon(app, options);
  AddTasks(app, command_line, texts);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return {.options = {},
            .file = {},
            .exit_status = app.exit(error, std::cout, std::cerr) == 0 ? 0 : 2};
  }
  options.advertise = absl::StrSplit(texts.advertise, ',', absl::SkipEmpty());
  // A controller that listens at one address can be reached at that address only, so that is
  // advertised.
  const std::string host = ParseListenAddress(options.listen)->host;
  if (options.advertise.empty() && host != "0.0.0.0" && host != "::") {
    options.advertise.push_back(host);
  }
  options.host_certificate_lifetime = *ParseLifetime(texts.lifetime);
  options.log.max_bytes = *ParseSize(texts.log_max_size);
  options.log.max_age = *ParseLifetime(texts.log_max_age);
  command_line.options = std::move(options);
  if (app.got_subcommand("backup")) command_line.task = Task::kBackUp;
  if (app.got_subcommand("restore"))
    command_line.task = texts.accept ? Task::kAcceptLoss : Task::kRestore;
  return command_line;
}

}  // namespace firebreak::controller
