// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_SWITCH_SWITCHER_H_
#define FIREBREAK_AGENT_SWITCH_SWITCHER_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "agent/answer/reply.h"
#include "agent/events/event_spool.h"
#include "agent/loop/event_loop.h"
#include "agent/revision/revision_keeper.h"
#include "agent/switch/consent.h"
#include "agent/switch/record_budget.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// Answers LocalSwitchQuestion: the host's own administrator switches the firewall off, or sets
// which ICMP messages are let in or sent, or what is recorded, within the policy's `local_control`,
// or returns any of it to the policy, which is always allowed. Every switch, carried out or
// refused, becomes an event for the controller's audit trail; a switch that cannot be recorded is
// not carried out. A user who may not switch and asks too often is refused without a record.
//
// Threading: on the loop's thread. The constructor's arguments must outlive this object.
class Switcher {
 public:
  Switcher(EventLoop& loop, RevisionKeeper& keeper, EventSpool& events)
      : keeper_(keeper), events_(events), consent_(loop) {}
  Switcher(const Switcher&) = delete;
  Switcher& operator=(const Switcher&) = delete;

  void Answer(std::shared_ptr<Reply> reply);

 private:
  struct Wish {
    std::shared_ptr<Reply> reply;
    v1::LocalSwitchEvent event;
  };

  // Whether what is to be switched is there, and there is room for one switch more.
  absl::Status Check(const v1::LocalSwitch& what) const;
  // The interfaces that the switch concerns, in their present state.
  std::vector<v1::InterfaceState> Concerned(const v1::LocalSwitch& what) const;

  void Confirm(Wish wish);
  void Do(Wish wish);
  void Refuse(Wish wish, const std::string& why);

  RevisionKeeper& keeper_;
  EventSpool& events_;
  RecordBudget records_;
  Consent consent_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_SWITCH_SWITCHER_H_
