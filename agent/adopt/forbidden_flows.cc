// SPDX-License-Identifier: Apache-2.0
#include "agent/adopt/forbidden_flows.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/kernel/conntrack/conntrack.h"
#include "agent/kernel/nftables/nftables.h"
#include "agent/location/first_packet.h"
#include "agent/trace/read_host_state.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "policy/trace/anybody.h"
#include "policy/trace/trace.h"

namespace firebreak::agent {
namespace {

// Whether the flow is outbound from this host and the rules would not let it begin now.
bool IsForbidden(const ruleset::Ruleset& rules, const policy::HostState& host, const Flow& flow) {
  // An expected flow was permitted by the flow that announced it.
  if (flow.protocol == IPPROTO_TCP || (flow.status & IPS_EXPECTED) != 0) return false;
  const auto is_local = [&](const std::string& address) {
    return policy::LocalType(host, address) == RTN_LOCAL;
  };
  if (!is_local(flow.original.source) || is_local(flow.original.destination)) return false;
  const std::optional<uint32_t> out = host.route(flow.original.destination, 0);
  const policy::HostState::Interface* device = out.has_value() ? host.Find(*out) : nullptr;
  if (device == nullptr) return false;
  policy::Packet packet = FirstPacket(flow);
  packet.out = device->device;
  return policy::TraceOfAnybody(rules, host, packet).verdict == policy::Trace::Verdict::kDrop;
}

}  // namespace

ForbiddenFlows::~ForbiddenFlows() {
  if (thread_.joinable()) thread_.join();
}

void ForbiddenFlows::End(std::function<void()> done) {
  done_ = std::move(done);
  // The running thread may have read the rules before they changed, so it must run again.
  again_ = thread_.joinable();
  if (!again_) Begin();
}

void ForbiddenFlows::Begin() {
  thread_ = std::thread([this] {
    const absl::StatusOr<size_t> ended = EndNow();
    if (!ended.ok()) {
      LogWarning(absl::StrCat("end the flows that the policy forbids: ", ended.status().message()));
    } else if (*ended > 0) {
      LogInfo(absl::StrCat(*ended, " flows of this host ended that the policy forbids"));
    }
    loop_.Post([this] {
      thread_.join();
      if (std::exchange(again_, false)) return Begin();
      if (const auto done = std::exchange(done_, nullptr)) done();
    });
  });
}

absl::StatusOr<size_t> ForbiddenFlows::EndNow() {
  ASSIGN_OR_RETURN(Nftables nftables, Nftables::Open());
  ASSIGN_OR_RETURN(HostSockets sockets, HostSockets::Open());
  ASSIGN_OR_RETURN(const Nftables::State rules, nftables.Read());
  ASSIGN_OR_RETURN(policy::HostState host, ReadHostState(sockets));
  // Clears the host's flows, so that each flow is judged as if it began now.
  host.flow = [](const policy::Tuple&) { return std::nullopt; };
  host.checks_checksums = false;
  std::vector<Flow> flows;
  RETURN_IF_ERROR(sockets.conntrack.Dump({}, [&](const Flow& flow) { flows.push_back(flow); }));
  size_t ended = 0;
  for (const Flow& flow : flows) {
    if (!IsForbidden(rules.ruleset, host, flow)) continue;
    const absl::Status deleted = sockets.conntrack.Delete(flow);
    if (deleted.ok()) ++ended;
    if (!deleted.ok() && !absl::IsNotFound(deleted)) return deleted;
  }
  return ended;
}

}  // namespace firebreak::agent
