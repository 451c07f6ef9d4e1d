// SPDX-License-Identifier: Apache-2.0
#include "controller/plan/evidence.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "base/time/timestamp.h"
#include "controller/fleet/host_question.h"
#include "controller/hosts/host_places.h"
#include "policy/evidence/policy_judge.h"
#include "policy/evidence/seen_packets.h"
#include "policy/merge/merge.h"

namespace firebreak::controller {
namespace {

constexpr int kMaxFlows = 1000;
constexpr int kMaxHosts = 20;
constexpr size_t kMaxKinds = 10'000;  // kinds of traffic that are told apart
constexpr int kMaxTold = 1000;
constexpr absl::Duration kLogTime = absl::Seconds(15);
constexpr absl::Duration kLookAgain = absl::Milliseconds(5);

// The effective policies, before and after the change, of hosts that share them.
struct Judges {
  absl::Mutex mutex;
  std::unique_ptr<policy::PolicyJudge> before ABSL_GUARDED_BY(mutex);
  std::unique_ptr<policy::PolicyJudge> after ABSL_GUARDED_BY(mutex);
};

struct Subject {
  std::shared_ptr<Judges> judges;
  HostPlaces places;
};

void FillRuling(const policy::Ruling& ruling, v1::PacketRuling& filled) {
  filled.set_outcome(policy::OutcomeText(ruling.outcome));
  filled.set_cause(policy::CauseText(ruling.cause));
  filled.set_policy(ruling.cause.policy);
  if (ruling.cause.kind == policy::Cause::Kind::kMapping) filled.set_mapping(ruling.cause.mapping);
}

const char* DirectionText(const policy::Witness& packet) {
  return packet.plane.way == policy::Way::kInbound ? "in" : "out";
}

class Gatherer {
 public:
  Gatherer(const policy::Selector& before, const policy::Selector& after, const Registry& registry,
           const Fleet& fleet, const LogStore& log)
      : before_(before), after_(after), registry_(registry), fleet_(fleet), log_(log) {}

  void Add(const policy::PlannedHost& host) {
    const auto stored = registry_.Find(host.name);
    if (!stored.has_value()) return;
    const auto was = before_.Select(host.name, host.before);
    const auto is = after_.Select(host.name, host.after);
    std::shared_ptr<Judges>& judges =
        judges_[{policy::Selector::KeyOf(was), policy::Selector::KeyOf(is)}];
    if (judges == nullptr) {
      judges = std::make_shared<Judges>();
      absl::MutexLock lock(&judges->mutex);
      judges->before =
          std::make_unique<policy::PolicyJudge>(policy::Merge(before_.configuration(), was));
      judges->after =
          std::make_unique<policy::PolicyJudge>(policy::Merge(after_.configuration(), is));
    }
    subjects_.emplace(host.name, std::make_shared<Subject>(Subject{judges, HostPlaces(*stored)}));
  }

  void AskHosts(absl::Duration time, v1::PlanEvidence& evidence) {
    auto found = std::make_shared<Found>();
    std::map<std::string, std::shared_ptr<HostQuestion>> asked;
    evidence.set_hosts_asked(static_cast<uint32_t>(subjects_.size()));
    for (const auto& [name, subject] : subjects_) {
      auto session = fleet_.Find(name);
      if (session == nullptr) {
        evidence.add_not_answered(name);
        continue;
      }
      v1::Question question;
      question.mutable_flows();
      asked[name] =
          HostQuestion::Ask(std::move(session), std::move(question), time,
                            [found, name = name, subject = subject](const v1::Answer& answer) {
                              TakeFlows(name, *subject, answer, *found);
                            });
    }
    for (const auto& [name, question] : asked) {
      std::optional<absl::Status> result;
      while (!(result = question->Result()).has_value()) absl::SleepFor(kLookAgain);
      if (!result->ok()) evidence.add_not_answered(name);
      question->Stop();
    }
    absl::MutexLock lock(&found->mutex);
    evidence.set_flows_cut(found->cut);
    for (v1::LiveFlow& flow : found->flows) *evidence.add_flows() = std::move(flow);
    std::sort(evidence.mutable_not_answered()->begin(), evidence.mutable_not_answered()->end());
  }

  void ReadLog(absl::Duration span, v1::PlanEvidence& evidence) {
    const absl::Time since = absl::Now() - span;
    *evidence.mutable_log_since() = ToTimestamp(since);
    LogQuery query;
    query.since = absl::ToUnixMicros(since);
    query.actions =
        ActionBit(Action::kDrop) | ActionBit(Action::kOpen) | ActionBit(Action::kOpenInbound);
    for (const auto& [name, subject] : subjects_) query.hosts.insert(name);
    bool complete = true;
    LogVisitor visitor;
    visitor.on_block = [&](const StoredBlock& block) {
      for (const uint32_t index : block.chosen) {
        complete =
            TakeRecord(block.host, block.batch.records[index], block.batch.texts) && complete;
      }
    };
    visitor.on_gap = [&](const LogGap&) { complete = false; };
    LogPosition position = log_.Begin();
    const LogPosition end = log_.End();
    const absl::Time until = absl::Now() + kLogTime;
    bool more = !query.hosts.empty();
    while (more && absl::Now() < until) {
      const absl::StatusOr<bool> read = log_.Read(query, position, end, 4096, visitor);
      more = read.ok() && *read;
      complete = complete && read.ok();
    }
    evidence.set_log_complete(complete && !more);
    Tell(closed_, *evidence.mutable_closed());
    Tell(opened_, *evidence.mutable_opened());
  }

 private:
  struct Found {
    absl::Mutex mutex;
    uint64_t cut ABSL_GUARDED_BY(mutex) = 0;
    std::vector<v1::LiveFlow> flows ABSL_GUARDED_BY(mutex);
  };
  struct Traffic {
    uint64_t times = 0;
    int64_t last_micros = 0;
    std::set<std::string> hosts;
    v1::PacketRuling ruling;
  };
  using Kind = std::tuple<std::string, std::string, std::string>;  // direction, service, remote end

  static void TakeFlows(const std::string& host, const Subject& subject, const v1::Answer& answer,
                        Found& found) {
    for (const v1::HostFlow& flow : answer.flows().flows()) {
      const std::optional<policy::Witness> packet = policy::PacketOf(flow);
      if (!packet.has_value() || !policy::IsLive(flow)) continue;
      const HostPlaces::Place place = subject.places.Of(flow.interface());
      v1::LiveFlow cut;
      {
        Judges& judges = *subject.judges;
        absl::MutexLock lock(&judges.mutex);
        if (!Passes(judges.before->Judge(*packet, place.location, place.interface).outcome)) {
          continue;
        }
        const policy::Ruling& ruling =
            judges.after->Judge(*packet, place.location, place.interface);
        if (Passes(ruling.outcome)) continue;
        FillRuling(ruling, *cut.mutable_ruling());
      }
      cut.set_host(host);
      cut.set_direction(DirectionText(*packet));
      cut.set_service(policy::ServiceText(*packet));
      cut.set_remote(policy::RemoteText(*packet));
      cut.set_interface(flow.interface());
      cut.set_location(place.location);
      cut.set_packets(flow.packets());
      absl::MutexLock lock(&found.mutex);
      ++found.cut;
      if (found.flows.size() < kMaxFlows) found.flows.push_back(std::move(cut));
    }
  }

  // Returns false if there is no room for another kind of traffic.
  bool TakeRecord(const std::string& host, const Record& record, const InternedStrings& texts) {
    const auto found = subjects_.find(host);
    if (found == subjects_.end()) return true;
    const Subject& subject = *found->second;
    const std::optional<policy::Witness> packet = policy::PacketOf(record, subject.places.own);
    if (!packet.has_value()) return true;
    const HostPlaces::Place place = subject.places.Of(texts[record.interface]);
    const std::string location = record.location == 0 ? place.location : texts[record.location];
    Judges& judges = *subject.judges;
    absl::MutexLock lock(&judges.mutex);
    const bool was = Passes(judges.before->Judge(*packet, location, place.interface).outcome);
    const policy::Ruling& ruling = judges.after->Judge(*packet, location, place.interface);
    const bool is = Passes(ruling.outcome), dropped = record.action == Action::kDrop;
    // The change makes no difference to the packet, or the host dropped or passed it for a reason
    // other than the policy.
    if (was == is || was == dropped) return true;
    std::map<Kind, Traffic>& kinds = dropped ? opened_ : closed_;
    Kind kind = {DirectionText(*packet), policy::ServiceText(*packet), policy::RemoteText(*packet)};
    if (kinds.size() >= kMaxKinds && !kinds.contains(kind)) return false;
    Traffic& traffic = kinds[std::move(kind)];
    if (traffic.times++ == 0) FillRuling(ruling, traffic.ruling);
    traffic.last_micros = std::max(traffic.last_micros, record.time_micros);
    if (traffic.hosts.size() < kMaxHosts) traffic.hosts.insert(host);
    return true;
  }

  // Sorts by frequency, the most frequent first.
  static void Tell(const std::map<Kind, Traffic>& kinds,
                   google::protobuf::RepeatedPtrField<v1::LoggedTraffic>& told) {
    std::vector<const std::pair<const Kind, Traffic>*> order;
    for (const auto& entry : kinds) order.push_back(&entry);
    std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
      return a->second.times > b->second.times;
    });
    for (const auto* entry : order) {
      if (told.size() == kMaxTold) return;
      v1::LoggedTraffic& one = *told.Add();
      one.set_direction(std::get<0>(entry->first));
      one.set_service(std::get<1>(entry->first));
      one.set_remote(std::get<2>(entry->first));
      one.set_times(entry->second.times);
      *one.mutable_last() = ToTimestamp(absl::FromUnixMicros(entry->second.last_micros));
      for (const std::string& host : entry->second.hosts) one.add_hosts(host);
      *one.mutable_ruling() = entry->second.ruling;
    }
  }

  const policy::Selector& before_;
  const policy::Selector& after_;
  const Registry& registry_;
  const Fleet& fleet_;
  const LogStore& log_;
  std::map<std::pair<std::string, std::string>, std::shared_ptr<Judges>> judges_;
  std::map<std::string, std::shared_ptr<Subject>> subjects_;
  std::map<Kind, Traffic> closed_, opened_;
};

}  // namespace

v1::PlanEvidence GatherEvidence(const policy::Selector& before, const policy::Selector& after,
                                const std::vector<policy::PlannedHost>& hosts,
                                const std::set<std::string>& concerned,
                                const EvidenceRequest& request, const Registry& registry,
                                const Fleet& fleet, const LogStore& log) {
  Gatherer gatherer(before, after, registry, fleet, log);
  for (const policy::PlannedHost& host : hosts) {
    if (concerned.contains(host.name)) gatherer.Add(host);
  }
  v1::PlanEvidence evidence;
  if (request.live > absl::ZeroDuration()) gatherer.AskHosts(request.live, evidence);
  if (request.log > absl::ZeroDuration()) gatherer.ReadLog(request.log, evidence);
  return evidence;
}

}  // namespace firebreak::controller
