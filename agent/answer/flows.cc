// SPDX-License-Identifier: Apache-2.0
#include "agent/answer/flows.h"

#include <linux/netfilter/nf_conntrack_common.h>
#include <netinet/in.h>

#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/kernel/conntrack/conntrack.h"
#include "base/address/address.h"
#include "base/status/status.h"
#include "policy/resources/protocols.h"

namespace firebreak::agent {
namespace {

// The first part is small and goes out early, so that the asker soon sees something; later parts
// are larger.
constexpr int kFirstPartFlows = 50;
constexpr int kPartFlows = 400;

bool IsLoopback(absl::string_view address) {
  if (address.size() == 4) return address[0] == 127;
  return address == std::string(15, '\0') + '\x01';
}

}  // namespace

const char* FlowState(const Flow& flow) {
  // The names of enum tcp_conntrack (nf_conntrack_tcp.h), which the kernel prints in capitals.
  static constexpr const char* kTcp[] = {"none",     "syn_sent",   "syn_recv", "established",
                                         "fin_wait", "close_wait", "last_ack", "time_wait",
                                         "close",    "syn_sent2"};
  if (flow.tcp_state.has_value() && *flow.tcp_state < std::size(kTcp)) {
    return kTcp[*flow.tcp_state];
  }
  if ((flow.status & IPS_ASSURED) != 0) return "assured";
  return (flow.status & IPS_SEEN_REPLY) != 0 ? "replied" : "unreplied";
}

FlowFilter::FlowFilter(const v1::FlowsQuestion& question, const Snapshot& host)
    : question_(question) {
  for (const Link& link : host.links) {
    for (const std::string& address : link.addresses) {
      interfaces_.emplace(AddressOfPrefix(address), link.name);
    }
  }
}

absl::StatusOr<FlowFilter> FlowFilter::Make(const v1::FlowsQuestion& question,
                                            const Snapshot& host) {
  FlowFilter filter(question, host);
  if (!question.address().empty()) {
    ASSIGN_OR_RETURN(auto prefix, policy::ParsePrefix(question.address()));
    filter.address_ = std::move(prefix);
  }
  const std::string& name = question.interface();
  const bool known =
      name.empty() || std::any_of(host.links.begin(), host.links.end(),
                                  [&](const Link& link) { return link.name == name; });
  if (!known) return absl::InvalidArgumentError(absl::StrCat("there is no interface ", name));
  return filter;
}

bool FlowFilter::Wants(const Flow& flow) const {
  if (question_.protocol() != 0 && flow.protocol != question_.protocol()) return false;
  if (question_.port() != 0 && flow.original.source_port != question_.port() &&
      flow.original.destination_port != question_.port() &&
      flow.reply.source_port != question_.port() &&
      flow.reply.destination_port != question_.port()) {
    return false;
  }
  if (address_.has_value() && !policy::Contains(*address_, flow.original.source) &&
      !policy::Contains(*address_, flow.original.destination) &&
      !policy::Contains(*address_, flow.reply.source) &&
      !policy::Contains(*address_, flow.reply.destination)) {
    return false;
  }
  return question_.state().empty() || question_.state() == FlowState(flow);
}

void FlowFilter::Place(const Flow& flow, v1::HostFlow& described) const {
  const auto source = interfaces_.find(flow.original.source);
  // The source of the flow's replies is where the flow really went, also after address translation.
  const auto destination = interfaces_.find(flow.reply.source);
  const bool from_here = source != interfaces_.end() || IsLoopback(flow.original.source);
  const bool to_here = destination != interfaces_.end() || IsLoopback(flow.reply.source);
  described.set_direction(from_here ? (to_here ? "local" : "out") : (to_here ? "in" : "forwarded"));
  if (from_here && source != interfaces_.end()) {
    described.set_interface(source->second);
  } else if (to_here && destination != interfaces_.end()) {
    described.set_interface(destination->second);
  } else if (const auto translated = interfaces_.find(flow.reply.destination);
             translated != interfaces_.end()) {
    described.set_interface(translated->second);
  }
}

std::optional<v1::HostFlow> FlowFilter::Describe(const Flow& flow) const {
  if (!Wants(flow)) return std::nullopt;
  v1::HostFlow described;
  Place(flow, described);
  if (!question_.interface().empty() && described.interface() != question_.interface()) {
    return std::nullopt;
  }
  described.set_protocol(flow.protocol == IPPROTO_ICMP     ? "icmp"
                         : flow.protocol == IPPROTO_ICMPV6 ? "icmpv6"
                                                           : policy::ProtocolText(flow.protocol));
  described.set_source(AddressText(flow.original.source));
  described.set_destination(AddressText(flow.original.destination));
  described.set_source_port(flow.original.source_port);
  described.set_destination_port(flow.original.destination_port);
  if (flow.reply.source != flow.original.destination ||
      flow.reply.source_port != flow.original.destination_port) {
    described.set_reply_source(AddressText(flow.reply.source));
    described.set_reply_source_port(flow.reply.source_port);
  }
  if (flow.reply.destination != flow.original.source ||
      flow.reply.destination_port != flow.original.source_port) {
    described.set_reply_destination(AddressText(flow.reply.destination));
    described.set_reply_destination_port(flow.reply.destination_port);
  }
  described.set_state(FlowState(flow));
  described.set_timeout_seconds(flow.timeout_seconds);
  described.set_packets(flow.original_packets + flow.reply_packets);
  described.set_bytes(flow.original_bytes + flow.reply_bytes);
  described.set_icmp_type(flow.original.icmp_type);
  described.set_icmp_code(flow.original.icmp_code);
  described.set_icmp_id(flow.original.icmp_id);
  return described;
}

absl::StatusOr<v1::Answer> ProduceFlows(const v1::FlowsQuestion& question, const Snapshot& host,
                                        const BackgroundAnswers::Emit& emit) {
  ASSIGN_OR_RETURN(const FlowFilter filter, FlowFilter::Make(question, host));
  ASSIGN_OR_RETURN(Conntrack conntrack, Conntrack::Open());
  v1::Answer part;
  int room = kFirstPartFlows;
  uint64_t seen = 0;
  uint64_t found = 0;
  bool stopped = false;
  const absl::Status dumped = conntrack.Dump({}, [&](const Flow& flow) {
    ++seen;
    // The kernel sends the rest of the table all the same; the rest is ignored.
    if (stopped || (question.limit() != 0 && found >= question.limit())) return;
    std::optional<v1::HostFlow> described = filter.Describe(flow);
    if (!described.has_value()) return;
    ++found;
    *part.mutable_flows()->add_flows() = *std::move(described);
    if (part.flows().flows_size() < room) return;
    stopped = !emit(std::exchange(part, {}));
    room = kPartFlows;
  });
  if (stopped) return absl::CancelledError("nobody listens any more");
  if (!dumped.ok()) return dumped;
  part.mutable_flows()->set_seen(seen);
  return part;
}

}  // namespace firebreak::agent
