// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/gate_watch.h"

#include <netinet/in.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/time/timestamp.h"
#include "policy/difference/icmp_types.h"
#include "policy/evidence/seen_packets.h"
#include "policy/merge/merge.h"
#include "policy/resources/elsewhere.h"
#include "policy/resources/prefix.h"

namespace firebreak::controller {
namespace {

using policy::HostGates;

constexpr absl::Duration kFlowsTimeout = absl::Seconds(10);
// Hosts ahead that are measured at a time.
constexpr size_t kMeasuredAhead = 200;
constexpr absl::Duration kProbeEvery = absl::Seconds(3);
// A single packet may be lost; a probe that comes out wrong twice in a row is wrong.
constexpr int kWrongRounds = 2;
constexpr absl::Duration kProbeAgain = absl::Seconds(1);
constexpr absl::Duration kLogTime = absl::Milliseconds(50);
constexpr size_t kRecordsAtOnce = 4096;

std::string PacketText(const policy::Witness& packet) {
  return absl::StrCat(policy::ServiceText(packet),
                      packet.plane.way == policy::Way::kInbound ? " from " : " to ",
                      policy::RemoteText(packet));
}

}  // namespace

void GateWatch::Begin(const v1::RolloutGates& gates, std::shared_ptr<PublishedRevision> before,
                      std::shared_ptr<PublishedRevision> after) {
  End();
  gates_ = gates;
  before_ = std::move(before);
  after_ = std::move(after);
  if (gates_.has_drops_per_minute()) position_ = log_.End();
}

void GateWatch::End() {
  for (auto& [host, measured] : hosts_) {
    if (measured.flows != nullptr && measured.flows->question != nullptr) {
      measured.flows->question->Stop();
    }
  }
  hosts_.clear();
  judges_.clear();
  gates_.Clear();
  before_.reset();
  after_.reset();
  lacking_since_.reset();
  position_.reset();
}

void GateWatch::Retry() {
  lacking_since_.reset();
  for (auto& [host, measured] : hosts_) {
    if (measured.flows != nullptr && measured.flows->question != nullptr) {
      measured.flows->question->Stop();
    }
    measured.flows.reset();
    measured.before.reset();
    measured.said = HostGates::kHold;
    measured.said_since = now_;
  }
}

bool GateWatch::IsNeeded() const {
  return before_ != nullptr &&
         (gates_.has_drops_per_minute() || gates_.has_flows_cut() || !gates_.probes().empty());
}

void GateWatch::Tick(absl::Duration now, const policy::Rollout& rollout) {
  now_ = now;
  if (IsNeeded() && gates_.has_drops_per_minute()) ReadLog(rollout);
}

policy::RoadAhead GateWatch::Ahead(const policy::Rollout& rollout) {
  policy::RoadAhead ahead;
  if (!IsNeeded()) return ahead;
  const auto passed = [&](const std::string& host) {
    return std::find(rollout.failed.begin(), rollout.failed.end(), host) != rollout.failed.end();
  };
  const size_t end = std::min(rollout.line.size(), rollout.reached + kMeasuredAhead);
  std::optional<std::string> lacking;
  ahead.open = rollout.line.size();
  for (size_t i = rollout.reached; i < end; ++i) {
    const std::string& host = rollout.line[i];
    // Whoever passed over its failure knows what he does, and one that is off is reached when it
    // comes, and measured by what it does then.
    if (passed(host) || fleet_.Find(host) == nullptr) continue;
    Measured& measured = hosts_[host];
    std::string lacks;
    if (!IsMeasured(host, measured, lacks)) {
      if (!lacking.has_value()) {
        lacking = host;
        ahead.open = i;
        ahead.waits_for =
            absl::StrCat("host ", host, " has not been measured before the change: ", lacks);
      }
    } else if (std::string why = Against(measured); !why.empty()) {
      ahead.refused.emplace_back(host, std::move(why));
      ahead.open = std::min(ahead.open, i);
    }
  }
  ahead.open = std::min(ahead.open, end);
  if (!lacking.has_value()) {
    lacking_since_.reset();
  } else if (!lacking_since_.has_value() || lacking_host_ != *lacking) {
    lacking_since_ = now_;
    lacking_host_ = *lacking;
  }
  if (lacking_since_.has_value()) ahead.waits = now_ - *lacking_since_;
  return ahead;
}

bool GateWatch::IsMeasured(const std::string& host, Measured& measured, std::string& lacks) {
  if (gates_.has_flows_cut()) {
    if (measured.flows == nullptr) AskForFlows(host, measured);
    if (measured.flows == nullptr) {
      lacks = "it is not connected any more";
      return false;
    }
    const std::optional<absl::Status> result = measured.flows->question->Result();
    if (!result.has_value() || !result->ok()) {
      lacks = result.has_value() ? absl::StrCat("its flows: ", result->message())
                                 : "its flows are being asked for";
      if (result.has_value()) measured.flows.reset();  // asked again by the next step
      return false;
    }
  }
  if (!gates_.probes().empty()) {
    if (measured.before == nullptr) {
      measured.before = std::make_unique<ProbeRound>(
          ProbesAbout(host, gates_.probes(), after_->selector(), registry_, fleet_), fleet_);
    }
    const std::vector<ProbeRound::Outcome>* outcomes = measured.before->Outcomes();
    if (outcomes == nullptr) {
      lacks = "its probes are under way";
      return false;
    }
    for (const ProbeRound::Outcome& outcome : *outcomes) {
      if (outcome.answer.has_value()) continue;
      lacks = ProbeText(outcome);
      measured.before.reset();
      return false;
    }
  }
  return true;
}

std::string GateWatch::Against(Measured& measured) {
  if (!gates_.has_flows_cut() || measured.flows == nullptr) return "";
  absl::MutexLock lock(&measured.flows->mutex);
  if (measured.flows->cut <= gates_.flows_cut()) return "";
  return absl::StrCat(measured.flows->cut, measured.flows->cut == 1 ? " live flow" : " live flows",
                      " would not be admitted any more, such as ", measured.flows->example);
}

void GateWatch::AskForFlows(const std::string& host, Measured& measured) {
  const auto stored = registry_.Find(host);
  auto session = fleet_.Find(host);
  if (!stored.has_value() || session == nullptr) return;
  auto flows = std::make_shared<Flows>();
  flows->before = JudgeFor(*before_, *stored);
  flows->after = JudgeFor(*after_, *stored);
  v1::Question question;
  question.mutable_flows();
  const auto count = [weak = std::weak_ptr<Flows>(flows),
                      places = HostPlaces(*stored)](const v1::Answer& answer) {
    const std::shared_ptr<Flows> into = weak.lock();
    if (into == nullptr) return;
    absl::MutexLock lock(&into->mutex);
    for (const v1::HostFlow& flow : answer.flows().flows()) {
      const std::optional<policy::Witness> packet = policy::PacketOf(flow);
      if (!packet.has_value() || !policy::IsLive(flow)) continue;
      const HostPlaces::Place place = places.Of(flow.interface());
      if (!Passes(into->before->Judge(*packet, place.location, place.interface).outcome)) continue;
      const policy::Ruling& ruling = into->after->Judge(*packet, place.location, place.interface);
      if (Passes(ruling.outcome)) continue;
      if (into->cut++ == 0) {
        into->example = absl::StrCat(PacketText(*packet), ": ", CauseText(ruling.cause));
      }
    }
  };
  flows->question =
      HostQuestion::Ask(std::move(session), std::move(question), kFlowsTimeout, count);
  measured.flows = std::move(flows);
}

void GateWatch::ReadLog(const policy::Rollout& rollout) {
  if (!position_.has_value()) return;
  LogQuery query;
  query.actions = ActionBit(Action::kDrop);
  for (size_t i = 0; i < rollout.reached; ++i) query.hosts.insert(rollout.line[i]);
  const LogPosition end = log_.End();
  if (query.hosts.empty()) {
    position_ = end;
    return;
  }
  LogVisitor visitor;
  visitor.on_block = [this](const StoredBlock& block) {
    for (const uint32_t index : block.chosen) {
      TakeDrop(block.host, block.batch.records[index], block.batch.texts);
    }
  };
  visitor.on_gap = [](const LogGap&) {};
  const absl::Time until = absl::Now() + kLogTime;
  while (absl::Now() < until) {
    const absl::StatusOr<bool> more = log_.Read(query, *position_, end, kRecordsAtOnce, visitor);
    if (!more.ok() || !*more) break;
  }
}

void GateWatch::TakeDrop(const std::string& host, const Record& record,
                         const InternedStrings& texts) {
  const auto found = hosts_.find(host);
  if (found == hosts_.end() || !found->second.applied.has_value()) return;
  const auto stored = registry_.Find(host);
  if (!stored.has_value()) return;
  // By the host's own clock on both sides.
  const absl::Time applied = FromTimestamp(stored->report.receipt.applied_at());
  if (absl::FromUnixMicros(record.time_micros) < applied) return;
  const HostPlaces places(*stored);
  const std::optional<policy::Witness> packet = policy::PacketOf(record, places.own);
  if (!packet.has_value()) return;
  const HostPlaces::Place place = places.Of(texts[record.interface]);
  const std::string location = record.location == 0 ? place.location : texts[record.location];
  policy::PolicyJudge& before = SharedJudge(*before_, *stored);
  if (!Passes(before.Judge(*packet, location, place.interface).outcome)) return;
  policy::PolicyJudge& after = SharedJudge(*after_, *stored);
  const policy::Ruling& ruling = after.Judge(*packet, location, place.interface);
  if (Passes(ruling.outcome)) return;  // it is dropped for another reason than the policy
  Measured& measured = found->second;
  if (measured.drops++ == 0) {
    measured.drop_example = absl::StrCat(PacketText(*packet), ": ", CauseText(ruling.cause));
  }
}

std::string GateWatch::NoDropData(const std::string& host) {
  const auto stored = registry_.Find(host);
  if (!stored.has_value()) return "it is not known any more";
  if (!stored->report.facts.log_problem().empty()) {
    return absl::StrCat("its log is not written: ", stored->report.facts.log_problem());
  }
  const HostPlaces places(*stored);
  for (const v1::EffectiveLocation& location : SharedJudge(*after_, *stored).policy().locations()) {
    const bool is_there = places.locations.empty() ? location.name() == policy::kElsewhere
                                                   : places.locations.contains(location.name());
    if (is_there && location.host().logging().dropped()) return "";
  }
  return "its policy does not log what it drops (logging: {dropped: true})";
}

void GateWatch::FollowProbes(const std::string& host, Measured& measured) {
  if (measured.after == nullptr) {
    if (now_ < measured.next_round) return;
    measured.after = std::make_unique<ProbeRound>(
        ProbesAbout(host, gates_.probes(), after_->selector(), registry_, fleet_), fleet_);
  }
  const std::vector<ProbeRound::Outcome>* outcomes = measured.after->Outcomes();
  if (outcomes == nullptr) return;
  HostGates found = HostGates::kHold;
  std::string detail;
  for (const ProbeRound::Outcome& outcome : *outcomes) {
    if (outcome.AsExpected()) continue;
    const HostGates says = outcome.answer.has_value() ? HostGates::kFailed : HostGates::kNoData;
    if (found != HostGates::kHold && says != HostGates::kFailed) continue;
    if (found == HostGates::kFailed) continue;
    found = says;
    detail = ProbeText(outcome);
    if (says != HostGates::kFailed) continue;
    absl::StrAppend(&detail, CauseOf(host, outcome.run));
    const auto* before = measured.before == nullptr ? nullptr : measured.before->Outcomes();
    if (before == nullptr) continue;
    for (const ProbeRound::Outcome& old_one : *before) {
      if (!(old_one.run == outcome.run)) continue;
      absl::StrAppend(&detail, old_one.AsExpected() ? "; it came out right before the change"
                                                    : "; it did so before the change too");
    }
  }
  measured.after.reset();
  measured.wrong_rounds = found == HostGates::kFailed ? measured.wrong_rounds + 1 : 0;
  const bool sure = found != HostGates::kFailed || measured.wrong_rounds >= kWrongRounds;
  measured.next_round = now_ + (sure ? kProbeEvery : kProbeAgain);
  if (!sure) return;
  measured.probes = found;
  measured.probes_detail = std::move(detail);
}

std::string GateWatch::CauseOf(const std::string& host, const ProbeRun& run) {
  const auto stored = registry_.Find(host);
  if (!stored.has_value()) return "";
  const auto address = policy::ParsePrefix(run.address);
  if (!address.ok()) return "";
  policy::Witness packet;
  const bool outward = run.from == host;
  packet.plane = {outward ? policy::Way::kOutbound : policy::Way::kInbound,
                  address->address.size()};
  const bool icmp = run.probe.protocol() == "icmp";
  packet.protocol = icmp                            ? policy::IcmpProtocol(address->address.size())
                    : run.probe.protocol() == "tcp" ? uint8_t{IPPROTO_TCP}
                                                    : uint8_t{IPPROTO_UDP};
  constexpr uint16_t kEcho4 = 8 << 8, kEcho6 = 128 << 8;
  packet.port = !icmp                             ? static_cast<uint16_t>(run.probe.port())
                : packet.plane.address_bytes == 4 ? kEcho4
                                                  : kEcho6;
  packet.source_port = icmp ? 0 : 40000;  // any client's
  if (outward) {
    packet.remote = address->address;
  } else {
    const auto source = registry_.Find(run.from);
    if (!source.has_value()) return "";
    for (const std::string& text : HostPlaces(*source).reachable) {
      const auto parsed = policy::ParsePrefix(text);
      if (parsed.ok() && parsed->address.size() == packet.plane.address_bytes) {
        packet.remote = parsed->address;
      }
    }
    if (packet.remote.empty()) return "";
  }
  // By the interface with the address; of what goes out, any that is up.
  std::string interface;
  for (const v1::Interface& one : stored->report.facts.interfaces()) {
    if (!one.up() || one.type() == "loopback") continue;
    const bool has_it =
        std::any_of(one.addresses().begin(), one.addresses().end(),
                    [&](const std::string& text) { return text.rfind(run.address + "/", 0) == 0; });
    if (outward || has_it) interface = one.name();
  }
  const HostPlaces::Place place = HostPlaces(*stored).Of(interface);
  const policy::Ruling& ruling =
      SharedJudge(*after_, *stored).Judge(packet, place.location, place.interface);
  return absl::StrCat(": ", CauseText(ruling.cause));
}

void GateWatch::Look(const std::string& host, policy::HostObservation& observation) {
  if (!IsNeeded() || observation.progress != policy::HostProgress::kApplied) return;
  Measured& measured = hosts_[host];
  if (!measured.applied.has_value()) measured.applied = now_;
  HostGates gates = HostGates::kHold;
  std::string detail;
  if (!gates_.probes().empty()) {
    FollowProbes(host, measured);
    gates = measured.probes;
    detail = measured.probes_detail;
  }
  if (gates != HostGates::kFailed && gates_.has_drops_per_minute()) {
    const auto minutes = std::max<int64_t>(1, absl::ToInt64Minutes(now_ - *measured.applied) + 1);
    if (measured.drops >
        static_cast<uint64_t>(gates_.drops_per_minute()) * static_cast<uint64_t>(minutes)) {
      gates = HostGates::kFailed;
      detail = absl::StrCat("it drops what was admitted before: ", measured.drops,
                            measured.drops == 1 ? " packet" : " packets", " in ", minutes,
                            " min, such as ", measured.drop_example);
    } else if (gates == HostGates::kHold) {
      detail = NoDropData(host);
      if (!detail.empty()) gates = HostGates::kNoData;
    }
  }
  if (gates != measured.said) {
    measured.said = gates;
    measured.said_since = now_;
  }
  observation.gates = gates;
  observation.gates_since = now_ - measured.said_since;
  observation.gates_detail = std::move(detail);
}

std::unique_ptr<policy::PolicyJudge> GateWatch::JudgeFor(PublishedRevision& revision,
                                                         const StoredHost& host) const {
  // That it can be enforced was checked when the revision was made.
  return std::make_unique<policy::PolicyJudge>(policy::Merge(
      revision.configuration(), revision.selector().Select(host.record.name, host.record.labels)));
}

policy::PolicyJudge& GateWatch::SharedJudge(PublishedRevision& revision, const StoredHost& host) {
  const auto selection = revision.selector().Select(host.record.name, host.record.labels);
  std::unique_ptr<policy::PolicyJudge>& judge =
      judges_[{revision.number(), policy::Selector::KeyOf(selection)}];
  if (judge == nullptr) judge = JudgeFor(revision, host);
  return *judge;
}

}  // namespace firebreak::controller
