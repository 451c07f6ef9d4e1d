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
    R"(firebreak-controller - holds a fleet's firewall policy and brings it to every host

Keeps the fleet's configuration in a database, issues and checks the certificates of hosts and
administrators, and pushes to each connected agent the policy that its host must enforce. Runs in
the foreground until SIGTERM or SIGINT.
)";

constexpr char kFooter[] = R"(
FIRST START
  makes the fleet's certificate authority and DIR/admin.yaml, an administrator's context for the
  CLI. Copy it to ~/.config/firebreak/context.yaml (mode 0600) wherever you administer from:

      firebreak-controller --data-dir /var/lib/firebreak --advertise ctl.example.com &
      firebreak --context /var/lib/firebreak/admin.yaml token create --label role=web

  and give the token to firebreak-agent on a host.

FILES
  DIR/firebreak.db     the configuration, its revisions, hosts, tokens, the audit trail (SQLite)
  DIR/log/             the fleet's log: see --log-max-size and --log-max-age
  DIR/firebreak.db.mark
                       how far the database has come: by it a database is known that has lost
                       something
  DIR/ca.crt ca.key    the fleet's certificate authority. Whoever has the key owns the fleet; lose
                       it and every host must enrol again
  DIR/controller.*     the controller's certificate and key, renewed by itself
  DIR/admin.yaml       an administrator's context, renewed by itself when half its year is over
  DIR/lock             keeps a second controller out

BACKUP AND RESTORE
  firebreak-controller --data-dir DIR backup FILE
      writes the database and the certificate authority, as they are at one moment, into one file,
      while the controller runs or not. Whoever has the file owns the fleet.
  firebreak-controller --data-dir DIR restore FILE
      puts a backup in place of what is in DIR, or into an empty DIR; the controller must be
      stopped. Hosts that have a newer revision take the restored one.
  firebreak-controller --data-dir DIR restore --accept
      goes on with what there is, though the controller has lost revisions or its database is
      damaged: with the newest revision that is whole. What was lost is told, and in the audit
      trail.

  A controller whose database is damaged, or has lost what was stored last, does not start; one
  that finds by its hosts that it has lost revisions pushes nothing and takes no changes.

LOG
  One line for each event on stderr: time (UTC), level, message. What was changed or refused, by
  whom and from where, `firebreak audit` tells; its hash is logged once an hour.

EXIT STATUS
  0  ended by SIGTERM or SIGINT     1  could not start; stderr says why     2  wrong usage
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
                 "Directory for the database and the keys, made if it\nis missing, mode 0700")
      ->type_name("DIR")
      ->required();
  app.add_option("--listen", options.listen,
                 "Where to serve agents and administrators; [::]:7443\n"
                 "serves IPv4 and IPv6")
      ->type_name("ADDRESS:PORT")
      ->check(CLI::Validator(IsListenAddress, ""))
      ->capture_default_str();
  app.add_option("--advertise", texts.advertise,
                 "Names and addresses under which the controller is\n"
                 "reached, separated by commas. The first goes into\n"
                 "admin.yaml; if there is none, the address of --listen,\n"
                 "or, where that is any address, 127.0.0.1")
      ->type_name("NAME,...");
  app.add_option("--metrics", options.metrics,
                 "Serve metrics to Prometheus at http://ADDRESS:PORT/metrics,\n"
                 "127.0.0.1:9465 say; loopback only; nowhere if left out")
      ->type_name("ADDRESS:PORT");
}

// How long things hold, and how much is kept.
void AddBounds(CLI::App& app, ControllerOptions& options, Texts& texts) {
  app.add_option("--host-certificate-lifetime", texts.lifetime,
                 "How long a host's certificate holds: 60s, 12h, 30d.\n"
                 "Agents renew theirs at half of it")
      ->type_name("TIME")
      ->check(CLI::Validator(IsLifetime, ""))
      ->capture_default_str();
  app.add_option("--log-max-size", texts.log_max_size,
                 "How much of the disk the fleet's log may take: 500MiB,\n"
                 "10GiB. When it is full, the oldest records go of the\n"
                 "hosts that have the most")
      ->type_name("SIZE")
      ->check(CLI::Validator(IsSize, ""))
      ->capture_default_str();
  app.add_option("--log-max-age", texts.log_max_age,
                 "How long records of the fleet's log are kept; some stay\n"
                 "an eighth of it longer")
      ->type_name("TIME")
      ->check(CLI::Validator(IsLifetime, ""))
      ->capture_default_str();
  app.add_option("--max-trials", options.max_trials,
                 "How many hosts at most are sent a new policy and prove\n"
                 "that they still reach the controller at a time; as many\n"
                 "as the controller keeps up with if left out")
      ->type_name("N")
      ->check(CLI::Range(1, 100'000));
  app.add_option("--keep-revisions", options.keep_revisions,
                 "How many revisions keep their resources, to look at and\n"
                 "to go back to; who made older ones, and when, stays")
      ->type_name("COUNT")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000}).description(""))
      ->capture_default_str();
}

void AddBeacon(CLI::App& app, ControllerOptions& options) {
  auto* beacon_key = app.add_option("--beacon-key", options.beacon_key,
                                    "The key of a location that this machine proves, made by\n"
                                    "`firebreak location create`")
                         ->type_name("FILE");
  auto* beacon = app.add_option("--beacon", options.beacon,
                                "Where to serve a beacon too, as firebreak-beacon does")
                     ->type_name("ADDRESS:PORT")
                     ->check(CLI::Validator(IsListenAddress, ""))
                     ->needs(beacon_key);
  beacon_key->needs(beacon);
}

void AddTasks(CLI::App& app, CommandLine& command_line, Texts& texts) {
  app.require_subcommand(0, 1);
  app.fallthrough();
  CLI::App* backup = app.add_subcommand("backup", "Write a backup, of a running controller too");
  backup->add_option("FILE", command_line.file, "Where to; replaced if it exists")->required();
  CLI::App* restore = app.add_subcommand("restore", "Put a backup back, or accept a loss");
  auto* file = restore->add_option("FILE", command_line.file, "A backup");
  restore->add_flag("--accept", texts.accept, "Go on with what there is")->excludes(file);
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
