// SPDX-License-Identifier: Apache-2.0
#include "controller/metrics/metrics.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/metrics/exposition.h"
#include "proto/endpoint/version.h"

namespace firebreak::controller {

namespace {

void WriteFront(const FrontStats& front, Exposition& metrics) {
  const auto value = [](const std::atomic<int64_t>& figure) {
    return static_cast<double>(figure.load(std::memory_order_relaxed));
  };
  metrics.Gauge("firebreak_accepting",
                "1: the controller accepts connections, as it looked for itself lately.",
                front.accepts ? 1 : 0);
  metrics.Gauge("firebreak_connections", "Connections to the controller's port.");
  metrics.Sample(value(front.named), {{"of", "members"}});
  metrics.Sample(value(front.strangers), {{"of", "strangers"}});
  metrics.Gauge("firebreak_handshakes_waiting", "Connections that wait for their TLS handshake.",
                value(front.waiting));
  metrics.Counter("firebreak_connections_total", "What became of connections.");
  metrics.Sample(value(front.accepted), {{"outcome", "accepted"}});
  metrics.Sample(value(front.let_in), {{"outcome", "let in"}});
  metrics.Sample(value(front.enrolments), {{"outcome", "enrolment"}});
  metrics.Sample(value(front.refused), {{"outcome", "refused"}});
  metrics.Sample(value(front.shed), {{"outcome", "shed"}});
  metrics.Sample(value(front.late), {{"outcome", "late"}});
  metrics.Sample(value(front.cut), {{"outcome", "cut off"}});
}

void WriteRollout(const v1::StagedRollout& rollout, Exposition& metrics) {
  metrics.Gauge("firebreak_rollout_revision", "The revision of the newest rollout in waves.",
                static_cast<double>(rollout.revision()));
  metrics.Gauge("firebreak_rollout_state",
                "The state of the newest rollout in waves: 1 for the present state.");
  for (int state = 1; state < v1::StagedRollout::State_ARRAYSIZE; ++state) {
    const auto value = static_cast<v1::StagedRollout::State>(state);
    metrics.Sample(rollout.state() == value ? 1 : 0,
                   {{"state", v1::StagedRollout::State_Name(value)}});
  }
  metrics.Gauge("firebreak_rollout_hosts", "Hosts of the newest rollout, by wave and state.");
  int number = 0;
  for (const v1::StagedWave& wave : rollout.waves()) {
    const std::string name = absl::StrCat(++number);
    const auto hosts = [&](const char* are, uint64_t count) {
      metrics.Sample(static_cast<double>(count), {{"wave", name}, {"are", are}});
    };
    hosts("ahead", wave.hosts() - wave.reached());
    hosts("applied", wave.applied());
    hosts("waiting", wave.waiting());
    hosts("failed", wave.failed());
    hosts("offline", wave.offline());
  }
}

void WriteCertificates(const Registry& registry, const KeptFigures& kept, Exposition& metrics) {
  metrics.Gauge("firebreak_certificate_end_timestamp_seconds",
                "When a certificate ends, in seconds since 1970; of hosts: the first that does.");
  const auto write = [&](const char* whose, const std::optional<absl::Time>& ends) {
    if (ends.has_value())
      metrics.Sample(absl::ToDoubleSeconds(*ends - absl::UnixEpoch()), {{"of", whose}});
  };
  write("authority", kept.authority_ends);
  write("controller", kept.controller_ends);
  write("hosts", registry.FirstCertificateEnd());
}

}  // namespace

std::string WriteMetrics(const Fleet& fleet, const Registry& registry, const LogStats& log,
                         const FrontStats& front, const KeptFigures& kept) {
  const FleetStats::Values stats = fleet.stats().values();
  const auto count = [](uint64_t value) { return static_cast<double>(value); };
  Exposition metrics;
  metrics.Gauge("firebreak_build_info", "The version that runs; always 1.");
  metrics.Sample(1, {{"version", kVersion}});
  metrics.Gauge("firebreak_hosts", "Hosts that have enrolled and are not revoked.",
                count(registry.CountHosts()));
  metrics.Gauge("firebreak_streams", "Hosts that are connected.", count(fleet.CountConnected()));
  metrics.Gauge("firebreak_revision", "The newest revision of the fleet's configuration.",
                count(fleet.current()->number()));
  metrics.Gauge("firebreak_pushing_stopped",
                "1: the controller has lost revisions, pushes nothing and takes no changes.",
                fleet.StoppedReason().empty() ? 0 : 1);
  metrics.Counter("firebreak_pushes_total", "Revisions sent to hosts.", count(stats.pushes));
  metrics.Of("firebreak_push_to_receipt_seconds",
             "From the sending of a revision to the receipt that proves it.",
             stats.push_to_receipt);
  const TrialLine::Stats trials = fleet.trials();
  metrics.Gauge("firebreak_trials", "Hosts that are proving that they reach the controller.",
                count(trials.on_trial));
  metrics.Gauge("firebreak_trials_limit", "How many hosts may prove that at the same time.",
                count(trials.limit));
  metrics.Gauge("firebreak_trials_peak",
                "The highest number of hosts that proved it at the same time, since the start.",
                count(trials.most_on_trial));
  metrics.Gauge("firebreak_trials_waiting",
                "Hosts whose policy waits until other hosts have proven theirs.",
                count(trials.waiting));
  metrics.Counter("firebreak_trials_overdue_total",
                  "Trials that lasted so long that another host was let in.",
                  count(trials.overdue));
  metrics.Counter("firebreak_refusals_total",
                  "Revisions that hosts did not put in force (refused) or did not keep (undone).");
  metrics.Sample(count(stats.refused), {{"kind", "refused"}});
  metrics.Sample(count(stats.undone), {{"kind", "undone"}});
  if (kept.rollout.has_value()) WriteRollout(*kept.rollout, metrics);
  WriteFront(front, metrics);
  metrics.Counter("firebreak_log_records_total", "Log records taken in.", count(log.records));
  metrics.Counter("firebreak_log_records_lost_total", "Log records declared as lost.",
                  count(log.lost));
  metrics.Gauge("firebreak_log_bytes", "What the log takes on the disk.", count(log.bytes));
  metrics.Gauge("firebreak_log_damaged_spans",
                "Parts of the log that cannot be read; every search reports them.",
                count(log.damaged));
  metrics.Counter("firebreak_log_records_gave_way_total",
                  "Log records deleted before their age, for want of space.", count(log.gave_way));
  metrics.Gauge("firebreak_log_disk_free_bytes", "Free space on the disk of the log.",
                count(log.free_bytes));
  metrics.Gauge("firebreak_log_disk_kept_free_bytes",
                "What the log leaves free on its disk, for the database first.",
                count(log.kept_free));
  metrics.Gauge("firebreak_log_stalled_seconds",
                "For how long no log record could be stored; 0: they are.", log.stalled_seconds);
  metrics.Gauge("firebreak_audit_rows", "Rows of the audit trail.", count(kept.audit_rows));
  WriteCertificates(registry, kept, metrics);
  metrics.Process();
  return std::move(metrics).Take();
}

}  // namespace firebreak::controller
