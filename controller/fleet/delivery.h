// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_DELIVERY_H_
#define FIREBREAK_CONTROLLER_FLEET_DELIVERY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::controller {

// Decides what to push to one host on one stream, and when. The newest wanted revision wins, and at
// most one push is unanswered. A revision that the host has proven is not sent again. After a
// refusal the host gets nothing until there is a new revision, which may have the same policy,
// because operators may retry in this way. Pure state without I/O; not thread-safe.
class Delivery {
 public:
  enum class Push {
    kNone,
    kBrief,  // the push without the policy, which the host already has in force
    kFull,
  };

  // Ignores revisions older than the wanted one.
  void Want(uint64_t revision, absl::string_view policy_digest);

  // Notes the host's receipt: this revision is in force now.
  void OnReceipt(uint64_t revision, absl::string_view policy_digest);

  // Notes the host's refusal; `undone` if the revision was in force for a while.
  void OnRefusal(uint64_t revision, absl::string_view policy_digest, bool undone);

  // Returns what is to be sent now; it stays due until Sent.
  Push Due() const;
  // Notes that the due push has been sent; it is in flight until it is answered.
  void Sent();
  bool in_flight() const { return in_flight_.has_value(); }

 private:
  struct State {
    uint64_t revision = 0;
    std::string policy_digest;
    friend bool operator==(const State&, const State&) = default;
  };

  std::optional<State> wanted_;
  std::optional<State> proven_;
  std::optional<State> refused_;
  std::optional<State> in_flight_;
  bool in_flight_is_brief_ = false;
  bool needs_full_ = false;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_DELIVERY_H_
