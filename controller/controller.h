// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_CONTROLLER_H_
#define FIREBREAK_CONTROLLER_CONTROLLER_H_

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "base/metrics/metrics_server.h"
#include "controller/admin/admin_service.h"
#include "controller/admin/change_preview.h"
#include "controller/admin/configuration_keeper.h"
#include "controller/audit/audit_signer.h"
#include "controller/beacon/beacon.h"
#include "controller/enrolment/enrolment.h"
#include "controller/enrolment/enrolment_desk.h"
#include "controller/fleet/drift_log.h"
#include "controller/fleet/fleet.h"
#include "controller/fleet/lost_history.h"
#include "controller/fleet/rollout_board.h"
#include "controller/front/front.h"
#include "controller/hosts/refused_hosts.h"
#include "controller/hosts/registry.h"
#include "controller/identity/connections.h"
#include "controller/identity/gatekeeper.h"
#include "controller/identity/host_methods.h"
#include "controller/identity/other_methods.h"
#include "controller/identity/refused_attempts.h"
#include "controller/identity/service_front.h"
#include "controller/identity/unfinished_requests.h"
#include "controller/log/intake.h"
#include "controller/log/reader_pool.h"
#include "controller/log/segment_store.h"
#include "controller/options.h"
#include "controller/pki/authority.h"
#include "controller/pki/chain.h"
#include "controller/pki/data_directory.h"
#include "controller/rollout/rollout_keeper.h"
#include "controller/server.h"
#include "controller/store/database.h"
#include "controller/worker/steady_condition.h"
#include "controller/worker/worker.h"

namespace firebreak::controller {

// The whole controller: data directory, certificates, database, fleet, services and server. Runs
// from Start until it is destroyed, which ends every stream and writes what is still unwritten.
// PrepareProcess must have been called.
class Controller {
 public:
  static absl::StatusOr<std::unique_ptr<Controller>> Start(const ControllerOptions& options);
  Controller(const Controller&) = delete;
  Controller& operator=(const Controller&) = delete;
  ~Controller();

  // The port that it listens on, of use if the options left the choice open.
  int port() const { return front_->port(); }
  std::string AdminContextPath() const;

 private:
  Controller(const ControllerOptions& options, DataDirectory directory,
             std::unique_ptr<Authority> authority, ChainVerifier chain,
             std::unique_ptr<Database> database, std::unique_ptr<LostHistory> lost_history,
             std::unique_ptr<Registry> registry, std::shared_ptr<PublishedRevision> revision,
             std::unique_ptr<LogStore> log_store);

  absl::Status Listen(const ListenAddress& address);
  absl::Status LoadRollout();
  absl::Status ServeBeacon();
  absl::Status RefreshCertificates();
  void Maintain() ABSL_LOCKS_EXCLUDED(mutex_);
  void Flush(bool closing = false);
  void GiveBackAfterBursts();

  // In the order in which they need one another.
  const ControllerOptions options_;
  const DataDirectory directory_;
  const std::unique_ptr<Authority> authority_;
  const ChainVerifier chain_;
  const std::unique_ptr<Database> database_;
  const std::unique_ptr<LostHistory> lost_history_;
  const std::unique_ptr<Registry> registry_;
  RefusedAttempts refusals_;
  RefusedHosts refused_hosts_;
  Connections connections_;
  DriftLog drifts_;
  HostEventLog events_;
  const Gatekeeper gatekeeper_;
  RolloutBoard rollouts_;
  const std::unique_ptr<LogStore> log_store_;
  LogIntake log_;
  Fleet fleet_;
  Enrolment enrolment_;
  RolloutKeeper rollout_keeper_;
  ConfigurationKeeper configuration_;
  ChangePreview preview_;
  AuditSigner audit_signer_;
  Worker admin_worker_;
  Worker planning_worker_;  // apart, as plans wait for hosts
  Worker enrolment_worker_;
  ReaderPool log_readers_;
  AdminService admin_service_;
  EnrolmentDesk enrolment_desk_;
  HostMethods host_methods_;
  UnfinishedRequests unfinished_{UnfinishedRequests::kMembers};
  ServiceFront admin_front_;
  OtherMethods other_methods_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<Front> front_;
  std::unique_ptr<MetricsServer> metrics_;
  std::unique_ptr<Beacon> beacon_;  // if one was asked for

  absl::Mutex mutex_;
  SteadyCondition changed_;
  bool closing_ ABSL_GUARDED_BY(mutex_) = false;
  // The maintenance thread's.
  absl::Status last_flush_;
  uint64_t pushes_ = 0;  // until its last look
  size_t connected_ = 0;
  bool burst_ = false;  // since memory was given back
  std::thread maintenance_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_CONTROLLER_H_
