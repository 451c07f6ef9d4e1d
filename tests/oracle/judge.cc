// SPDX-License-Identifier: Apache-2.0
#include "tests/oracle/judge.h"

// glibc's headers before the kernel's, which then leave out what both define.
#include <netinet/in.h>

#include <linux/if_arp.h>
#include <linux/if_packet.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_conntrack_tcp.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "agent/kernel/control_groups/units.h"
#include "policy/compile/check_interfaces.h"
#include "policy/merge/check_effective.h"
#include "policy/merge/merge.h"
#include "policy/merge/select.h"
#include "policy/resources/plan.h"
#include "policy/resources/write.h"
#include "tests/oracle/random_policies.h"

namespace firebreak::oracle {
namespace {

constexpr char kHost[] = "subject";
constexpr uint32_t kPortIndex = 999;  // of a container's cable, which is not there

agent::Nftables OpenNftables() {
  absl::StatusOr<agent::Nftables> nftables = agent::Nftables::Open();
  if (nftables.ok()) return *std::move(nftables);
  std::cerr << nftables.status().message() << "\n";
  exit(2);
}

std::string StateName(uint32_t state) {
  if (state == NF_CT_STATE_BIT(IP_CT_NEW)) return "new";
  if (state == NF_CT_STATE_BIT(IP_CT_ESTABLISHED)) return "established";
  if (state == NF_CT_STATE_BIT(IP_CT_RELATED)) return "related";
  if (state == NF_CT_STATE_INVALID_BIT) return "invalid";
  return state == NF_CT_STATE_UNTRACKED_BIT ? "untracked" : "";
}

std::string Compare(const policy::Trace& trace, const Observation& seen) {
  const bool accepted = trace.verdict == policy::Trace::Verdict::kAccept;
  if (accepted != seen.arrived) {
    return absl::StrCat("the trace says ", accepted ? "accept" : "drop", ", the kernel ",
                        seen.arrived ? "lets it pass" : "does not let it pass");
  }
  // The kernel tells a state only of what comes as far as the observer.
  const std::string state = StateName(trace.tracking.state);
  if (!seen.state.empty() && !state.empty() && state != seen.state) {
    return absl::StrCat("the trace takes its state for ", state, ", the kernel for ", seen.state);
  }
  if (!accepted) return "";
  const policy::Packet packet = policy::ParsePacket(seen.datagram);
  const auto ports = [](const policy::Packet& which) { return which.transport.substr(2, 2); };
  if (policy::SourceOf(packet) != policy::SourceOf(trace.packet)) return "another source";
  if (policy::DestinationOf(packet) != policy::DestinationOf(trace.packet)) {
    return "another destination";
  }
  if (policy::TracksPorts(packet.protocol) && packet.transport.size() >= 4 &&
      ports(packet) != ports(trace.packet)) {
    return "another destination port";
  }
  return "";
}

// The control groups of this process, from the root's on; empty: this machine has none.
std::vector<uint64_t> FindOwnControlGroups() {
  const auto root = agent::FindControlGroups();
  if (!root.has_value()) return {};
  std::string path;
  std::ifstream lines("/proc/self/cgroup");
  for (std::string line; std::getline(lines, line);) {
    if (absl::StartsWith(line, "0::")) path = line.substr(3);
  }
  std::vector<uint64_t> numbers;
  std::string place = *root;
  const auto add = [&] {
    struct stat status;
    if (stat(place.c_str(), &status) == 0) numbers.push_back(status.st_ino);
  };
  add();
  for (const absl::string_view part : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    absl::StrAppend(&place, "/", part);
    add();
  }
  return numbers;
}

const std::vector<uint64_t>& OwnControlGroups() {
  static const auto& numbers = *new std::vector<uint64_t>(FindOwnControlGroups());
  return numbers;
}

// Returns what an agent would find if this process were a unit of systemd.
policy::Senders SendersFor(const std::vector<uint64_t>& own) {
  policy::Senders senders;
  if (own.empty()) return senders;
  const auto level = static_cast<uint32_t>(own.size() - 1);
  senders.units[kOwnUnit] = {{level, own.back()}};
  constexpr uint64_t kNobody = uint64_t{1} << 50;
  senders.units[kOtherUnit] = {{level, kNobody}, {level + 1, kNobody + 1}};
  return senders;
}

}  // namespace

Judge::Judge(World& world) : world_(world), enforcer_(OpenNftables()), sets_(OpenNftables()) {}

bool Judge::Enforce(const Setting& setting, std::string& why) {
  std::vector<const google::protobuf::Message*> messages;
  for (const v1::Resource& resource : setting.resources) messages.push_back(&resource);
  const policy::SourceFile file = {"random.yaml", policy::ToYaml(messages)};
  const policy::Plan plan = policy::PlanApply({}, {&file, 1}, {kHost});
  if (!plan.ok()) {
    why = plan.problems[0].reason;
    return false;
  }
  const policy::Selector selector(plan.next);
  const auto selection = selector.Select(kHost, {});
  const v1::EffectivePolicy effective = policy::Merge(plan.next, selection);
  if (absl::Status status = policy::CheckEffective(effective); !status.ok()) {
    why = std::string(status.message());
    return false;
  }
  std::vector<policy::Interface> interfaces;
  for (const World::Interface& interface : world_.interfaces()) {
    interfaces.push_back(
        {.name = interface.name, .type = interface.type, .index = interface.index});
  }
  interfaces.back().type = setting.inner_type;
  if (setting.inner_type == "bridge") {
    interfaces.push_back({.name = "veth9",
                          .type = "container",
                          .index = kPortIndex,
                          .is_port = true,
                          .master = interfaces.back().index});
  }
  if (auto fault = policy::CheckInterfaces(effective, interfaces)) {
    why = fault->reason;
    return false;
  }
  const bool all_at_corp = setting.at_corp.size() == world_.interfaces().size();
  absl::StatusOr<ruleset::Ruleset> compiled =
      policy::Compile(effective, interfaces,
                      {.host_location = all_at_corp ? "corp" : "elsewhere",
                       .senders = SendersFor(OwnControlGroups()),
                       .attacked = setting.attacked});
  if (!compiled.ok()) {
    std::cerr << compiled.status().message() << "\n";
    exit(2);
  }
  ruleset_ = *std::move(compiled);
  // What the rules need the kernel to forward for, it forwards in the end.
  world_.SetForwarding(false);
  world_.SetForeignTables(NftText(setting.foreign, kGuests));
  if (auto outcome = enforcer_.Enforce(ruleset_); !outcome.ok()) {
    why = absl::StrCat("the kernel refuses it: ", outcome.status().message());
    return false;
  }
  if (setting.router) world_.SetForwarding(true);
  if (absl::Status status = enforcer_.EmptyStateSets(); !status.ok()) {
    why = std::string(status.message());
    return false;
  }
  if (ruleset_.inet.has_value()) {
    // What the packets of an earlier policy have put there stays if the set does.
    for (const auto& [name, updated] : ruleset_.inet->sets) {
      if (!updated.updated) continue;
      if (absl::Status status = sets_.Flush({ruleset::kInet, name}); !status.ok()) {
        why = std::string(status.message());
        return false;
      }
    }
  }
  const std::string set = policy::LocationSetName("corp");
  for (size_t i : setting.at_corp) {
    const uint32_t index = world_.interfaces()[i].index;
    const ruleset::Bytes key(reinterpret_cast<const char*>(&index), sizeof index);
    const absl::Status status = enforcer_.PutElement(set, key, std::chrono::hours(1));
    if (!status.ok() && !absl::IsNotFound(status)) {
      why = std::string(status.message());
      return false;
    }
    for (std::optional<ruleset::Table>* table : {&ruleset_.inet, &ruleset_.netdev}) {
      if (!table->has_value() || !(*table)->sets.contains(set)) continue;
      std::vector<ruleset::Element>& elements = (*table)->sets.at(set).elements;
      elements.emplace_back(key);
      std::sort(elements.begin(), elements.end());
    }
  }
  world_.ForgetFlows();
  state_ = world_.State();
  state_.others = ChainsOf(setting.foreign, kGuests, state_);
  return true;
}

bool Judge::CanTell(const Probe& probe) const {
  const policy::Packet packet = policy::ParsePacket(probe.datagram);
  if (packet.protocol != IPPROTO_TCP) return true;
  const std::optional<policy::Tuple> tuple = policy::TupleOf(packet);
  const std::optional<policy::Flow> flow = tuple.has_value() ? state_.flow(*tuple) : std::nullopt;
  return !flow.has_value() || flow->tcp_state != TCP_CONNTRACK_CLOSE;
}

std::optional<policy::Packet::Device> Judge::RouteOf(const policy::Packet& packet) const {
  const ruleset::Bytes destination = policy::DestinationOf(packet);
  const bool local = policy::IsLocal(state_, destination);
  const std::optional<uint32_t> out = local ? std::nullopt : state_.route(destination, 0);
  for (const policy::HostState::Interface& interface : state_.interfaces) {
    const bool fits =
        local ? interface.device.type == ARPHRD_LOOPBACK : interface.device.index == out;
    if (fits) return interface.device;
  }
  return std::nullopt;
}

Judgement Judge::Ask(const Probe& probe) {
  policy::Packet packet = policy::ParsePacket(probe.datagram);
  const World::Interface& interface = world_.interfaces()[static_cast<size_t>(probe.interface)];
  const policy::Packet::Device device = {
      .index = interface.index, .name = interface.name, .type = ARPHRD_ETHER};
  if (probe.bound) {
    (probe.way == Probe::Way::kIn ? packet.in : packet.out) = device;
    packet.bound_to = probe.way == Probe::Way::kRaw ? interface.index : 0;
  } else {
    packet.out = RouteOf(packet);
    if (!packet.out.has_value()) return {};
  }
  packet.routed = probe.way != Probe::Way::kPacket;
  // The sockets are root's.
  if (probe.way != Probe::Way::kIn) {
    packet.user = packet.user_group = 0;
    packet.control_groups = OwnControlGroups();
  }
  if (probe.broadcast) packet.addressed_to = PACKET_BROADCAST;
  Judgement judgement = {.trace = policy::TracePacket(ruleset_, state_, std::move(packet))};
  // What goes to the host itself comes in again, and is nobody's to see.
  const policy::Trace& trace = judgement.trace;
  const bool stays = trace.verdict == policy::Trace::Verdict::kAccept &&
                     trace.packet.out.has_value() && trace.packet.out->type == ARPHRD_LOOPBACK;
  if (stays) return judgement;
  judgement.seen = world_.Send(probe);
  if (!judgement.seen.has_value()) return judgement;
  judgement.disagreement = Compare(judgement.trace, *judgement.seen);
  // The kernel keeps them for longer than a policy is looked at.
  for (const policy::Decision::Update& update : judgement.trace.updates) {
    std::vector<ruleset::Element>& elements = ruleset_.inet->sets.at(update.set).elements;
    ruleset::Element element(update.key);
    const auto at = std::lower_bound(elements.begin(), elements.end(), element);
    if (at == elements.end() || at->key() != update.key) elements.insert(at, std::move(element));
  }
  return judgement;
}

}  // namespace firebreak::oracle
