// SPDX-License-Identifier: Apache-2.0
#include "controller/admin/host_view.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "base/time/timestamp.h"
#include "policy/resources/names.h"
#include "policy/resources/nearest.h"

namespace firebreak::controller {
namespace {

// Enough for a host with some interfaces, and small enough for a list of many hosts to fit into a
// message.
constexpr size_t kMaxListedBytes = 4 << 10;

// Whether the host's receipt is for the wanted policy. The receipt may name an older revision that
// gave the host the same policy, because the number of the newest revision is sent without urgency.
bool HasInForce(const Assignment& wanted, const v1::Receipt& receipt) {
  return !receipt.policy_digest().empty() && receipt.policy_digest() == wanted.policy_digest;
}

void SetRefusal(const RefusedHosts::Refusal& refused, v1::ConnectionRefusal& refusal) {
  refusal.set_reason(refused.reason);
  refusal.set_address(refused.address);
  *refusal.mutable_at() = ToTimestamp(refused.at);
  refusal.set_times(refused.times);
}

v1::Host View(const StoredHost& stored, const Fleet& fleet, const RefusedHosts& refused_hosts,
              PublishedRevision& current) {
  const HostRecord& record = stored.record;
  const HostReport& report = stored.report;
  v1::Host host;
  host.set_name(record.name);
  host.mutable_labels()->insert(record.labels.begin(), record.labels.end());
  const bool online = fleet.Find(record.name) != nullptr;
  host.set_state(record.revoked() ? "revoked" : online ? "online" : "offline");
  // An open connection shows that the host lives, because pings go both ways on it.
  const absl::Time seen = online ? absl::Now() : report.last_seen;
  if (seen != absl::InfinitePast()) *host.mutable_last_seen() = ToTimestamp(seen);
  *host.mutable_enrolled_at() = ToTimestamp(record.enrolled_at);
  host.set_agent_version(report.agent_version);
  host.set_address(report.address);
  for (std::string& group : current.selector().GroupsOf(record.labels)) {
    *host.add_groups() = std::move(group);
  }
  host.set_revision(report.receipt.revision());
  if (report.receipt.revision() != 0 || !report.receipt.policy_digest().empty()) {
    *host.mutable_receipt() = report.receipt;
    host.mutable_receipt()->clear_history();
  }
  if (report.refusal.kind() != v1::Refusal::unspecified || !report.refusal.reason().empty()) {
    *host.mutable_refusal() = report.refusal;
  }
  *host.mutable_facts() = report.facts;
  if (const auto refused = refused_hosts.Find(record.name, online, absl::Now())) {
    SetRefusal(*refused, *host.mutable_connection_refused());
  }
  if (record.revoked()) return host;
  const std::shared_ptr<PublishedRevision> revision = fleet.RevisionFor(record.name);
  host.set_wanted(revision->number());
  const auto wanted = revision->For(record.name, record.labels);
  if (!wanted.ok()) return host;
  if (HasInForce(**wanted, report.receipt)) host.set_revision(revision->number());
  host.set_rollout(RolloutState(**wanted, report.receipt, report.refusal));
  return host;
}

}  // namespace

std::string RolloutState(const Assignment& wanted, const v1::Receipt& receipt,
                         const v1::Refusal& refusal) {
  if (HasInForce(wanted, receipt)) return wanted.managed ? "applied" : "unmanaged";
  if (refusal.kind() != v1::Refusal::unspecified && refusal.revision() == wanted.revision) {
    return refusal.kind() == v1::Refusal::undone ? "undone" : "refused";
  }
  return "pending";
}

absl::Status NoSuchHost(const Registry& registry, absl::string_view name) {
  const std::set<std::string> names = registry.Names();
  return absl::NotFoundError(absl::StrCat("no host ", policy::Quoted(name), " has ever enrolled",
                                          policy::DidYouMean(name, {names.begin(), names.end()})));
}

void LeaveOutDetails(v1::Host& host) {
  host.clear_facts();
  if (host.has_receipt()) {
    for (v1::InterfaceState& state : *host.mutable_receipt()->mutable_interfaces()) {
      state.clear_evidence();
      state.clear_refusals();
    }
  }
  if (host.ByteSizeLong() <= kMaxListedBytes) return;
  if (host.has_receipt()) host.mutable_receipt()->clear_interfaces();
  if (host.has_refusal()) {
    host.mutable_refusal()->clear_reason();
    host.mutable_refusal()->clear_resource();
  }
}

absl::StatusOr<v1::ListHostsResponse> ListHosts(const Registry& registry, const Fleet& fleet,
                                                const RefusedHosts& refused_hosts,
                                                const v1::ListHostsRequest& request) {
  const std::shared_ptr<PublishedRevision> current = fleet.current();
  absl::string_view group = request.group();
  const bool one = absl::ConsumePrefix(&group, "host:");
  if (!one && !group.empty() && group != "all" &&
      current->configuration().FindGroup(group) == nullptr) {
    std::vector<std::string> names;
    for (const auto& [key, resource] : current->configuration().resources()) {
      if (resource->has_group()) names.push_back(resource->group().name());
    }
    return absl::NotFoundError(absl::StrCat("there is no group ", policy::Quoted(group),
                                            policy::DidYouMean(group, names)));
  }
  const auto is_wanted = [&](const StoredHost& host) {
    if (one) return host.record.name == group;
    if (group.empty()) return true;
    const auto groups = current->selector().GroupsOf(host.record.labels);
    return std::find(groups.begin(), groups.end(), group) != groups.end();
  };
  v1::ListHostsResponse response;
  Registry::Page page;
  do {
    page = registry.PageAfter(page.last, is_wanted);
    for (const StoredHost& stored : page.hosts) {
      v1::Host& host = *response.add_hosts();
      host = View(stored, fleet, refused_hosts, *current);
      LeaveOutDetails(host);
    }
  } while (!page.last.empty());
  response.set_stopped(fleet.StoppedReason());
  return response;
}

absl::StatusOr<v1::Host> GetHost(const Registry& registry, const Fleet& fleet,
                                 const RefusedHosts& refused_hosts,
                                 const v1::GetHostRequest& request) {
  const auto stored = registry.Find(request.name());
  if (!stored.has_value()) {
    // The name is unknown, but a host with a certificate for it was refused lately: it had enrolled
    // once.
    if (const auto refused = refused_hosts.Find(request.name(), false, absl::Now())) {
      return absl::NotFoundError(
          absl::StrCat(refused->reason, "; it was last refused from ", refused->address));
    }
    return NoSuchHost(registry, request.name());
  }
  v1::Host host = View(*stored, fleet, refused_hosts, *fleet.current());
  host.set_stopped(fleet.StoppedReason());
  return host;
}

}  // namespace firebreak::controller
