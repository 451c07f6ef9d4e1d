// SPDX-License-Identifier: Apache-2.0
#include "controller/fleet/fleet.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log/log.h"
#include "base/time/timestamp.h"
#include "controller/identity/peer_address.h"

namespace firebreak::controller {
namespace {

// Each ends as soon as a newer revision is published, so few can wait.
constexpr size_t kMaxWaitingOffers = 4096;

}  // namespace

Fleet::Fleet(std::shared_ptr<PublishedRevision> first, Registry& registry,
             RefusedAttempts& refusals, DriftLog& drifts, HostEventLog& events,
             RolloutBoard& rollouts, LogIntake& log, LostHistory& lost_history,
             RefusedHosts& refused_hosts, size_t max_trials)
    : registry_(registry),
      refusals_(refusals),
      drifts_(drifts),
      events_(events),
      rollouts_(rollouts),
      log_(log),
      lost_history_(lost_history),
      refused_hosts_(refused_hosts),
      trials_(max_trials),
      current_(std::move(first)),
      offering_(kMaxWaitingOffers) {}

std::shared_ptr<PublishedRevision> Fleet::current() const {
  absl::MutexLock lock(&mutex_);
  return current_;
}

std::shared_ptr<HostStream> Fleet::Find(absl::string_view host) const {
  absl::MutexLock lock(&mutex_);
  const auto found = connected_.find(host);
  return found == connected_.end() ? nullptr : found->second.stream;
}

std::vector<std::string> Fleet::ConnectedHosts() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> names;
  names.reserve(connected_.size());
  for (const auto& [name, connected] : connected_) names.push_back(name);
  return names;
}

std::map<std::string, uint32_t> Fleet::Capabilities() const {
  absl::MutexLock lock(&mutex_);
  std::map<std::string, uint32_t> capabilities;
  for (const auto& [name, connected] : connected_) capabilities[name] = connected.capability;
  return capabilities;
}

absl::flat_hash_set<std::string> Fleet::SuppliedHosts() const {
  absl::MutexLock lock(&mutex_);
  absl::flat_hash_set<std::string> names;
  for (const auto& [name, connected] : connected_) {
    if (connected.wanted != nullptr) names.insert(name);
  }
  return names;
}

std::shared_ptr<PublishedRevision> Fleet::RevisionFor(absl::string_view host) const {
  absl::MutexLock lock(&mutex_);
  return IsReached(host) ? current_ : stages_->Before(host);
}

void Fleet::Publish(std::shared_ptr<PublishedRevision> next, std::shared_ptr<const Stages> stages) {
  absl::flat_hash_map<std::string, std::shared_ptr<const Assignment>> assignments;
  const std::shared_ptr<PublishedRevision> before = current();
  const absl::flat_hash_set<std::string> supplied = SuppliedHosts();
  // The hosts whose policy changes, among those that are offline or have just come online.
  absl::flat_hash_set<std::string> changed;
  for (const HostRecord& host : registry_.Records()) {
    auto assignment = next->For(host.name, host.labels);
    if (!assignment.ok()) continue;
    if (!supplied.contains(host.name)) {
      const auto had = before->For(host.name, host.labels);
      if (!had.ok() || (*had)->policy_digest != (*assignment)->policy_digest) {
        changed.insert(host.name);
      }
    }
    assignments.emplace(host.name, *std::move(assignment));
  }

  const uint64_t revision = next->number();
  {
    absl::MutexLock lock(&mutex_);
    std::set<std::string> concerned;
    stages_ = std::move(stages);
    for (auto& [name, connected] : connected_) {
      if (!IsReached(name)) continue;  // keeps its revision
      const auto found = assignments.find(name);
      if (found == assignments.end() || connected.wanted == nullptr) {
        connected.wanted = nullptr;
        if (changed.contains(name)) concerned.insert(name);
        continue;
      }
      if (found->second->policy_digest != connected.wanted->policy_digest) concerned.insert(name);
      connected.wanted = found->second;
    }
    std::set<std::string> offline;
    for (const std::string& name : changed) {
      if (!connected_.contains(name)) offline.insert(name);
    }
    // Begins before the first push, so that no receipt can come too early for it.
    rollouts_.Begin(revision, std::move(concerned), std::move(offline));
    current_ = std::move(next);
  }
  // If too many offers wait, the publishing thread does the work itself.
  if (!offering_.Do([this, revision] { Offer(revision); })) Offer(revision);
}

void Fleet::SetStages(uint64_t revision, std::shared_ptr<const Stages> stages) {
  {
    absl::MutexLock lock(&mutex_);
    if (current_->number() != revision) return;
    stages_ = std::move(stages);
    for (auto& [name, connected] : connected_) {
      if (connected.wanted != nullptr && connected.wanted->revision != revision &&
          IsReached(name)) {
        connected.wanted = nullptr;  // must be made again
      }
    }
  }
  if (!offering_.Do([this, revision] { Offer(revision); })) Offer(revision);
}

void Fleet::Offer(uint64_t revision) {
  std::vector<std::pair<std::string, Connected>> hosts;
  {
    absl::MutexLock lock(&mutex_);
    if (current_->number() != revision) return;
    hosts.assign(connected_.begin(), connected_.end());
  }
  for (const auto& [name, connected] : hosts) {
    if (lost_history_.found() || current()->number() != revision) return;  // all get a newer one
    if (connected.wanted != nullptr) {
      OfferTo(name, connected, connected.wanted);
    } else {
      Supply(name, connected.stream);
    }
  }
}

void Fleet::Supply(const std::string& host, const std::shared_ptr<HostStream>& stream) {
  if (lost_history_.found()) return;
  const auto record = registry_.Find(host);
  if (!record.has_value()) return;
  const auto assignment = RevisionFor(host)->For(host, record->record.labels);
  if (!assignment.ok()) {
    LogError("host ", host, ": ", assignment.status().message());
    return;
  }
  Connected connected;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = connected_.find(host);
    if (found == connected_.end() || found->second.stream != stream) return;
    auto& wanted = found->second.wanted;
    if (wanted != nullptr && wanted->revision > (*assignment)->revision) return;
    wanted = *assignment;
    connected = found->second;
  }
  OfferTo(host, connected, *assignment);
}

void Fleet::OfferTo(const std::string& host, const Connected& connected,
                    const std::shared_ptr<const Assignment>& assignment) {
  const policy::NeededCapability& needed = assignment->needed;
  if (needed.capability <= connected.capability) return connected.stream->Offer(assignment);
  v1::Refusal refusal;
  refusal.set_revision(assignment->revision);
  refusal.set_policy_digest(assignment->policy_digest);
  refusal.set_kind(v1::Refusal::refused);
  refusal.set_reason(absl::StrCat(
      "not sent: the policy sets `", needed.because, "`, which needs an agent of capability ",
      needed.capability, "; this host's has ", connected.capability, ": upgrade its agent"));
  *refusal.mutable_at() = ToTimestamp(absl::Now());
  connected.stream->Serve();
  StoreRefusal(host, refusal);
}

void Fleet::Tell(const std::string& host, absl::string_view text, bool warn) {
  const auto line = lines_of_hosts_.Line(host, text, absl::Now());
  if (!line.has_value()) return;
  LogLine(warn ? Severity::kWarning : Severity::kInfo, *line);
}

void Fleet::LabelsChanged(const std::string& host) {
  if (const auto stream = Find(host); stream != nullptr) Supply(host, stream);
}

void Fleet::Disconnect(absl::string_view host, const absl::Status& reason) {
  if (const auto stream = Find(host); stream != nullptr) stream->End(reason);
}

void Fleet::Close(const absl::Status& reason) {
  std::vector<std::shared_ptr<HostStream>> streams;
  {
    absl::MutexLock lock(&mutex_);
    closed_ = reason;
    for (const auto& [name, connected] : connected_) streams.push_back(connected.stream);
  }
  for (const auto& stream : streams) stream->End(reason);
}

void Fleet::RefuseCopy(HostStream& stream, const std::string& first) {
  const std::string& name = stream.host().name;
  const std::string& address = stream.host().address;
  const absl::Status status = absl::PermissionDeniedError(absl::StrCat(
      "another machine, at ", WithoutPort(first), ", runs with the identity of host ", name,
      " and was connected first: the state directory of one is a copy of the other's; start this "
      "machine's agent with a new token (firebreak token create) and a --name of its own"));
  refused_hosts_.Refused(name, status.message(), address, absl::Now());
  refusals_.Record({.actor = absl::StrCat("host/", name),
                    .peer = address,
                    .action = "connect",
                    .object = absl::StrCat("host ", name),
                    .detail = std::string(status.message())},
                   absl::Now());
  stream.End(status);
}

void Fleet::OnHello(const std::shared_ptr<HostStream>& stream, const v1::Hello& hello) {
  const std::string& name = stream->host().name;
  const std::string& address = stream->host().address;
  std::shared_ptr<HostStream> older;
  std::optional<absl::Status> closed;
  Instances::Verdict verdict = Instances::Verdict::kLetIn;
  {
    absl::MutexLock lock(&mutex_);
    const auto present = connected_.find(name);
    const bool connected = present != connected_.end();
    verdict = instances_.OnHello(
        name, hello.instance(), connected ? std::optional(present->second.instance) : std::nullopt);
    if (connected) older = present->second.stream;
  }
  if (verdict == Instances::Verdict::kRefuse) {
    return RefuseCopy(*stream, older->host().address);
  }
  registry_.Report(name, [&](HostReport& report) {
    report.last_seen = absl::Now();
    report.address = address;
    report.agent_version = hello.agent_version();
  });
  StoreFacts(*stream, hello.facts());
  if (hello.has_receipt()) StoreReceipt(*stream, hello.receipt());
  if (hello.has_refusal()) StoreRefusal(name, hello.refusal());

  {
    absl::MutexLock lock(&mutex_);
    Connected& connected = connected_[name];
    older = std::exchange(connected.stream, stream);
    connected.wanted = nullptr;
    connected.instance = hello.instance();
    connected.capability = hello.capability();
    closed = closed_;
  }
  if (older != nullptr && verdict == Instances::Verdict::kLetInAsFirst) {
    RefuseCopy(*older, address);
  } else if (older != nullptr) {
    older->End(absl::AbortedError("the host has opened a newer stream"));
  }
  if (closed.has_value()) {
    stream->End(*closed);
    return;
  }
  // The host may have been revoked after its certificate was checked and before Disconnect could
  // find it here.
  const auto record = registry_.Find(name);
  if (!record.has_value() || record->record.revoked()) {
    stream->End(absl::UnauthenticatedError(absl::StrCat("host ", name, " has been revoked")));
    return;
  }
  refused_hosts_.LetIn(name, stream->host().address);
  rollouts_.OnOnline(name);
  Tell(name, absl::StrCat(" is online from ", stream->host().address), /*warn=*/false);
  Supply(name, stream);
}

void Fleet::StoreReceipt(const HostStream& stream, const v1::Receipt& receipt) {
  const std::string& host = stream.host().name;
  const std::shared_ptr<PublishedRevision> newest = current();
  lost_history_.OnReceipt(host, stream.host().address, receipt, newest->number(),
                          newest->history());
  registry_.Report(host, [&](HostReport& report) {
    report.last_seen = absl::Now();
    report.receipt = receipt;
    // A revision that is in force now was not refused for good.
    if (report.refusal.revision() == receipt.revision()) report.refusal.Clear();
  });
  rollouts_.OnReceipt(host, receipt.revision());
}

void Fleet::StoreRefusal(const std::string& host, const v1::Refusal& refusal) {
  registry_.Report(host, [&](HostReport& report) {
    report.last_seen = absl::Now();
    report.refusal = refusal;
    // The revision that was just undone is not in force. The next receipt says which one is.
    if (report.receipt.revision() == refusal.revision()) report.receipt.Clear();
  });
  rollouts_.OnRefusal(host, refusal);
}

void Fleet::OnReceipt(const HostStream& stream, const v1::Receipt& receipt) {
  StoreReceipt(stream, receipt);
}

void Fleet::OnRefusal(const HostStream& stream, const v1::Refusal& refusal) {
  Tell(stream.host().name,
       absl::StrCat(refusal.kind() == v1::Refusal::undone ? " has undone" : " refuses",
                    " revision ", refusal.revision(), refusal.resource().empty() ? "" : " at ",
                    refusal.resource(), ": ", refusal.reason()),
       /*warn=*/true);
  stats_.Refused(refusal.kind() == v1::Refusal::undone);
  StoreRefusal(stream.host().name, refusal);
}

void Fleet::StoreFacts(const HostStream& stream, const v1::Facts& facts) {
  registry_.Report(stream.host().name, [&](HostReport& report) {
    report.last_seen = absl::Now();
    report.facts = facts;
  });
  if (facts.has_drift()) {
    drifts_.Record(stream.host().name, stream.host().address, facts.drift());
  }
}

void Fleet::OnFacts(const HostStream& stream, const v1::Facts& facts) { StoreFacts(stream, facts); }

void Fleet::OnLog(const std::shared_ptr<HostStream>& stream, v1::LogBatch batch) {
  // The host is the one that the certificate names, whatever the batch says.
  HostBatch taken = {.host = stream->host().name,
                     .epoch = batch.epoch(),
                     .first_sequence = batch.first_sequence(),
                     .columns = std::move(*batch.mutable_columns())};
  log_.Take(std::move(taken), [weak = std::weak_ptr(stream)](const HostBatch& done) {
    const auto alive = weak.lock();
    if (alive != nullptr) alive->LogTaken(done.status, done.epoch, done.next_sequence);
  });
}

void Fleet::OnEvent(const HostStream& stream, const v1::HostEvent& event) {
  registry_.Report(stream.host().name, [](HostReport& report) { report.last_seen = absl::Now(); });
  events_.Record(stream.host().name, stream.host().address, event);
}

void Fleet::OnEnd(const std::shared_ptr<HostStream>& stream) {
  const std::string& name = stream->host().name;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = connected_.find(name);
    if (found == connected_.end() || found->second.stream != stream) return;
    connected_.erase(found);
  }
  registry_.Report(name, [](HostReport& report) { report.last_seen = absl::Now(); });
  rollouts_.OnOffline(name);
  Tell(name, " is offline", /*warn=*/false);
}

absl::Time Fleet::CertificateEnds(const HostStream& stream) {
  const auto host = registry_.Find(stream.host().name);
  if (!host.has_value() || host->record.revoked()) return absl::InfinitePast();
  return host->record.certificate_ends;
}

void Fleet::OnBadMessage(const HostStream& stream, const absl::Status& reason) {
  refusals_.Record({.actor = absl::StrCat("host/", stream.host().name),
                    .peer = stream.host().address,
                    .action = "connect",
                    .detail = std::string(reason.message())},
                   absl::Now());
}

}  // namespace firebreak::controller
