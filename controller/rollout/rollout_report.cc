// SPDX-License-Identifier: Apache-2.0
#include "controller/rollout/rollout_report.h"

#include <algorithm>
#include <set>

namespace firebreak::controller {
namespace {

using policy::HostProgress;

constexpr int kNamed = 20;  // hosts named in each wave

// Leaves out lists of hosts, which may be long; the waves have what people need.
void LeaveOutHosts(v1::StagedRollout& report) {
  report.clear_line();
  report.clear_keeps();
  report.clear_drops_before();
}

void Count(HostProgress progress, v1::StagedWave& wave) {
  switch (progress) {
    case HostProgress::kApplied: wave.set_applied(wave.applied() + 1); break;
    case HostProgress::kWaiting: wave.set_waiting(wave.waiting() + 1); break;
    default: wave.set_offline(wave.offline() + 1);
  }
}

}  // namespace

v1::StagedRollout ReportOf(const v1::StagedRollout& record,
                           const std::function<HostProgress(const std::string&)>& progress) {
  v1::StagedRollout report = record;
  const std::set<std::string> failed(record.failed().begin(), record.failed().end());
  uint64_t place = 0;
  for (const uint64_t end : record.wave_ends()) {
    v1::StagedWave& wave = *report.add_waves();
    wave.set_hosts(end - place);
    for (; place < end; ++place) {
      const std::string& host = record.line(static_cast<int>(place));
      if (wave.names_size() < kNamed) wave.add_names(host);
      if (place >= record.reached()) continue;
      wave.set_reached(wave.reached() + 1);
      if (failed.contains(host)) {
        wave.set_failed(wave.failed() + 1);
      } else {
        Count(progress(host), wave);
      }
    }
  }
  LeaveOutHosts(report);
  return report;
}

v1::StagedRollout PastReportOf(const v1::StagedRollout& record) {
  v1::StagedRollout report = record;
  uint64_t place = 0;
  for (const uint64_t end : record.wave_ends()) {
    v1::StagedWave& wave = *report.add_waves();
    wave.set_hosts(end - place);
    wave.set_reached(record.reached() > place ? std::min(record.reached(), end) - place : 0);
    place = end;
  }
  LeaveOutHosts(report);
  return report;
}

}  // namespace firebreak::controller
