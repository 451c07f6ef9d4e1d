// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/gate_watch.h"

#include <netinet/in.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/time/timestamp.h"
#include "policy/evidence/seen_packets.h"
#include "policy/merge/icmp_option_types.h"
#include "policy/merge/merge.h"
#include "policy/resources/elsewhere.h"
#include "policy/resources/prefix.h"

namespace firebreak::controller {
namespace {

using policy::HostGates;

// The number of hosts not yet reached that are measured at a time.
constexpr size_t kMeasuredAhead = 200;
constexpr absl::Duration kProbeEvery = absl::Seconds(3);
// A single packet may be lost, so a probe counts as failed only after failing this often in a row.
constexpr int kWrongRounds = 2;
constexpr absl::Duration kProbeAgain = absl::Seconds(1);
constexpr absl::Duration kLogTime = absl::Milliseconds(50);
constexpr size_t kRecordsAtOnce = 4096;

// The number of drop reasons for which each host keeps an example.
constexpr size_t kMaxExamples = 64;

}  // namespace

void GateWatch::Begin(const v1::StagedRollout& record, std::shared_ptr<PublishedRevision> before,
                      std::shared_ptr<PublishedRevision> after) {
  End();
  gates_ = record.strategy().gates();
  drops_.Begin(record);
  before_ = std::move(before);
  after_ = std::move(after);
  if (gates_.has_drops_per_minute() || drops_.IsNeeded()) position_ = log_.End();
}

void GateWatch::End() {
  for (auto& [host, measured] : hosts_) {
    if (measured.flows != nullptr) measured.flows->Stop();
  }
  hosts_.clear();
  judges_.clear();
  drops_.End();
  gates_.Clear();
  before_.reset();
  after_.reset();
  lacking_since_.reset();
  position_.reset();
}

void GateWatch::Retry() {
  lacking_since_.reset();
  drops_.Retry();
  for (auto& [host, measured] : hosts_) {
    if (measured.flows != nullptr) measured.flows->Stop();
    measured.flows.reset();
    measured.before.reset();
    measured.said = HostGates::kHold;
    measured.said_since = now_;
  }
}

bool GateWatch::IsNeeded() const {
  return before_ != nullptr && (gates_.has_drops_per_minute() || gates_.has_flows_cut() ||
                                drops_.IsNeeded() || !gates_.probes().empty());
}

void GateWatch::Tick(absl::Duration now, const policy::Rollout& rollout) {
  now_ = now;
  if (!IsNeeded()) return;
  ReadLog(rollout);
  drops_.Tick(now, rollout);
}

policy::RoadAhead GateWatch::Ahead(const policy::Rollout& rollout) {
  policy::RoadAhead ahead;
  if (!IsNeeded()) return ahead;
  const auto passed = [&](const std::string& host) {
    return std::find(rollout.failed.begin(), rollout.failed.end(), host) != rollout.failed.end();
  };
  const size_t end = std::min(rollout.line.size(), rollout.reached + kMeasuredAhead);
  std::optional<std::string> lacking;
  bool counting = false;
  ahead.open = rollout.line.size();
  for (size_t i = rollout.reached; i < end; ++i) {
    const std::string& host = rollout.line[i];
    // A person who has passed over a failed host knows what is missing. A host that is off is
    // reached when it connects, and is then judged by its probes and drops only.
    if (passed(host) || fleet_.Find(host) == nullptr) continue;
    Measured& measured = hosts_[host];
    if (const std::optional<Lack> lack = Lacking(host, measured); lack.has_value()) {
      if (!lacking.has_value()) {
        lacking = host;
        counting = lack->counting;
        ahead.open = std::min(ahead.open, i);
        ahead.waits_for =
            absl::StrCat("host ", host, " has not been measured before the change: ", lack->why);
      }
    } else if (std::string why = Against(measured); !why.empty()) {
      ahead.refused.emplace_back(host, std::move(why));
      ahead.open = std::min(ahead.open, i);
    }
  }
  ahead.open = std::min(ahead.open, end);
  if (!lacking.has_value() || counting) {
    lacking_since_.reset();
  } else if (!lacking_since_.has_value() || lacking_host_ != *lacking) {
    lacking_since_ = now_;
    lacking_host_ = *lacking;
  }
  if (lacking_since_.has_value()) ahead.waits = now_ - *lacking_since_;
  return ahead;
}

std::optional<GateWatch::Lack> GateWatch::Lacking(const std::string& host, Measured& measured) {
  if (drops_.IsNeeded()) {
    if (std::optional<Lack> lack = drops_.Before(host); lack.has_value()) return lack;
  }
  if (gates_.has_flows_cut()) {
    if (measured.flows == nullptr) AskForFlows(host, measured);
    if (measured.flows == nullptr) return Lack{"it is not connected any more"};
    const std::optional<absl::Status> result = measured.flows->Result();
    if (!result.has_value()) return Lack{"its flows are being asked for"};
    if (!result->ok()) {
      measured.flows.reset();  // the next step asks again
      return Lack{absl::StrCat("its flows: ", result->message())};
    }
  }
  if (!gates_.probes().empty()) {
    if (measured.before == nullptr) {
      measured.before = std::make_unique<ProbeRound>(
          ProbesAbout(host, gates_.probes(), after_->selector(), registry_, fleet_), fleet_);
    }
    const std::vector<ProbeRound::Outcome>* outcomes = measured.before->Outcomes();
    if (outcomes == nullptr) return Lack{"its probes are under way"};
    for (const ProbeRound::Outcome& outcome : *outcomes) {
      if (outcome.answer.has_value()) continue;
      Lack lack = {ProbeText(outcome)};
      measured.before.reset();
      return lack;
    }
  }
  return std::nullopt;
}

std::string GateWatch::Against(const Measured& measured) const {
  if (!gates_.has_flows_cut() || measured.flows == nullptr) return "";
  const uint64_t cut = measured.flows->cut();
  if (cut <= gates_.flows_cut()) return "";
  return absl::StrCat(cut, cut == 1 ? " live flow" : " live flows",
                      " would not be admitted any more, such as ", measured.flows->example());
}

void GateWatch::AskForFlows(const std::string& host, Measured& measured) {
  const auto stored = registry_.Find(host);
  auto session = fleet_.Find(host);
  if (!stored.has_value() || session == nullptr) return;
  measured.flows = FlowsCount::Ask(std::move(session), HostPlaces(*stored),
                                   JudgeFor(*before_, *stored), JudgeFor(*after_, *stored));
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
  // Both times are from the host's own clock.
  const absl::Time applied = FromTimestamp(stored->report.receipt.applied_at());
  if (absl::FromUnixMicros(record.time_micros) < applied) return;
  const HostPlaces places(*stored);
  const std::optional<policy::Witness> packet = policy::PacketOf(record, places.own);
  if (!packet.has_value()) return;
  Measured& measured = found->second;
  const std::string reason(texts[record.reason]);
  if (measured.drop_examples.size() < kMaxExamples) {
    measured.drop_examples.emplace(reason, PacketText(*packet));
  }
  if (!gates_.has_drops_per_minute()) return;
  const HostPlaces::Place place = places.Of(texts[record.interface]);
  const std::string location = record.location == 0 ? place.location : texts[record.location];
  policy::PolicyJudge& before = SharedJudge(*before_, *stored);
  if (!Passes(before.Judge(*packet, location, place.interface).outcome)) return;
  policy::PolicyJudge& after = SharedJudge(*after_, *stored);
  const policy::Ruling& ruling = after.Judge(*packet, location, place.interface);
  if (Passes(ruling.outcome)) return;  // dropped for a reason other than the policy
  if (measured.drops.most() == 0) {
    measured.drop_example = absl::StrCat(PacketText(*packet), ": ", CauseText(ruling.cause));
  }
  measured.drops.Add(absl::FromUnixMicros(record.time_micros));
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
  return "its policy does not log drops (logging: {dropped: true})";
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
  packet.source_port = icmp ? 0 : 40000;  // any client port
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
  // Inbound, the interface that has the address; outbound, any interface that is up.
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

HostGates GateWatch::LookAtDrops(const std::string& host, Measured& measured, std::string& detail) {
  HostGates gates = HostGates::kHold;
  if (drops_.IsNeeded()) {
    std::string risen;
    gates = drops_.Look(host, detail, risen);
    if (gates == HostGates::kFailed) {
      const auto example = measured.drop_examples.find(risen);
      if (example != measured.drop_examples.end()) {
        absl::StrAppend(&detail, ", such as ", example->second);
      }
      return gates;
    }
  }
  if (!gates_.has_drops_per_minute()) return gates;
  if (const uint64_t most = measured.drops.most(); most > gates_.drops_per_minute()) {
    detail = absl::StrCat("it drops packets that were admitted before: ", most,
                          most == 1 ? " packet" : " packets", " in a minute, such as ",
                          measured.drop_example);
    return HostGates::kFailed;
  }
  if (gates != HostGates::kHold) return gates;
  detail = NoDropData(host);
  return detail.empty() ? HostGates::kHold : HostGates::kNoData;
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
  if (gates != HostGates::kFailed) {
    std::string of_drops;
    const HostGates drops = LookAtDrops(host, measured, of_drops);
    if (drops == HostGates::kFailed || gates == HostGates::kHold) {
      gates = drops;
      detail = std::move(of_drops);
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
  // The revision's policies were checked when the revision was made.
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
