// SPDX-License-Identifier: Apache-2.0
#include "agent/adopt/forbidden_flows.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/kernel/conntrack/conntrack.h"
#include "agent/kernel/nftables/nftables.h"
#include "agent/trace/read_host_state.h"
#include "base/log/log.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

// Whether the flow is outbound from this host, can begin again with its next packet, and may not
// begin now.
bool MustEnd(const ruleset::Ruleset& rules, const policy::HostState& host, const Flow& flow) {
  // An expected flow was permitted by the flow that announced it.
  if (flow.protocol == IPPROTO_TCP || (flow.status & IPS_EXPECTED) != 0) return false;
  return policy::IsLocal(host, flow.original.source) &&
         !policy::IsLocal(host, flow.original.destination) && !LetsBegin(rules, host, flow);
}

}  // namespace

ForbiddenFlows::~ForbiddenFlows() {
  if (thread_.joinable()) thread_.join();
}

void ForbiddenFlows::End(WayToController way, Done done) {
  way_ = std::move(way);
  done_ = std::move(done);
  // The running thread may have read the rules before they changed, so it must run again.
  again_ = thread_.joinable();
  if (!again_) Begin();
}

void ForbiddenFlows::Begin() {
  thread_ = std::thread([this, way = way_] {
    absl::StatusOr<Outcome> outcome = EndNow(way);
    if (!outcome.ok()) {
      LogWarning(
          absl::StrCat("end the flows that the policy forbids: ", outcome.status().message()));
      // Flows that could not be examined may help the host, so they count as help.
      outcome = Outcome{.help = {"flows of this host that could not be examined"}};
    } else if (outcome->ended > 0) {
      LogInfo(absl::StrCat(outcome->ended,
                           " flows of this host were ended because the policy forbids them"));
    }
    loop_.Post([this, help = std::move(outcome->help)]() mutable {
      thread_.join();
      if (std::exchange(again_, false)) return Begin();
      if (const auto done = std::exchange(done_, nullptr)) done(std::move(help));
    });
  });
}

absl::StatusOr<ForbiddenFlows::Outcome> ForbiddenFlows::EndNow(const WayToController& way) {
  ASSIGN_OR_RETURN(Nftables nftables, Nftables::Open());
  ASSIGN_OR_RETURN(HostSockets sockets, HostSockets::Open());
  ASSIGN_OR_RETURN(const Nftables::State rules, nftables.Read());
  ASSIGN_OR_RETURN(policy::HostState host, ReadHostState(sockets));
  ASSIGN_OR_RETURN(const std::vector<Link> links, sockets.links.Read());
  // Clears the host's flows, so that each flow is judged as if it began now.
  host.flow = [](const policy::Tuple&) { return std::nullopt; };
  host.checks_checksums = false;
  std::vector<Flow> flows;
  RETURN_IF_ERROR(sockets.conntrack.Dump({}, [&](const Flow& flow) { flows.push_back(flow); }));
  Outcome outcome;
  std::vector<Flow> going_on;
  for (Flow& flow : flows) {
    if (!MustEnd(rules.ruleset, host, flow)) {
      going_on.push_back(std::move(flow));
      continue;
    }
    const absl::Status deleted = sockets.conntrack.Delete(flow);
    if (deleted.ok()) ++outcome.ended;
    if (!deleted.ok() && !absl::IsNotFound(deleted)) return deleted;
  }
  outcome.help = FindHelp(rules.ruleset, host, links, going_on, NameServersFor("", way.host), way);
  return outcome;
}

}  // namespace firebreak::agent
