// SPDX-License-Identifier: Apache-2.0
#include "agent/metrics/metrics.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "agent/kernel/settings/settings.h"
#include "base/metrics/exposition.h"
#include "proto/endpoint/version.h"

namespace firebreak::agent {
namespace {

std::optional<uint64_t> NumberOf(const char* setting) {
  uint64_t number = 0;
  const auto text = ReadSetting(setting);
  return text.ok() && absl::SimpleAtoi(*text, &number) ? std::optional(number) : std::nullopt;
}

// Writes a family with one sample for each counter whose name begins with `prefix`; the rest of the
// name is the label `reason`.
void WriteCounters(const Stats& stats, absl::string_view prefix, const char* name, const char* help,
                   Exposition& metrics) {
  metrics.Counter(name, help);
  for (const auto& [counter, packets] : stats.packets) {
    absl::string_view reason = counter;
    if (!absl::ConsumePrefix(&reason, prefix)) continue;
    metrics.Sample(static_cast<double>(packets), {{"reason", reason}});
  }
}

}  // namespace

void CountFlows(Stats& stats) {
  stats.flows = NumberOf("net/netfilter/nf_conntrack_count");
  stats.flows_limit = NumberOf("net/netfilter/nf_conntrack_max");
}

std::string WriteMetrics(const Stats& stats) {
  const auto number = [](uint64_t value) { return static_cast<double>(value); };
  Exposition metrics;
  metrics.Gauge("firebreak_agent_build_info", "The version that runs; always 1.");
  metrics.Sample(1, {{"version", kVersion}});
  metrics.Gauge("firebreak_agent_connected", "Whether the controller is connected.",
                stats.connected ? 1 : 0);
  metrics.Gauge("firebreak_agent_revision",
                "The revision that is in force and proven good; 0: none.", number(stats.revision));
  metrics.Gauge("firebreak_agent_on_trial",
                "Whether a newer revision is in force that has not proven good yet.",
                stats.on_trial ? 1 : 0);
  metrics.Counter("firebreak_agent_refusals_total",
                  "Revisions not put in force (refused) or not kept (undone).");
  metrics.Sample(number(stats.refused), {{"kind", "refused"}});
  metrics.Sample(number(stats.undone), {{"kind", "undone"}});
  metrics.Gauge("firebreak_agent_apply_seconds",
                "How long the last revision took, from its arrival to the kernel's commit.",
                stats.apply_seconds);
  metrics.Counter("firebreak_agent_foreign_changes_total",
                  "Changes of our rules by others, which were undone.",
                  number(stats.foreign_changes));
  WriteCounters(stats, "drop.", "firebreak_agent_dropped_packets_total",
                "Packets dropped since the rules were first made, by reason.", metrics);
  WriteCounters(stats, "observe.", "firebreak_agent_observed_packets_total",
                "Packets that would have been dropped, but for observe mode, by reason.", metrics);
  if (stats.flows.has_value()) {
    metrics.Gauge("firebreak_agent_flows", "Entries of the kernel's table of connections.",
                  number(*stats.flows));
  }
  if (stats.flows_limit.has_value()) {
    metrics.Gauge("firebreak_agent_flows_limit",
                  "The largest number of entries that that table may have.",
                  number(*stats.flows_limit));
  }
  if (stats.log.has_value()) {
    metrics.Counter("firebreak_agent_log_records_total", "Log records made.",
                    number(stats.log->records));
    metrics.Counter("firebreak_agent_log_records_lost_total",
                    "Log records declared as lost between the kernel and the spool.",
                    number(stats.log->lost));
    metrics.Counter(
        "firebreak_agent_log_spool_dropped_total",
        "Log records that the spool dropped for newer ones; the controller declares them lost.",
        number(stats.log->spool_dropped));
    metrics.Counter("firebreak_agent_log_file_lines_lost_total",
                    "Lines that could not be written to the log file, for example to a full disk; "
                    "the file declares them.",
                    number(stats.log->file_lost));
    metrics.Gauge("firebreak_agent_log_records_spooled",
                  "Log records that wait for the controller.", number(stats.log->spooled));
  }
  if (stats.stack.has_value()) {
    metrics.Gauge("firebreak_agent_attacked",
                  "Whether a flood of connection requests is under way.",
                  stats.stack->attacked ? 1 : 0);
    metrics.Counter("firebreak_agent_attacks_total", "Floods of connection requests that began.",
                    number(stats.stack->attacks));
    metrics.Gauge("firebreak_agent_kernel_settings", "Settings of the kernel that are asked for.",
                  number(stats.stack->settings));
    metrics.Gauge("firebreak_agent_kernel_settings_wrong",
                  "Those of them that differ from the wanted value.", number(stats.stack->wrong));
    metrics.Counter("firebreak_agent_kernel_settings_changed_total",
                    "Changes of these settings by others.", number(stats.stack->changed));
  }
  metrics.Gauge("firebreak_agent_log_in_trouble",
                "1: records of the log cannot be kept or written to the file; the host's status "
                "says why.",
                stats.log_in_trouble ? 1 : 0);
  if (stats.state_free_bytes.has_value()) {
    metrics.Gauge("firebreak_agent_state_free_bytes",
                  "Free space on the disk of the agent's state directory.",
                  number(*stats.state_free_bytes));
  }
  if (stats.certificate_ends.has_value()) {
    metrics.Gauge("firebreak_agent_certificate_end_timestamp_seconds",
                  "When the host's certificate ends, in seconds since 1970.",
                  absl::ToDoubleSeconds(*stats.certificate_ends - absl::UnixEpoch()));
  }
  metrics.Process();
  return std::move(metrics).Take();
}

}  // namespace firebreak::agent
