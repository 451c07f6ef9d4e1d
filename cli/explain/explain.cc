// SPDX-License-Identifier: Apache-2.0
#include "cli/explain/explain.h"

#include <linux/if_arp.h>
#include <linux/rtnetlink.h>

#include <algorithm>
#include <set>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/status/status.h"
#include "base/text/escape.h"
#include "cli/connection/failure.h"
#include "firebreak/v1/admin.pb.h"
#include "grpcpp/grpcpp.h"
#include "policy/compile/compile.h"
#include "policy/merge/check_effective.h"
#include "policy/merge/merge.h"
#include "policy/merge/select.h"
#include "policy/resources/unit_name.h"
#include "policy/trace/explain.h"
#include "policy/trace/question.h"
#include "policy/trace/trace.h"

namespace firebreak::cli {
namespace {

constexpr uint32_t kIndex = 2;     // index of the interface
constexpr uint32_t kOutIndex = 3;  // index of the interface that a packet is routed to

absl::Status FailureOfPlan(const policy::Plan& plan) {
  v1::Problems problems;
  for (const policy::Problem& problem : plan.problems) {
    v1::Problem& item = *problems.add_items();
    item.set_file(problem.file);
    item.set_line(problem.line);
    item.set_reason(problem.reason);
  }
  return FailureOf(
      {grpc::StatusCode::INVALID_ARGUMENT, "the files are not valid", problems.SerializeAsString()},
      "", /*answered=*/true);
}

policy::HostState Imagine(const v1::TraceQuestion& question) {
  const bool inward = !question.in_interface().empty();
  const std::string& name = inward ? question.in_interface() : question.out_interface();
  const std::string& own = inward ? question.destination() : question.source();
  policy::HostState state;
  // The agent makes a host forward if its policy sends packets on to another host.
  state.interfaces.push_back({.device = {.index = kIndex, .name = name, .type = ARPHRD_ETHER},
                              .addresses = {own},
                              .forwards4 = true,
                              .forwards6 = true});
  state.local.push_back({.prefix = own,
                         .length = static_cast<uint8_t>(own.size() * 8),
                         .type = RTN_LOCAL,
                         .interface = kIndex});
  state.groups.insert({kIndex, own});
  state.route = [](const ruleset::Bytes&, uint32_t) { return kIndex; };
  // A host that only routes the packet does not have the packet's addresses.
  if (inward && !question.out_interface().empty()) {
    state.local.clear();
    state.groups.clear();
    state.interfaces[0].addresses.clear();
    state.interfaces.push_back(
        {.device = {.index = kOutIndex, .name = question.out_interface(), .type = ARPHRD_ETHER}});
  }
  return state;
}

}  // namespace

absl::StatusOr<v1::TraceAnswer> ExplainOffline(std::span<const policy::SourceFile> files,
                                               const ImaginedHost& host,
                                               const v1::TraceQuestion& question) {
  const policy::Plan plan = policy::PlanApply({}, files, {host.name});
  if (!plan.ok()) return FailureOfPlan(plan);
  const policy::Selector selector(plan.next);
  const v1::EffectivePolicy effective =
      policy::Merge(plan.next, selector.Select(host.name, host.labels));
  RETURN_IF_ERROR(policy::CheckEffective(effective));

  policy::HostState state = Imagine(question);
  RETURN_IF_ERROR(policy::RouteAsAsked(question, state));
  // Any number will do for the sender, as long as the mappings use the same one.
  constexpr uint32_t kImaginedUser = 54321;
  constexpr uint64_t kImaginedUnit = 54321;
  v1::TraceQuestion numbered = question;
  policy::Senders senders;
  uint32_t number = 0;
  if (!question.user().empty() && !absl::SimpleAtoi(question.user(), &number)) {
    senders.users[question.user()] = kImaginedUser;
    numbered.set_user(absl::StrCat(kImaginedUser));
  }
  ASSIGN_OR_RETURN(policy::Packet packet, policy::PacketOf(numbered, state));
  if (!question.unit().empty()) {
    RETURN_IF_ERROR(policy::CheckUnitName(question.unit()));
    senders.units[question.unit()] = {{.level = 1, .number = kImaginedUnit}};
    packet.control_groups = {1, kImaginedUnit};
  }
  std::vector<policy::Interface> interfaces = {
      {.name = state.interfaces[0].device.name, .type = host.interface_type, .index = kIndex}};
  if (state.interfaces.size() > 1) {
    interfaces.push_back(
        {.name = question.out_interface(), .type = "ethernet", .index = kOutIndex});
  }
  policy::Origins origins;
  ASSIGN_OR_RETURN(
      ruleset::Ruleset rules,
      policy::Compile(effective, interfaces,
                      {.host_location = host.location, .senders = senders, .origins = &origins}));
  const auto& locations = effective.locations();
  const bool known = std::any_of(locations.begin(), locations.end(), [&](const auto& location) {
    return location.name() == host.location;
  });
  if (effective.managed() && !known) {
    return absl::InvalidArgumentError(
        absl::StrCat("the files have no location '", Escape(host.location), "'"));
  }
  const ruleset::Bytes key(reinterpret_cast<const char*>(&kIndex), sizeof kIndex);
  for (std::optional<ruleset::Table>* table : {&rules.inet, &rules.netdev}) {
    if (!table->has_value()) continue;
    const auto set = (*table)->sets.find(policy::LocationSetName(host.location));
    if (set != (*table)->sets.end()) set->second.elements = {ruleset::Element(key)};
  }
  const policy::Trace trace = policy::TracePacket(rules, state, std::move(packet));
  return policy::Explain(trace, {rules, effective, interfaces, origins});
}

}  // namespace firebreak::cli
