// SPDX-License-Identifier: Apache-2.0
#include "agent/command_line.h"

#include <string.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "proto/endpoint/version.h"

namespace firebreak::agent {
namespace {

constexpr char kDescription[] =
    R"(firebreak-agent enforces a policy on this host with nftables. The policy comes from the
controller of a fleet or, with --policy, from local files.

At start, the agent enforces the last good policy from its state directory, before it contacts the
controller. Then it connects to the controller and applies each revision that the controller sends,
in one nftables transaction. It reads the rules back from the kernel and answers with a receipt.
After a revision that changed rules, the agent opens a new connection to the controller. If it
cannot connect within --reach-timeout, it undoes the revision. When the agent ends, for any reason,
the rules stay in force.

The first start enrols the host with a token from `firebreak token create`. The agent generates the
key of the host; the key never leaves the host. Later starts need no token. A new token is always
used: it enrols a host again that was revoked, whose certificate has expired or was replaced, or
that belonged to another fleet, and gives the host the labels of the token.

With --policy, there is no controller. The agent accepts the same files as `firebreak apply` and
makes the same rules from them. It applies the files at start, if they have changed since the last
time, and on SIGHUP. A change of the files at another time is only reported. `firebreak --local
apply` applies these or other files on trial: a change that is not confirmed within 30 s is undone.
A host that is later started with --controller keeps its own policy until the first policy of its
fleet is in force.)";

constexpr char kFooter[] = R"(
EXIT STATUS
  0  ended by SIGTERM or SIGINT; the rules stay in force
  1  could not start, or could not enrol: the last line on standard error says why
  2  wrong usage

FILES
  STATE-DIR/identity      the key and certificate of the host (mode 0600)
  STATE-DIR/enrolment     the key with which the host enrols (mode 0600), until it has enrolled
  STATE-DIR/policy        the last good policy, enforced at start
  STATE-DIR/policy.trial  a policy that is applied but not yet proven good
  STATE-DIR/policy.fallback  the policy to return to if the host loses the controller under a policy
                          that let the host reach it only over connections that existed before
  STATE-DIR/clock-was-wrong  marks that this host has started with a clock that was behind
  STATE-DIR/controller    the last known address of the controller
  STATE-DIR/log           log records that the controller does not have yet
  STATE-DIR/events        events that the controller does not have yet
  STATE-DIR/switches      what this host's administrator has switched with `firebreak --local`
  STATE-DIR/mappings      mappings that this host itself has opened, and requests for mappings
  STATE-DIR/revisions     with --policy: the revisions of this host's policy

ENVIRONMENT
  FIREBREAK_CONTROLLER    the value of --controller, if the option is not given
  FIREBREAK_POLICY        the value of --policy, if the option is not given

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
  auto* controller = app.add_option("--controller", flags.controller, "Address of the controller")
                         ->type_name("HOST:PORT")
                         ->envname("FIREBREAK_CONTROLLER");
  auto* policy = app.add_option("--policy", flags.policy,
                                "Policy file of a host without a controller, or a directory with "
                                "files *.yaml, *.yml and *.json; may be given several times")
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
         "With --policy: a label of this host, by which groups select the host; may be given "
         "several times")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false)
      ->needs(policy);
}

void AddTasks(CLI::App& app, Flags& flags) {
  app.add_flag(
      "--boot", flags.boot,
      "Enforce the policy from the state directory and exit; for use before the network comes up");
  app.add_flag("--release", flags.release,
               "Remove the rules, restore the kernel settings that the agent found, and exit; for "
               "use before Firebreak is removed");
}

void AddIdentity(CLI::App& app, Flags& flags) {
  auto* policy = app.get_option("--policy");
  app.add_option("--state-dir", flags.state_dir,
                 "Directory for the identity and the policy; created with mode 0700 if missing")
      ->required()
      ->type_name("DIR");
  auto* token =
      app.add_option(
             "--token", flags.token,
             "Enrolment token; use --token-file instead, because other users can see arguments")
          ->type_name("TOKEN")
          ->excludes(policy);
  app.add_option("--token-file", flags.token_file, "File with the enrolment token")
      ->type_name("FILE")
      ->excludes(token)
      ->excludes(policy);
  app.add_option("--name", flags.name,
                 "Name under which to enrol; default: the name under which the host has enrolled, "
                 "otherwise its host name")
      ->type_name("NAME");
}

void AddOthers(CLI::App& app, Flags& flags) {
  app.add_option("--reach-timeout", flags.reach_timeout_seconds,
                 "Time in which a new connection to the controller must succeed after a revision; "
                 "otherwise the revision is undone")
      ->type_name("SECONDS")
      ->check(CLI::Range(0.1, 3600.0))
      ->capture_default_str();
  app.add_option("--socket", flags.socket,
                 "Socket on which the agent serves `firebreak --local`; \"\" for none")
      ->type_name("PATH")
      ->capture_default_str();
  app.add_option(
         "--socket-group", flags.socket_group,
         "Group whose members may also use the socket: they may ask questions of at most 60 s that "
         "change nothing, and request mappings. Default: only root may use the socket")
      ->type_name("GROUP");
  app.add_option("--metrics", flags.metrics,
                 "Serve metrics for Prometheus at http://ADDRESS:PORT/metrics, such as "
                 "127.0.0.1:9466; loopback addresses only. Default: no metrics")
      ->type_name("ADDRESS:PORT");
  app.add_option("--log-dir", flags.log_directories,
                 "Directory below which a policy may place the log file of this host "
                 "(logging.file); may be given several times. The first directory is used if a "
                 "policy names no file (default: /var/log/firebreak)")
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
