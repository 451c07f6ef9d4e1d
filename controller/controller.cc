// SPDX-License-Identifier: Apache-2.0
#include "controller/controller.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "base/log/log.h"
#include "base/memory/release.h"
#include "base/status/status.h"
#include "controller/enrolment/enrolment_service.h"
#include "controller/fleet/fleet_service.h"
#include "controller/listen_address.h"
#include "controller/metrics/metrics.h"
#include "controller/pki/fleet_files.h"
#include "controller/store/check.h"

namespace firebreak::controller {
namespace {

constexpr size_t kMaxWaitingAdminCalls = 256;
constexpr size_t kMaxWaitingPlans = 64;
constexpr size_t kMaxWaitingEnrolments = 4096;
constexpr size_t kMaxWaitingLogReads = 1024;
constexpr absl::Duration kFlushInterval = absl::Seconds(1);
// So soon a clock that is put right brings a certificate that is in force.
constexpr absl::Duration kRefreshInterval = absl::Minutes(1);
constexpr absl::Duration kSeenInterval = absl::Minutes(1);
constexpr absl::Duration kShutdownGrace = absl::Milliseconds(300);
constexpr size_t kMostLogReaders = 4;

// The threads that search the log.
ReaderPool::Threads LogReaders() {
  return {.for_all = std::clamp<size_t>(std::thread::hardware_concurrency(), 2, kMostLogReaders),
          .for_short_searches = 1};
}

}  // namespace

absl::StatusOr<std::unique_ptr<Controller>> Controller::Start(const ControllerOptions& options) {
  ASSIGN_OR_RETURN(const auto listen, ParseListenAddress(options.listen));
  ASSIGN_OR_RETURN(auto directory, DataDirectory::Open(options.data_dir));
  RETURN_IF_ERROR(CheckFree(listen));
  ASSIGN_OR_RETURN(auto authority, LoadOrMakeAuthority(directory, absl::Now()));
  ASSIGN_OR_RETURN(auto chain, ChainVerifier::Make(authority.certificate_pem()));
  auto shared_authority = std::make_unique<Authority>(std::move(authority));
  auto database = Database::Open(directory.PathOf(kDatabaseFile));
  if (absl::IsDataLoss(database.status())) {
    return absl::DataLossError(absl::StrCat(database.status().message(),
                                            "; nothing is pushed. Put a backup back with "
                                            "`firebreak-controller --data-dir ",
                                            options.data_dir,
                                            " restore FILE`, or go on with what "
                                            "there is with `restore --accept`"));
  }
  if (!database.ok()) return database.status();
  auto lost_history = std::make_unique<LostHistory>(**database, *shared_authority);
  RETURN_IF_ERROR(lost_history->Load());
  ASSIGN_OR_RETURN(auto registry, Registry::Load(**database));
  ASSIGN_OR_RETURN(auto revision, LoadRevision(**database, *lost_history));

  ASSIGN_OR_RETURN(auto log_store, SegmentStore::Open(directory.PathOf("log"), options.log));

  std::unique_ptr<Controller> controller(
      new Controller(options, std::move(directory), std::move(shared_authority), std::move(chain),
                     *std::move(database), std::move(lost_history), std::move(registry),
                     std::move(revision), std::move(log_store)));
  RETURN_IF_ERROR(controller->LoadRollout());
  RETURN_IF_ERROR(controller->drifts_.Load(controller->registry_->All()));
  RETURN_IF_ERROR(controller->Listen(listen));
  if (!options.beacon.empty()) {
    RETURN_IF_ERROR(controller->ServeBeacon());
  }
  return controller;
}

Controller::Controller(const ControllerOptions& options, DataDirectory directory,
                       std::unique_ptr<Authority> authority, ChainVerifier chain,
                       std::unique_ptr<Database> database,
                       std::unique_ptr<LostHistory> lost_history,
                       std::unique_ptr<Registry> registry,
                       std::shared_ptr<PublishedRevision> revision,
                       std::unique_ptr<LogStore> log_store)
    : options_(options),
      directory_(std::move(directory)),
      authority_(std::move(authority)),
      chain_(std::move(chain)),
      database_(std::move(database)),
      lost_history_(std::move(lost_history)),
      registry_(std::move(registry)),
      refusals_(*database_),
      drifts_(*database_),
      events_(*database_, refusals_),
      gatekeeper_(chain_, *registry_, refusals_, refused_hosts_, connections_),
      log_store_(std::move(log_store)),
      log_(*log_store_),
      fleet_(std::move(revision), *registry_, refusals_, drifts_, events_, rollouts_, log_,
             *lost_history_, refused_hosts_, options.max_trials),
      enrolment_(*authority_, *database_, *registry_, options.host_certificate_lifetime),
      rollout_keeper_(*database_, *registry_, fleet_, *log_store_),
      configuration_(*database_, *registry_, fleet_, *lost_history_, rollout_keeper_,
                     options.keep_revisions),
      preview_(*database_, *registry_, fleet_, rollout_keeper_, *log_store_),
      audit_signer_(*database_, *authority_),
      admin_worker_(kMaxWaitingAdminCalls),
      planning_worker_(kMaxWaitingPlans),
      enrolment_worker_(kMaxWaitingEnrolments),
      log_readers_(LogReaders(), kMaxWaitingLogReads),
      admin_service_({gatekeeper_,
                      configuration_,
                      preview_,
                      enrolment_,
                      *registry_,
                      refused_hosts_,
                      fleet_,
                      rollouts_,
                      rollout_keeper_,
                      admin_worker_,
                      planning_worker_,
                      {*log_store_, log_, log_readers_},
                      *database_,
                      audit_signer_}),
      enrolment_desk_(gatekeeper_, enrolment_, enrolment_worker_),
      host_methods_(gatekeeper_),
      admin_front_(v1::Admin::service_full_name(), admin_service_, gatekeeper_, unfinished_),
      other_methods_(gatekeeper_) {
  AddFleetService(fleet_, host_methods_);
  AddEnrolmentService(gatekeeper_, enrolment_, enrolment_worker_, host_methods_);
  host_methods_.AddRefused(v1::Admin::service_full_name());
  host_methods_.AddHealth();
}

absl::Status Controller::Listen(const ListenAddress& address) {
  absl::Status status = RefreshController(directory_, *authority_, options_.advertise, absl::Now());
  if (!status.ok()) return status;
  ASSIGN_OR_RETURN(server_, Server::Start({&admin_front_}, other_methods_));
  ASSIGN_OR_RETURN(const auto own, ReadController(directory_));
  ASSIGN_OR_RETURN(
      front_, Front::Start(address, own.chain, own.key.view(),
                           {.gatekeeper = gatekeeper_,
                            .connections = connections_,
                            .desk = enrolment_desk_,
                            .serve = [this](Descriptor end) { server_->Serve(std::move(end)); },
                            .methods = host_methods_.methods()}));
  if (status = RefreshCertificates(); !status.ok()) return status;
  if (status = audit_signer_.CheckLastSeal(); !status.ok()) LogError(status.message());
  status = database_->Transact("check the audit trail", CheckTrail);
  if (!status.ok()) LogError(status.message(), "; run `firebreak audit verify` for details");
  if (const std::string reason = lost_history_->Reason(); !reason.empty()) LogError(reason);
  if (!options_.metrics.empty()) {
    auto metrics = MetricsServer::Start(options_.metrics, [this] {
      LogStats log = log_store_->stats();
      log.stalled_seconds = absl::ToDoubleSeconds(log_.stalled());
      KeptFigures kept = {.audit_rows = database_->audit_rows(),
                          .rollout = rollout_keeper_.Report()};
      if (const auto ends = authority_->Ends(); ends.ok()) kept.authority_ends = *ends;
      if (const auto ends = ControllerCertificateEnd(directory_); ends.ok()) {
        kept.controller_ends = *ends;
      }
      return WriteMetrics(fleet_, *registry_, log, front_->stats(), kept);
    });
    if (!metrics.ok()) return metrics.status();
    metrics_ = *std::move(metrics);
    LogInfo("metrics at http://", options_.metrics, "/metrics");
  }
  maintenance_ = std::thread([this] { Maintain(); });
  LogInfo("listening on ", HostAndPort(address.host, address.port), ", port ", port(),
          "; revision ", fleet_.current()->number(),
          "; administrators' context: ", AdminContextPath());
  return absl::OkStatus();
}

absl::Status Controller::LoadRollout() {
  return rollout_keeper_.Load(
      [this](uint64_t to, const std::string& why) { return configuration_.TakeBack(to, why); },
      [this](uint64_t revision) { return LoadRevision(*database_, *lost_history_, revision); });
}

absl::Status Controller::ServeBeacon() {
  ASSIGN_OR_RETURN(const auto address, ParseListenAddress(options_.beacon));
  ASSIGN_OR_RETURN(BeaconKey key, BeaconKey::Load(options_.beacon_key));
  ASSIGN_OR_RETURN(auto beacon, Beacon::Start(address, std::move(key)));
  beacon_ = std::move(beacon);
  return absl::OkStatus();
}

std::string Controller::AdminContextPath() const { return directory_.PathOf(kAdminContextFile); }

absl::Status Controller::RefreshCertificates() {
  const std::string host = options_.advertise.empty() ? "127.0.0.1" : options_.advertise.front();
  RETURN_IF_ERROR(RefreshController(directory_, *authority_, options_.advertise, absl::Now()));
  ASSIGN_OR_RETURN(const auto own, ReadController(directory_));
  RETURN_IF_ERROR(front_->Use(own.chain, own.key.view()));
  return RefreshAdminContext(directory_, *authority_, HostAndPort(host, port()), absl::Now());
}

void Controller::Flush(bool closing) {
  absl::Status status = drifts_.Flush(absl::Now(), closing);
  status.Update(events_.Flush(absl::Now(), [this](absl::string_view host, uint64_t number) {
    if (const auto session = fleet_.Find(host); session != nullptr) session->EventsTaken(number);
  }));
  // Behind the events, some of which are refusals.
  status.Update(refusals_.Flush(absl::Now(), closing));
  status.Update(registry_->Flush(absl::Now()));
  status.Update(lost_history_->Flush());
  status.Update(audit_signer_.Seal(absl::Now(), closing));
  // A full disk would otherwise fill the log as well.
  if (status.code() != last_flush_.code()) {
    if (status.ok()) {
      LogInfo("the database takes writes again");
    } else {
      LogError(status.message(), "; trying again until it works");
    }
  }
  last_flush_ = status;
}

void Controller::GiveBackAfterBursts() {
  const uint64_t pushes = fleet_.stats().values().pushes;
  const size_t connected = fleet_.CountConnected();
  const bool quiet =
      std::exchange(pushes_, pushes) == pushes && std::exchange(connected_, connected) == connected;
  if (!quiet) {
    burst_ = true;
  } else if (std::exchange(burst_, false)) {
    ReleaseFreeMemory();
  }
}

void Controller::Maintain() {
  absl::Duration refresh_at = SteadyCondition::Now() + kRefreshInterval;
  absl::Duration seen_at = SteadyCondition::Now() + kSeenInterval;
  absl::Duration ticked_at = SteadyCondition::Now();
  for (;;) {
    {
      const absl::Duration flush_at = SteadyCondition::Now() + kFlushInterval;
      absl::MutexLock lock(&mutex_);
      for (absl::Duration now; !closing_ && (now = SteadyCondition::Now()) < flush_at;) {
        changed_.WaitFor(mutex_, flush_at - now);
      }
      if (closing_) return;
    }
    if (SteadyCondition::Now() >= seen_at) {
      seen_at = SteadyCondition::Now() + kSeenInterval;
      registry_->Seen(fleet_.ConnectedHosts(), absl::Now());
    }
    fleet_.Tick();
    const absl::Duration before = std::exchange(ticked_at, SteadyCondition::Now());
    rollout_keeper_.Tick(ticked_at - before);
    Flush();
    GiveBackAfterBursts();
    if (SteadyCondition::Now() < refresh_at) continue;
    refresh_at = SteadyCondition::Now() + kRefreshInterval;
    if (absl::Status status = RefreshCertificates(); !status.ok()) LogError(status.message());
  }
}

Controller::~Controller() {
  metrics_.reset();
  if (maintenance_.joinable()) {
    {
      absl::MutexLock lock(&mutex_);
      closing_ = true;
      changed_.Signal();
    }
    maintenance_.join();
  }
  fleet_.Close(absl::UnavailableError("the controller is shutting down"));
  if (server_ != nullptr) server_->Stop(kShutdownGrace);
  // Carries the last words of the server, which is told of no connection after it has gone, and
  // ends the calls of hosts.
  front_.reset();
  server_.reset();
  Flush(/*closing=*/true);
}

}  // namespace firebreak::controller
