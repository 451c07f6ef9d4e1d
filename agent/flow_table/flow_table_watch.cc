// SPDX-License-Identifier: Apache-2.0
#include "agent/flow_table/flow_table_watch.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "agent/kernel/settings/settings.h"
#include "base/files/files.h"
#include "base/log/log.h"
#include "base/time/timestamp.h"

namespace firebreak::agent {
namespace {

constexpr char kCounters[] = "/proc/thread-self/net/stat/nf_conntrack";
constexpr size_t kMostBytes = 1 << 18;  // a row for each of some thousand CPUs

uint64_t ReadLimit() {
  uint64_t limit = 0;
  const absl::StatusOr<std::string> text = ReadSetting("net/netfilter/nf_conntrack_max");
  return text.ok() && absl::SimpleAtoi(*text, &limit) ? limit : 0;
}

}  // namespace

FlowTableCounters ParseFlowTableCounters(absl::string_view text) {
  FlowTableCounters counters;
  const auto words = [](absl::string_view line) {
    return std::vector<absl::string_view>(
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty()));
  };
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  if (lines.empty()) return counters;
  const std::vector<absl::string_view> names = words(lines[0]);
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::vector<absl::string_view> values = words(lines[i]);
    for (size_t column = 0; column < names.size() && column < values.size(); ++column) {
      // The kernel's counters of a CPU are 32 bits wide.
      uint32_t value = 0;
      if (!absl::SimpleHexAtoi(values[column], &value)) continue;
      if (names[column] == "drop") counters.dropped += value;
      if (names[column] == "early_drop") counters.evicted += value;
    }
  }
  return counters;
}

std::optional<v1::FlowTableEvent> FlowTableFill::Look(const FlowTableCounters& counters,
                                                      uint64_t limit, absl::Time now) {
  const std::optional<FlowTableCounters> last = std::exchange(last_, counters);
  // What was counted before the first look happened at an unknown time. Counters that are lower
  // than before have wrapped.
  if (!last.has_value() || counters.dropped < last->dropped || counters.evicted < last->evicted) {
    return std::nullopt;
  }
  const bool full = counters != *last;
  const bool was_full = state_.has_value() && state_->full();
  if (full) {
    quiet_ = 0;
    if (!state_.has_value()) state_.emplace();
    state_->set_limit(limit);
    state_->set_dropped(state_->dropped() + counters.dropped - last->dropped);
    state_->set_evicted(state_->evicted() + counters.evicted - last->evicted);
    if (was_full) return std::nullopt;
    state_->set_full(true);
    *state_->mutable_since() = ToTimestamp(now);
    before_ = *last;
  } else if (!was_full || ++quiet_ < kQuietLooks) {
    return std::nullopt;
  } else {
    state_->set_full(false);
  }
  v1::FlowTableEvent event;
  event.set_full(full);
  event.set_limit(limit);
  if (counters.dropped >= before_.dropped) event.set_dropped(counters.dropped - before_.dropped);
  if (counters.evicted >= before_.evicted) event.set_evicted(counters.evicted - before_.evicted);
  return event;
}

FlowTableWatch::FlowTableWatch(EventLoop& loop, Listener& listener)
    : loop_(loop), listener_(listener) {
  Look();
}

FlowTableWatch::~FlowTableWatch() { loop_.Cancel(timer_); }

void FlowTableWatch::Look() {
  timer_ = loop_.RunAfter(kInterval, [this] { Look(); });
  const uint64_t limit = ReadLimit();
  std::optional<v1::FlowTableEvent> event =
      fill_.Look(ParseFlowTableCounters(ReadBeginning(kCounters, kMostBytes).value_or("")), limit,
                 absl::Now());
  if (event.has_value()) {
    if (event->full()) {
      LogWarning("the connection table is full (net.netfilter.nf_conntrack_max is ", limit,
                 "): new connections are refused, or older connections are forgotten");
    } else {
      LogInfo("the connection table has room again");
    }
    listener_.FlowTableChanged(*event);
  }
  if (fill_.state().has_value() && (event.has_value() || fill_.state()->full())) {
    listener_.FactsChanged();
  }
}

}  // namespace firebreak::agent
