// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/files/files.h"
#include "base/status/status.h"
#include "cli/exit_status.h"
#include "cli/input/offline_plan.h"
#include "cli/input/source_files.h"
#include "cli/verbs/arguments.h"
#include "cli/verbs/command.h"
#include "cli/verbs/file_options.h"
#include "cli/verbs/print.h"
#include "cli/verbs/rollout.h"
#include "cli/verbs/standalone.h"
#include "cli/view/plan.h"
#include "cli/view/violations.h"

namespace firebreak::cli {
namespace {

struct PlanOptions {
  FileOptions files;
  std::vector<std::string> from;
  std::string hosts;
  std::vector<std::string> labels;
  std::vector<std::string> fail_on;
  MannerOptions manner;
  bool markdown = false;
  bool no_evidence = false;
  absl::Duration live = absl::Seconds(3);
  absl::Duration since = absl::Hours(24 * 7);
};

absl::StatusOr<v1::Plan> Offline(Invocation& invocation, const PlanOptions& options) {
  ASSIGN_OR_RETURN(const v1::ApplyRequest before,
                   ReadSourceFiles(options.from, options.files.recursive));
  ASSIGN_OR_RETURN(const v1::ApplyRequest after, ReadFiles(invocation, options.files));
  std::string hosts;
  if (!options.hosts.empty()) {
    constexpr size_t kMostBytes = 64 << 20;
    ASSIGN_OR_RETURN(hosts, ReadFile(options.hosts, kMostBytes));
  }
  return OfflinePlan(before, after, hosts);
}

absl::StatusOr<v1::Plan> Online(Invocation& invocation, const PlanOptions& options) {
  v1::PlanRequest request;
  if (!options.files.files.empty()) {
    ASSIGN_OR_RETURN(*request.mutable_change(), ReadFiles(invocation, options.files));
  }
  SetManner(options.manner, *request.mutable_change());
  for (const std::string& label : options.labels) {
    const std::vector<std::string> parts = absl::StrSplit(label, absl::MaxSplits(':', 1));
    const std::vector<std::string> pair = absl::StrSplit(parts.back(), absl::MaxSplits('=', 1));
    v1::LabelChange& change = *request.add_labels();
    change.set_host(parts.front());
    change.set_key(pair.front());
    change.set_value(pair.back());
  }
  if (!options.no_evidence) {
    request.set_live_millis(static_cast<uint32_t>(absl::ToInt64Milliseconds(options.live)));
    request.set_log_seconds(static_cast<uint64_t>(absl::ToInt64Seconds(options.since)));
  }
  return invocation.Call(&v1::Admin::Stub::Plan, request);
}

// Whether the plan contains anything of the kinds that --fail-on names, or anything at all if no
// kind is named.
bool IsFound(const v1::Plan& plan, const std::vector<std::string>& kinds) {
  if (kinds.empty()) return !plan.groups().empty() || !plan.complete();
  return std::any_of(kinds.begin(), kinds.end(), [&](const std::string& kind) {
    // The parts that were not compared may contain any kind.
    if (!plan.complete()) return true;
    if (kind == "opened") return plan.opened() > 0;
    if (kind == "closed") return plan.closed() > 0;
    if (kind == "changed") return plan.otherwise() > 0;
    // A host that has not answered may have live flows that would be cut.
    if (kind == "live") {
      return plan.evidence().flows_cut() > 0 || !plan.evidence().not_answered().empty();
    }
    return plan.settings() > 0;
  });
}

absl::StatusOr<v1::Plan> OnThisHost(Invocation& invocation, const PlanOptions& options) {
  ASSIGN_OR_RETURN(const v1::ApplyRequest files, ReadFiles(invocation, options.files));
  return PlanLocally(invocation, files);
}

absl::Status Plan(Invocation& invocation, const PlanOptions& options) {
  ASSIGN_OR_RETURN(const v1::Plan plan, invocation.local()     ? OnThisHost(invocation, options)
                                        : options.from.empty() ? Online(invocation, options)
                                                               : Offline(invocation, options));
  if (options.markdown) {
    invocation.out() << PlanMarkdown(plan);
  } else if (invocation.format() == Format::kTable) {
    invocation.out() << PlanPage(plan, invocation.colours());
  } else {
    PrintData(invocation, plan);
  }
  if (IsFound(plan, options.fail_on)) invocation.EndWith(ExitStatus::kFound);
  if (AnyRefused(plan.violations())) invocation.EndWith(ExitStatus::kInvalid);
  return absl::OkStatus();
}

void RequireLabels(const std::vector<std::string>& labels) {
  for (const std::string& label : labels) {
    const size_t colon = label.find(':'), equals = label.find('=');
    if (colon == std::string::npos || colon == 0 || equals == std::string::npos ||
        equals <= colon + 1) {
      RefuseUsage("--label", absl::StrCat("'", label, "' is not HOST:KEY=VALUE"));
    }
  }
}

}  // namespace

void AddPlanVerb(Verb root, Command& command) {
  const Verb verb =
      AddVerb(root, "plan",
              "Show exactly which packets a change would treat differently.\n\n"
              "Compares what each host enforces before and after the change, at every location and "
              "on every interface. Prints the packets that the change opens, closes or treats "
              "differently: protocol, ports, addresses, an example packet, and the mapping or "
              "setting that decides before and after. The list is exact: a packet that begins a "
              "flow is in the list if and only if the change treats it differently. Settings that "
              "do not decide about such packets are listed separately. Also prints the invariants "
              "that the change breaks and the waves in which it would go out. Changes nothing.\n\n"
              "The plan gives evidence from the fleet: the live flows of the affected hosts that "
              "would not be admitted if they began now, and, from the fleet's log, connections "
              "that would now be dropped and drops that would now be admitted.\n\n"
              "With --from, no controller is asked: the files of --from are the whole "
              "configuration before the change, and the files of -f are the whole configuration "
              "after it. With --local, the files are compared with the policy of this host.\n\n"
              "The exit status is 0 if the change changes nothing, 5 if it changes something or "
              "could not be compared completely (with --fail-on: only for the given kinds of "
              "change), and 3 if it would be refused because it breaks an invariant.",
              "firebreak plan -f policy.yaml\n"
              "firebreak plan -f policies/ --fail-on opened\n"
              "firebreak plan --label web-1:role=db\n"
              "firebreak plan --from main/policies -f policies --markdown > plan.md");
  const auto options = std::make_shared<PlanOptions>();
  AddFiles(verb, options->files.files);
  AddFileOptions(verb, options->files);
  const Argument from = verb.Add("--from", options->from,
                                 "a file with the configuration before the change; no controller "
                                 "is asked; may be given several times")
                            .Type("FILE")
                            .OneAtATime();
  verb.Add("--hosts", options->hosts,
           "with --from: a file with the hosts of the fleet, as `firebreak host list -o json` "
           "prints them; without it, one host with the labels of each group represents the group")
      .Type("FILE")
      .Needs(from);
  verb.Add("--label", options->labels,
           "plan as if the host had this label; may be given several times")
      .Type("HOST:KEY=VALUE")
      .OneAtATime()
      .Excludes(from);
  verb.Add("--fail-on", options->fail_on,
           "exit with 5 only for changes of these kinds, separated by commas: opened, closed, "
           "changed, settings, or live (live flows would no longer be admitted, or a host did not "
           "report its flows)")
      .Type("KIND")
      .CommaSeparated()
      .OneOf({"opened", "closed", "changed", "settings", "live"});
  AddWaves(verb, options->manner);
  AddDuration(verb, "--live", options->live, absl::Milliseconds(100), absl::Seconds(30),
              "how long to wait for the live flows of the hosts");
  AddDuration(verb, "--since", options->since, absl::Minutes(1), absl::Hours(24 * 365),
              "how far back to search the fleet's log for evidence");
  verb.AddFlag("--no-evidence", options->no_evidence, "collect no evidence from hosts and the log");
  verb.AddFlag("--markdown", options->markdown, "print Markdown, for example for a merge request");
  verb.WhenGiven([verb, &command, options] {
    RequireLocalOptions(verb, command, {"--file", "--recursive", "--fail-on", "--markdown"});
    RequireLabels(options->labels);
    RequireSet(options->files);
    if (options->files.files.empty() && options->labels.empty()) RefuseMissing("-f,--file");
    const bool asks_for_live = std::find(options->fail_on.begin(), options->fail_on.end(),
                                         "live") != options->fail_on.end();
    if (asks_for_live && (options->no_evidence || !options->from.empty())) {
      RefuseUsage("--fail-on",
                  "'live' needs evidence from the hosts, which --from and --no-evidence exclude");
    }
    const MannerOptions& manner = options->manner;
    if (!options->from.empty() &&
        (!manner.strategy.empty() || manner.all_at_once || manner.supersede)) {
      RefuseUsage("--from",
                  "cannot be used with --strategy, --all-at-once or --supersede: without a "
                  "controller there is no rollout");
    }
    if (!options->from.empty() && !options->files.set.empty()) {
      RefuseUsage("--set", "needs the controller's configuration; leave it out with --from");
    }
    command.run = [options](Invocation& invocation) { return Plan(invocation, *options); };
  });
}

}  // namespace firebreak::cli
