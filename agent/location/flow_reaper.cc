// SPDX-License-Identifier: Apache-2.0
#include "agent/location/flow_reaper.h"

#include <sys/socket.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/kernel/nftables/nftables.h"
#include "agent/location/first_packet.h"
#include "agent/trace/read_host_state.h"
#include "base/address/address.h"
#include "base/log/log.h"
#include "base/status/status.h"
#include "policy/trace/anybody.h"
#include "policy/trace/trace.h"

namespace firebreak::agent {
namespace {

// Judges flows by the current rules and state of the host.
class Judge {
 public:
  Judge(const ruleset::Ruleset& rules, const policy::HostState& host,
        const std::map<uint32_t, std::set<std::string>>& addresses)
      : rules_(rules), host_(host), addresses_(addresses) {}

  bool MustEnd(const Flow& flow) const {
    // If one end of the flow is an address of an interface that moved, its packets come in or go
    // out there.
    if (const auto moved = MovedWith(flow.original.destination)) {
      // No other host can have had the address, so if this host no longer has it, nothing answers
      // there.
      return !policy::IsLocal(host_, flow.original.destination) ||
             !Admits(flow, moved, std::nullopt);
    }
    if (const auto moved = MovedWith(flow.original.source)) {
      return !policy::IsLocal(host_, flow.original.source) || !Admits(flow, std::nullopt, moved);
    }
    if (policy::IsLocal(host_, flow.original.source) ||
        policy::IsLocal(host_, flow.original.destination)) {
      return false;
    }
    const std::optional<uint32_t> in = host_.route(flow.original.source, 0);
    const std::optional<uint32_t> out = host_.route(flow.reply.source, 0);
    const bool touched = (in.has_value() && addresses_.contains(*in)) ||
                         (out.has_value() && addresses_.contains(*out));
    return touched && (!in.has_value() || !Admits(flow, in, std::nullopt));
  }

 private:
  std::optional<uint32_t> MovedWith(const std::string& address) const {
    for (const auto& [index, addresses] : addresses_) {
      if (addresses.contains(address)) return index;
    }
    return std::nullopt;
  }

  bool Admits(const Flow& flow, std::optional<uint32_t> in, std::optional<uint32_t> out) const {
    policy::Packet packet = FirstPacket(flow);
    const policy::HostState::Interface* device = host_.Find(in.has_value() ? *in : *out);
    if (device == nullptr) return false;
    (in.has_value() ? packet.in : packet.out) = device->device;
    return policy::TraceOfAnybody(rules_, host_, packet).verdict != policy::Trace::Verdict::kDrop;
  }

  const ruleset::Ruleset& rules_;
  const policy::HostState& host_;
  const std::map<uint32_t, std::set<std::string>>& addresses_;
};

}  // namespace

FlowReaper::~FlowReaper() {
  loop_.Cancel(retry_);
  if (thread_.joinable()) thread_.join();
}

void FlowReaper::Moved(Move move) {
  Wait(std::move(move));
  if (!thread_.joinable()) Begin();
}

void FlowReaper::Wait(Move move) {
  std::erase(waiting_, move);
  if (waiting_.size() >= kMaxWaiting) waiting_.erase(waiting_.begin());
  waiting_.push_back(std::move(move));
}

void FlowReaper::Begin() {
  loop_.Cancel(std::exchange(retry_, 0));
  thread_ = std::thread([this, moves = std::exchange(waiting_, {})] {
    const absl::StatusOr<size_t> ended = reap_(moves);
    if (!ended.ok()) {
      LogError(
          absl::StrCat("end the flows that a location does not admit: ", ended.status().message()));
    } else if (*ended > 0) {
      LogInfo(
          absl::StrCat(*ended, " flows were ended because the new location does not admit them"));
    }
    loop_.Post([this, done = ended.ok(), moves] {
      thread_.join();
      Ended(done, moves);
    });
  });
}

void FlowReaper::Ended(bool done, std::vector<Move> moves) {
  if (done) {
    backoff_.Reset();
    if (!waiting_.empty()) Begin();
    return;
  }
  // Moves that came meanwhile are queued behind the failed ones.
  for (Move& later : std::exchange(waiting_, std::move(moves))) Wait(std::move(later));
  const absl::Duration pause = backoff_.Next(random_);
  retry_ = loop_.RunAfter(absl::ToChronoNanoseconds(pause), [this] { Begin(); });
}

absl::StatusOr<size_t> FlowReaper::EndFlows(const std::vector<Move>& moves) {
  ASSIGN_OR_RETURN(Nftables nftables, Nftables::Open());
  ASSIGN_OR_RETURN(HostSockets sockets, HostSockets::Open());
  ASSIGN_OR_RETURN(const Nftables::State rules, nftables.Read());
  ASSIGN_OR_RETURN(policy::HostState host, ReadHostState(sockets));
  // Clears the host's flows, so that each flow is judged as if it began now.
  host.flow = [](const policy::Tuple&) { return std::nullopt; };
  host.checks_checksums = false;

  std::map<uint32_t, std::set<std::string>> addresses;
  for (const Move& move : moves) {
    std::set<std::string>& all = addresses[move.interface_index];
    for (const std::string& address : move.addresses) all.insert(AddressOfPrefix(address));
    if (const auto* interface = host.Find(move.interface_index)) {
      all.insert(interface->addresses.begin(), interface->addresses.end());
    }
  }
  const Judge judge(rules.ruleset, host, addresses);
  std::vector<Flow> flows;
  absl::Status status =
      sockets.conntrack.Dump({}, [&](const Flow& flow) { flows.push_back(flow); });
  if (!status.ok()) return status;
  size_t ended = 0;
  for (const Flow& flow : flows) {
    if (!judge.MustEnd(flow)) continue;
    if (const absl::Status deleted = sockets.conntrack.Delete(flow); deleted.ok()) {
      ++ended;
    } else if (!absl::IsNotFound(deleted)) {
      status = deleted;
    }
  }
  if (!status.ok()) return status;
  return ended;
}

}  // namespace firebreak::agent
