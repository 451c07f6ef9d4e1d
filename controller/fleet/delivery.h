#ifndef FIREBREAK_CONTROLLER_FLEET_DELIVERY_H_
#define FIREBREAK_CONTROLLER_FLEET_DELIVERY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace firebreak::controller {

// Decides what to push to one host on one stream, and when. The newest wanted revision wins; at
// most one push is unanswered; what the host proves to have is not sent again, and what it refused
// waits for a new revision, the same policy or not, for an operator may retry with that. Pure state
// without I/O; not thread-safe.
class Delivery {
 public:
  enum class Push {
    kNone,
    kBrief,  // without the policy: the host has it in force already
    kFull,
  };

  // Revisions older than the wanted one are ignored.
  void Want(uint64_t revision, absl::string_view policy_digest);

  // The host's receipt: this is in force now.
  void OnReceipt(uint64_t revision, absl::string_view policy_digest);

  // The host's refusal: `undone` if it was in force for a while.
  void OnRefusal(uint64_t revision, absl::string_view policy_digest, bool undone);

  // What is to be sent now; it stays due until it is sent.
  Push Due() const;
  // What is due has been sent: it is in flight until it is answered.
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
