#include "controller/fleet/fleet.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log/log.h"

namespace firebreak::controller {
namespace {

// Each ends as soon as a newer revision is published, so few wait.
constexpr size_t kMaxWaitingOffers = 4096;

}  // namespace

Fleet::Fleet(std::shared_ptr<PublishedRevision> first, Registry& registry, RefusalLog& refusals,
             DriftLog& drifts, HostEventLog& events, RolloutBoard& rollouts, LogIntake& log,
             LostHistory& lost_history, size_t max_trials)
    : registry_(registry),
      refusals_(refusals),
      drifts_(drifts),
      events_(events),
      rollouts_(rollouts),
      log_(log),
      lost_history_(lost_history),
      trials_(max_trials),
      current_(std::move(first)),
      offering_(kMaxWaitingOffers) {}

std::shared_ptr<PublishedRevision> Fleet::current() const {
  absl::MutexLock lock(&mutex_);
  return current_;
}

std::shared_ptr<Session> Fleet::Find(absl::string_view host) const {
  absl::MutexLock lock(&mutex_);
  const auto found = connected_.find(host);
  return found == connected_.end() ? nullptr : found->second.session;
}

std::vector<std::string> Fleet::ConnectedHosts() const {
  absl::MutexLock lock(&mutex_);
  std::vector<std::string> names;
  names.reserve(connected_.size());
  for (const auto& [name, connected] : connected_) names.push_back(name);
  return names;
}

void Fleet::Publish(std::shared_ptr<PublishedRevision> next) {
  absl::flat_hash_map<std::string, std::shared_ptr<const Assignment>> assignments;
  const std::shared_ptr<PublishedRevision> before = current();
  const std::vector<std::string> names = ConnectedHosts();
  const absl::flat_hash_set<std::string> online(names.begin(), names.end());
  std::vector<std::string> missing;  // hosts that are offline and should have it
  for (const HostRecord& host : registry_.Records()) {
    auto assignment = next->For(host.name, host.labels);
    if (!assignment.ok()) continue;
    if (!online.contains(host.name)) {
      const auto had = before->For(host.name, host.labels);
      if (!had.ok() || (*had)->policy_digest != (*assignment)->policy_digest) {
        missing.push_back(host.name);
      }
    }
    assignments.emplace(host.name, *std::move(assignment));
  }

  const uint64_t revision = next->number();
  {
    absl::MutexLock lock(&mutex_);
    std::set<std::string> concerned;
    for (auto& [name, connected] : connected_) {
      const auto found = assignments.find(name);
      if (found == assignments.end() || connected.wanted == nullptr) {
        connected.wanted = nullptr;
        continue;
      }
      if (found->second->policy_digest != connected.wanted->policy_digest) concerned.insert(name);
      connected.wanted = found->second;
    }
    std::set<std::string> offline;
    for (const std::string& name : missing) {
      if (!connected_.contains(name)) offline.insert(name);
    }
    // Before the first push, so that no receipt comes too early for it.
    rollouts_.Begin(revision, std::move(concerned), std::move(offline));
    current_ = std::move(next);
  }
  // If too many wait, whoever publishes waits instead.
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
      connected.session->Offer(connected.wanted);
    } else {
      Supply(name, connected.session);
    }
  }
}

void Fleet::Supply(const std::string& host, const std::shared_ptr<Session>& session) {
  if (lost_history_.found()) return;
  const auto record = registry_.Find(host);
  if (!record.has_value()) return;
  const std::shared_ptr<PublishedRevision> revision = current();
  const auto assignment = revision->For(host, record->record.labels);
  if (!assignment.ok()) {
    LogError("host ", host, ": ", assignment.status().message());
    return;
  }
  {
    absl::MutexLock lock(&mutex_);
    const auto found = connected_.find(host);
    if (found == connected_.end() || found->second.session != session) return;
    auto& wanted = found->second.wanted;
    if (wanted != nullptr && wanted->revision > (*assignment)->revision) return;
    wanted = *assignment;
  }
  session->Offer(*assignment);
}

void Fleet::Disconnect(absl::string_view host, const absl::Status& reason) {
  if (const auto session = Find(host); session != nullptr) session->End(reason);
}

void Fleet::Close(const absl::Status& reason) {
  std::vector<std::shared_ptr<Session>> sessions;
  {
    absl::MutexLock lock(&mutex_);
    closed_ = reason;
    for (const auto& [name, connected] : connected_) sessions.push_back(connected.session);
  }
  for (const auto& session : sessions) session->End(reason);
}

void Fleet::OnHello(const std::shared_ptr<Session>& session, const v1::Hello& hello) {
  const std::string& name = session->host().name;
  registry_.Report(name, [&](HostReport& report) {
    report.last_seen = absl::Now();
    report.address = session->host().address;
    report.agent_version = hello.agent_version();
  });
  StoreFacts(*session, hello.facts());
  if (hello.has_receipt()) StoreReceipt(*session, hello.receipt());
  if (hello.has_refusal()) StoreRefusal(name, hello.refusal());

  std::shared_ptr<Session> older;
  std::optional<absl::Status> closed;
  {
    absl::MutexLock lock(&mutex_);
    Connected& connected = connected_[name];
    older = std::exchange(connected.session, session);
    connected.wanted = nullptr;
    closed = closed_;
  }
  if (older != nullptr) older->End(absl::AbortedError("the host has opened a newer stream"));
  if (closed.has_value()) {
    session->End(*closed);
    return;
  }
  // Revoked between its certificate's check and now, when Disconnect could not yet find it.
  const auto record = registry_.Find(name);
  if (!record.has_value() || record->record.revoked()) {
    session->End(absl::UnauthenticatedError(absl::StrCat("host ", name, " has been revoked")));
    return;
  }
  LogInfo("host ", name, " is online from ", session->host().address);
  Supply(name, session);
}

void Fleet::StoreReceipt(const Session& session, const v1::Receipt& receipt) {
  const std::string& host = session.host().name;
  const std::shared_ptr<PublishedRevision> newest = current();
  lost_history_.OnReceipt(host, session.host().address, receipt, newest->number(),
                          newest->history());
  registry_.Report(host, [&](HostReport& report) {
    report.last_seen = absl::Now();
    report.receipt = receipt;
    // What was refused once and is in force now was not refused for good.
    if (report.refusal.revision() == receipt.revision()) report.refusal.Clear();
  });
  rollouts_.OnReceipt(host, receipt.revision());
}

void Fleet::StoreRefusal(const std::string& host, const v1::Refusal& refusal) {
  registry_.Report(host, [&](HostReport& report) {
    report.last_seen = absl::Now();
    report.refusal = refusal;
    // What it has just undone is not in force; which one is, its next receipt tells.
    if (report.receipt.revision() == refusal.revision()) report.receipt.Clear();
  });
  rollouts_.OnRefusal(host, refusal);
}

void Fleet::OnReceipt(const Session& session, const v1::Receipt& receipt) {
  StoreReceipt(session, receipt);
}

void Fleet::OnRefusal(const Session& session, const v1::Refusal& refusal) {
  LogWarning("host ", session.host().name,
             refusal.kind() == v1::Refusal::undone ? " has undone" : " refuses", " revision ",
             refusal.revision(), ": ", refusal.reason(), refusal.resource().empty() ? "" : " at ",
             refusal.resource());
  figures_.Refused(refusal.kind() == v1::Refusal::undone);
  StoreRefusal(session.host().name, refusal);
}

void Fleet::StoreFacts(const Session& session, const v1::Facts& facts) {
  registry_.Report(session.host().name, [&](HostReport& report) {
    report.last_seen = absl::Now();
    report.facts = facts;
  });
  if (facts.has_drift()) {
    drifts_.Record(session.host().name, session.host().address, facts.drift());
  }
}

void Fleet::OnFacts(const Session& session, const v1::Facts& facts) { StoreFacts(session, facts); }

void Fleet::OnLog(const std::shared_ptr<Session>& session, v1::LogBatch batch) {
  // Whose it is says the certificate.
  HostBatch taken = {.host = session->host().name,
                     .epoch = batch.epoch(),
                     .first_sequence = batch.first_sequence(),
                     .columns = std::move(*batch.mutable_columns())};
  log_.Take(std::move(taken), [weak = std::weak_ptr(session)](const HostBatch& done) {
    const auto alive = weak.lock();
    if (alive != nullptr) alive->LogTaken(done.status, done.epoch, done.next_sequence);
  });
}

void Fleet::OnEvent(const Session& session, const v1::HostEvent& event) {
  registry_.Report(session.host().name, [](HostReport& report) { report.last_seen = absl::Now(); });
  events_.Record(session.host().name, session.host().address, event);
}

void Fleet::OnEnd(const std::shared_ptr<Session>& session) {
  const std::string& name = session->host().name;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = connected_.find(name);
    if (found == connected_.end() || found->second.session != session) return;
    connected_.erase(found);
  }
  registry_.Report(name, [](HostReport& report) { report.last_seen = absl::Now(); });
  rollouts_.OnOffline(name);
  LogInfo("host ", name, " is offline");
}

absl::Time Fleet::CertificateEnds(const Session& session) {
  const auto host = registry_.Find(session.host().name);
  if (!host.has_value() || host->record.revoked()) return absl::InfinitePast();
  return host->record.certificate_ends;
}

void Fleet::OnBadMessage(const Session& session, const absl::Status& reason) {
  refusals_.Record({.actor = absl::StrCat("host/", session.host().name),
                    .peer = session.host().address,
                    .action = "connect",
                    .detail = std::string(reason.message())},
                   absl::Now());
}

}  // namespace firebreak::controller
