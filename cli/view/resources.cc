// SPDX-License-Identifier: Apache-2.0
#include "cli/view/resources.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/output/table.h"
#include "cli/view/interfaces.h"

namespace firebreak::cli {
namespace {

struct Tables {
  Table groups{{"GROUP", "MATCH", "DESCRIPTION"}};
  Table policies{{"POLICY", "GROUPS", "LOCATIONS", "PRIORITY", "FIREWALL", "MAPPINGS", "ICMP",
                  "OUTBOUND", "INTERFACES"}};
  Table services{{"SERVICE", "PORTS", "DESCRIPTION"}};
  Table locations{{"LOCATION", "PRECEDENCE", "BEACONS", "DESCRIPTION"}};
  Table edits{{"EDIT", "FOR", "INTERFACE", "LOCATION", "FIREWALL", "MAPPING"}};
  Table invariants{{"INVARIANT", "MUST", "DIRECTION", "TRAFFIC", "GROUPS", "LOCATIONS", "ENFORCE"}};
  Table probes{{"PROBE", "FROM", "TO", "EXPECT", "DESCRIPTION"}};
  Table strategies{{"ROLLOUT STRATEGY", "WAVES", "ON FAILURE", "DESCRIPTION"}};
};

void AppendWave(std::string* out, const v1::RolloutWave& wave) {
  if (wave.hosts() > 0) {
    absl::StrAppend(out, wave.hosts(), wave.hosts() == 1 ? " host" : " hosts");
  } else if (wave.percent() > 0) {
    absl::StrAppend(out, wave.percent(), " %");
  } else {
    absl::StrAppend(out, absl::StrJoin(wave.groups(), "+"));
  }
}

void Add(const v1::Group& group, Tables& tables) {
  const std::map<std::string, std::string> match(group.match().begin(), group.match().end());
  tables.groups.AddRow(
      {group.name(), absl::StrJoin(match, ",", absl::PairFormatter("=")), group.description()});
}

void Add(const v1::Policy& policy, Tables& tables) {
  const std::string firewall = policy.firewall() == v1::Firewall::unspecified
                                   ? ""
                                   : v1::Firewall::Mode_Name(policy.firewall());
  const v1::Traffic::Action outbound = policy.outbound().default_();
  tables.policies.AddRow(
      {policy.name(), absl::StrJoin(policy.groups(), ","),
       policy.locations().empty() ? "any" : absl::StrJoin(policy.locations(), ","),
       absl::StrCat(policy.priority()), Cell(firewall, FirewallColour(firewall)),
       policy.has_port_mappings() ? absl::StrCat(policy.port_mappings().items_size()) : "",
       policy.has_icmp() ? absl::StrCat(policy.icmp().items_size()) : "",
       outbound == v1::Traffic::unspecified ? "" : v1::Traffic::Action_Name(outbound),
       policy.interfaces().empty() ? "" : absl::StrCat(policy.interfaces_size())});
}

void Add(const v1::Service& service, Tables& tables) {
  tables.services.AddRow(
      {service.name(), absl::StrJoin(service.ports(), " "), service.description()});
}

void Add(const v1::Location& location, Tables& tables) {
  tables.locations.AddRow({location.name(), absl::StrCat(location.precedence()),
                           absl::StrJoin(location.beacons(), " ",
                                         [](std::string* out, const v1::Beacon& beacon) {
                                           absl::StrAppend(out, beacon.address());
                                         }),
                           location.description()});
}

void Add(const v1::Edit& edit, Tables& tables) {
  const std::string firewall = edit.has_mapping() ? "" : v1::Firewall::Mode_Name(edit.firewall());
  tables.edits.AddRow(
      {edit.name(), edit.group(), edit.interface().empty() ? "all" : edit.interface(),
       edit.location().empty() ? "any" : edit.location(), Cell(firewall, FirewallColour(firewall)),
       edit.has_mapping()
           ? absl::StrCat(edit.mapping().name(),
                          edit.mapping().action() == v1::Traffic::block    ? " (block)"
                          : edit.mapping().action() == v1::Traffic::reject ? " (reject)"
                                                                           : "")
           : ""});
}

void Add(const v1::RolloutStrategy& strategy, Tables& tables) {
  tables.strategies.AddRow({strategy.name(), absl::StrJoin(strategy.waves(), ", ", AppendWave),
                            strategy.on_failure() == v1::RolloutFailure::undo ? "undo" : "halt",
                            strategy.description()});
}

std::string TrafficText(const v1::PortMapping& traffic) {
  if (!traffic.service().empty()) return traffic.service();
  std::string text = traffic.protocol();
  if (!traffic.ports().empty()) {
    absl::StrAppend(&text, text.empty() ? "" : "/", absl::StrJoin(traffic.ports(), ","));
  }
  return text;
}

void Add(const v1::Invariant& invariant, Tables& tables) {
  tables.invariants.AddRow(
      {invariant.name(), v1::Invariant::Demand_Name(invariant.must()),
       invariant.direction().empty() ? "in" : invariant.direction(),
       absl::StrJoin(invariant.traffic(), " ",
                     [](std::string* out, const v1::PortMapping& traffic) {
                       absl::StrAppend(out, TrafficText(traffic));
                     }),
       invariant.groups().empty() ? "all" : absl::StrJoin(invariant.groups(), ","),
       invariant.locations().empty() ? "any" : absl::StrJoin(invariant.locations(), ","),
       invariant.enforce() == v1::Enforcement::warn ? "warn" : "refuse"});
}

void Add(const v1::Probe& probe, Tables& tables) {
  const std::string port = probe.port() == 0 ? "" : absl::StrCat("/", probe.port());
  tables.probes.AddRow(
      {probe.name(), absl::StrJoin(probe.groups(), ","),
       absl::StrCat(probe.host().empty() ? probe.address() : absl::StrCat("host:", probe.host()),
                    " ", probe.protocol(), port),
       v1::Probe::Expectation_Name(probe.expect()), probe.description()});
}

}  // namespace

std::string ResourceTables(const v1::GetResourcesResponse& response, bool colours) {
  Tables tables;
  for (const v1::Resource& resource : response.resources()) {
    switch (resource.kind_case()) {
      case v1::Resource::kGroup: Add(resource.group(), tables); break;
      case v1::Resource::kPolicy: Add(resource.policy(), tables); break;
      case v1::Resource::kService: Add(resource.service(), tables); break;
      case v1::Resource::kLocation: Add(resource.location(), tables); break;
      case v1::Resource::kEdit: Add(resource.edit(), tables); break;
      case v1::Resource::kInvariant: Add(resource.invariant(), tables); break;
      case v1::Resource::kProbe: Add(resource.probe(), tables); break;
      case v1::Resource::kRolloutStrategy: Add(resource.rollout_strategy(), tables); break;
      case v1::Resource::KIND_NOT_SET: break;
    }
  }
  std::string text;
  for (const Table* table :
       {&tables.groups, &tables.policies, &tables.services, &tables.locations, &tables.edits,
        &tables.invariants, &tables.probes, &tables.strategies}) {
    if (table->rows() == 0) continue;
    absl::StrAppend(&text, text.empty() ? "" : "\n", table->Text(colours));
  }
  return text;
}

}  // namespace firebreak::cli
