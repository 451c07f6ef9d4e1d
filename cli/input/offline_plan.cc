// SPDX-License-Identifier: Apache-2.0
#include "cli/input/offline_plan.h"

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "base/status/status.h"
#include "cli/connection/failure.h"
#include "google/protobuf/util/json_util.h"
#include "policy/difference/cause_lines.h"
#include "policy/difference/fleet_plan.h"
#include "policy/invariant/contradictions.h"
#include "policy/invariant/fleet_check.h"
#include "policy/resources/read.h"

namespace firebreak::cli {
namespace {

using policy::PlannedHost;
using Files = std::vector<policy::SourceFile>;

Files FilesOf(const v1::ApplyRequest& request) {
  Files files;
  for (const v1::SourceFile& file : request.files()) files.push_back({file.name(), file.text()});
  return files;
}

// Adds the hosts that policies name. Without a fleet, each of them may exist.
void AddNamedHosts(const Files& files, std::set<std::string>& names) {
  std::vector<policy::Problem> ignored;
  for (const policy::SourceFile& file : files) {
    for (const policy::ReadResource& read : policy::ReadResources(file.name, file.text, ignored)) {
      for (absl::string_view group : read.resource.policy().groups()) {
        if (absl::ConsumePrefix(&group, "host:")) names.emplace(group);
      }
    }
  }
}

absl::StatusOr<policy::Configuration> Read(const Files& files, const std::set<std::string>& hosts) {
  policy::Plan plan = policy::PlanApply({}, files, hosts);
  if (plan.ok()) return std::move(plan.next);
  v1::Problems problems;
  for (const policy::Problem& problem : plan.problems) {
    v1::Problem& item = *problems.add_items();
    item.set_file(problem.file);
    item.set_line(problem.line);
    item.set_reason(problem.reason);
  }
  return FailureWith(problems);
}

absl::StatusOr<std::vector<PlannedHost>> GivenHosts(const std::string& json) {
  v1::ListHostsResponse list;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status = google::protobuf::util::JsonStringToMessage(
      absl::StrCat("{\"hosts\":", json, "}"), &list, options);
  if (!status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the list of hosts is not what `firebreak host list -o json` prints: ",
                     std::string(status.message())));
  }
  std::vector<PlannedHost> hosts;
  for (const v1::Host& host : list.hosts()) {
    const std::map<std::string, std::string> labels(host.labels().begin(), host.labels().end());
    hosts.push_back({host.name(), labels, labels});
  }
  return hosts;
}

// Returns one host for each set of labels that a group of either configuration matches, one for
// each host that a policy names, and one without labels.
std::vector<PlannedHost> StandIns(const policy::Configuration& before,
                                  const policy::Configuration& after,
                                  const std::set<std::string>& names) {
  std::map<std::string, std::map<std::string, std::string>> hosts;
  for (const policy::Configuration* configuration : {&before, &after}) {
    for (const auto& [key, resource] : configuration->resources()) {
      if (!resource->has_group()) continue;
      const auto& match = resource->group().match();
      const std::map<std::string, std::string> labels(match.begin(), match.end());
      std::vector<std::string> texts;
      for (const auto& [label, value] : labels) texts.push_back(absl::StrCat(label, "=", value));
      if (!texts.empty()) hosts[absl::StrCat("with ", absl::StrJoin(texts, " "))] = labels;
    }
  }
  for (const std::string& name : names) hosts[name] = {};
  hosts["any other"] = {};
  std::vector<PlannedHost> planned;
  for (const auto& [name, labels] : hosts) planned.push_back({name, labels, labels});
  return planned;
}

}  // namespace

absl::StatusOr<v1::Plan> OfflinePlan(const v1::ApplyRequest& before, const v1::ApplyRequest& after,
                                     const std::string& hosts) {
  const Files old_files = FilesOf(before), new_files = FilesOf(after);
  std::set<std::string> names;
  AddNamedHosts(old_files, names);
  AddNamedHosts(new_files, names);
  ASSIGN_OR_RETURN(const policy::Configuration old_configuration, Read(old_files, names));
  ASSIGN_OR_RETURN(const policy::Configuration new_configuration, Read(new_files, names));
  std::vector<PlannedHost> planned;
  if (hosts.empty()) {
    planned = StandIns(old_configuration, new_configuration, names);
  } else {
    ASSIGN_OR_RETURN(planned, GivenHosts(hosts));
  }
  if (const auto contradictions = policy::ContradictionsOf(new_configuration);
      !contradictions.empty()) {
    v1::Problems problems;
    for (const std::string& text : contradictions) problems.add_items()->set_reason(text);
    return FailureWith(problems);
  }
  const policy::Selector old_selector(old_configuration), new_selector(new_configuration);
  v1::Plan plan = policy::PlanFleet(old_selector, new_selector, planned);
  policy::PutCauseLines(old_files, new_files, plan);
  policy::InvariantReport report = policy::CheckInvariants(old_selector, new_selector, planned);
  policy::PutCauseLines(new_files, report.violations);
  for (v1::Violation& violation : report.violations) *plan.add_violations() = std::move(violation);
  plan.set_complete(plan.complete() && report.complete);
  return plan;
}

}  // namespace firebreak::cli
