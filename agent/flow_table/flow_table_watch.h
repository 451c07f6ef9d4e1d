// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_FLOW_TABLE_FLOW_TABLE_WATCH_H_
#define FIREBREAK_AGENT_FLOW_TABLE_FLOW_TABLE_WATCH_H_

#include <chrono>
#include <cstdint>
#include <optional>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/loop/event_loop.h"
#include "firebreak/v1/location.pb.h"
#include "firebreak/v1/state.pb.h"

namespace firebreak::agent {

// What the kernel has counted since the network namespace was made.
struct FlowTableCounters {
  uint64_t dropped = 0;  // packets of new connections for which the table had no room
  uint64_t evicted = 0;  // connections forgotten to make room

  friend bool operator==(const FlowTableCounters&, const FlowTableCounters&) = default;
};

// Reads the text of /proc/net/stat/nf_conntrack: names of columns, and a row of hexadecimal numbers
// for each CPU. Columns that the kernel does not have count as 0.
FlowTableCounters ParseFlowTableCounters(absl::string_view text);

// Decides from the counters whether the table of connections is full.
class FlowTableFill {
 public:
  // The table has room again if so many looks in a row find that nothing was dropped or evicted.
  static constexpr int kQuietLooks = 6;

  // Takes what a look found. Returns an event if the table has become full, or has room again.
  std::optional<v1::FlowTableEvent> Look(const FlowTableCounters& counters, uint64_t limit,
                                         absl::Time now);
  // Missing: the table has had room ever since the first look.
  const std::optional<v1::FlowTable>& state() const { return state_; }

 private:
  std::optional<FlowTableCounters> last_;
  FlowTableCounters before_;  // when the table became full
  int quiet_ = 0;
  std::optional<v1::FlowTable> state_;
};

// Looks at the kernel's counters each kInterval, which the kernel offers no event for, and tells
// when the table of connections is full and when it has room again.
//
// Threading: on the loop's thread. `loop` and `listener` must outlive the watch.
class FlowTableWatch {
 public:
  static constexpr std::chrono::seconds kInterval{10};

  class Listener {
   public:
    virtual ~Listener() = default;
    virtual void FlowTableChanged(v1::FlowTableEvent event) = 0;
    // `state()` has changed.
    virtual void FactsChanged() = 0;
  };

  FlowTableWatch(EventLoop& loop, Listener& listener);
  ~FlowTableWatch();
  FlowTableWatch(const FlowTableWatch&) = delete;
  FlowTableWatch& operator=(const FlowTableWatch&) = delete;

  const std::optional<v1::FlowTable>& state() const { return fill_.state(); }

 private:
  void Look();

  EventLoop& loop_;
  Listener& listener_;
  FlowTableFill fill_;
  EventLoop::Timer timer_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_FLOW_TABLE_FLOW_TABLE_WATCH_H_
