// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_RECORD_CONNECTIONS_H_
#define FIREBREAK_AGENT_RECORD_CONNECTIONS_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "agent/kernel/conntrack/events.h"

namespace firebreak::agent {

// What the log tells of a flow.
struct FlowNews {
  bool closed = false;  // false: it is open
  // Why the flow never became a connection: "unanswered" or "refused".
  absl::string_view failure;

  friend bool operator==(const FlowNews&, const FlowNews&) = default;
};

// Decides from the kernel's events when a flow is a connection, and when it ends. A flow is a
// connection once it has been answered, which for TCP means that the handshake is complete. A TCP
// connection ends when both ends have closed it, though the kernel keeps its entry for two minutes
// more. An attempt that never becomes a connection is reported once, when its entry ends.
//
// Threading: one thread at a time. Keeps at most 2 * kMaxKept identifiers, so an event that the
// kernel repeats much later may be reported twice.
class Connections {
 public:
  static constexpr size_t kMaxKept = 65'536;

  // Returns nullopt if the event is no news.
  std::optional<FlowNews> Take(FlowEvents::Kind kind, const Flow& flow);

 private:
  // The identifiers of flows that were last told of.
  class Recent {
   public:
    // Returns false if it is there already.
    bool Add(uint32_t id);

   private:
    absl::flat_hash_set<uint32_t> ids_;
    std::deque<uint32_t> order_;
  };

  std::optional<FlowNews> TakeTcp(FlowEvents::Kind kind, const Flow& flow);

  Recent opened_;
  Recent closed_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_RECORD_CONNECTIONS_H_
