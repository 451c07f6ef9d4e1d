// SPDX-License-Identifier: Apache-2.0
#include "agent/command_line.h"

#include <string.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "proto/endpoint/version.h"

namespace firebreak::agent {
namespace {

constexpr char kDescription[] =
    R"(firebreak-agent enforces a policy on this host with nftables: that of a fleet, which comes from a
controller, or, with --policy, that of local files.

At start it enforces the last good policy from its state directory, before it talks to anybody.
Then it connects to the controller, applies what the controller sends, one nftables transaction a
revision, and answers with a receipt made from what it reads back from the kernel. After a revision
that changed rules it opens a new connection to the controller; if it cannot within the limit, it
undoes the revision by itself. When it ends, for whatever reason, the rules stay.

The first start enrols the host with a token from `firebreak token create`; the host's key is made
here and stays here. Later starts need no token. A new token is used whatever the state directory
holds: it lets a host in again that was revoked, whose certificate has expired or been replaced, or
that belonged to another fleet, and gives it the token's labels.

With --policy there is no controller. The files are what `firebreak apply` takes, and give the same
rules. They are put in force when the agent starts, if they have changed since, and on SIGHUP; until
then a change of the files is only told. `firebreak --local apply` puts them, or other files, in
force on trial: what nobody confirms within 30 s is undone. Started with --controller instead, the
host keeps its policy until the first one of its fleet is in force.)";

constexpr char kFooter[] = R"(
EXIT STATUS
  0  ended by SIGTERM or SIGINT; the rules stay in force
  1  could not start, or could not enrol: the last line on standard error says why
  2  wrong usage

FILES
  STATE-DIR/identity      the host's key and certificate (mode 0600)
  STATE-DIR/enrolment     the key that it is enrolling with (mode 0600), until it has enrolled
  STATE-DIR/policy        the last good policy, enforced at start
  STATE-DIR/policy.trial  a policy that is applied but not yet proven good
  STATE-DIR/policy.fallback  what is enforced again if the controller is lost under a policy that
                          it was reached under only with the help of older connections
  STATE-DIR/clock-was-wrong  this host has started with a clock that was behind
  STATE-DIR/controller    the address that the controller had last
  STATE-DIR/log           records that the controller does not have yet
  STATE-DIR/events        events that the controller does not have yet
  STATE-DIR/switches      what the host's own administrator has switched
  STATE-DIR/mappings      mappings that the host itself has opened, and requests for such
  STATE-DIR/revisions     with --policy: the revisions of this host's policy

ENVIRONMENT
  FIREBREAK_CONTROLLER    as --controller
  FIREBREAK_POLICY        as --policy

EXAMPLES
  firebreak-agent --controller fw.example:7443 --state-dir /var/lib/firebreak-agent \
      --token-file token
  firebreak-agent --controller fw.example:7443 --state-dir /var/lib/firebreak-agent
  firebreak-agent --boot --state-dir /var/lib/firebreak-agent
  firebreak-agent --policy /etc/firebreak/policy.d --state-dir /var/lib/firebreak-agent
)";

// Others can read the arguments of a process, so the token stands there no longer than this takes.
void HideToken(int argc, char** argv, const std::string& token) {
  for (int i = 1; i < argc && !token.empty(); ++i) {
    char* const found = strstr(argv[i], token.c_str());
    if (found != nullptr) std::fill(found, found + token.size(), 'x');
  }
}

// Which policy this host has, and who says so.
void AddSource(CLI::App& app, Flags& flags) {
  auto* controller =
      app.add_option("--controller", flags.controller, "The controller's address, HOST:PORT")
          ->type_name("HOST:PORT")
          ->envname("FIREBREAK_CONTROLLER");
  auto* policy =
      app.add_option("--policy", flags.policy,
                     "File with the policy of a host that has no controller, or a directory with "
                     "*.yaml, *.yml and *.json files; may be given several times")
          ->type_name("FILE|DIR")
          ->envname("FIREBREAK_POLICY")
          ->allow_extra_args(false)
          ->excludes(controller);
  app.add_option_function<std::vector<std::string>>(
         "--label",
         [&flags](const std::vector<std::string>& labels) {
           for (const std::string& label : labels) {
             const size_t equals = label.find('=');
             if (equals == 0 || equals == std::string::npos) {
               throw CLI::ValidationError("--label", label + " is not KEY=VALUE");
             }
             flags.labels[label.substr(0, equals)] = label.substr(equals + 1);
           }
         },
         "With --policy: a label of this host, by which groups select it; may be given several "
         "times")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->needs(policy);
}

void AddTasks(CLI::App& app, Flags& flags) {
  app.add_flag("--boot", flags.boot,
               "Enforce the policy from the state directory and leave, as is to be done before "
               "the network comes up");
  app.add_flag(
      "--release", flags.release,
      "Take the rules away, give back the kernel's settings as they were found, and leave, "
      "as is to be done before Firebreak is removed");
}

void AddIdentity(CLI::App& app, Flags& flags) {
  auto* policy = app.get_option("--policy");
  app.add_option("--state-dir", flags.state_dir,
                 "Where identity and policy are kept; made if need be, mode 0700")
      ->required()
      ->type_name("DIR");
  auto* token = app.add_option("--token", flags.token,
                               "Enrolment token; better --token-file, as arguments can be seen")
                    ->type_name("TOKEN")
                    ->excludes(policy);
  app.add_option("--token-file", flags.token_file, "File that holds the enrolment token")
      ->type_name("FILE")
      ->excludes(token)
      ->excludes(policy);
  app.add_option("--name", flags.name,
                 "The name to enrol under; the one that the host has, or its own, if left out")
      ->type_name("NAME");
}

void AddOthers(CLI::App& app, Flags& flags) {
  app.add_option("--reach-timeout", flags.reach_timeout_seconds,
                 "Time within which a new connection to the controller must succeed after a "
                 "revision, or it is undone")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  app.add_option("--socket", flags.socket,
                 "Where `firebreak --local` on this host asks; \"\": nowhere")
      ->type_name("PATH")
      ->capture_default_str();
  app.add_option("--socket-group", flags.socket_group,
                 "Group whose members may ask there, each question for at most 60 s, and change "
                 "nothing; else root only")
      ->type_name("GROUP");
  app.add_option("--metrics", flags.metrics,
                 "Serve metrics to Prometheus at http://ADDRESS:PORT/metrics, 127.0.0.1:9466 say; "
                 "loopback only; nowhere if left out")
      ->type_name("ADDRESS:PORT");
  app.add_option("--log-dir", flags.log_directories,
                 "Below which a policy may have this host's log file (logging.file); may be given "
                 "several times. In the first is the file of a policy that names none (default: "
                 "/var/log/firebreak)")
      ->type_name("DIR")
      ->allow_extra_args(false);
}

}  // namespace

std::optional<int> ParseCommandLine(int argc, char** argv, Flags& flags) {
  CLI::App app(kDescription, "firebreak-agent");
  app.footer(kFooter);
  app.set_version_flag("--version", kVersion);
  AddSource(app, flags);
  AddTasks(app, flags);
  AddIdentity(app, flags);
  AddOthers(app, flags);
  try {
    app.parse(argc, argv);
    if (flags.log_directories.empty()) flags.log_directories = {"/var/log/firebreak"};
    if (!flags.boot && !flags.release && app.count("--controller") == 0 &&
        app.count("--policy") == 0) {
      throw CLI::RequiredError("--controller or --policy");
    }
    // Before the network there is none to be asked, and the files may not be there yet.
    if (flags.boot || flags.release) flags.policy.clear();
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  HideToken(argc, argv, flags.token);
  return std::nullopt;
}

}  // namespace firebreak::agent
