// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_MAPPINGS_MAPPING_DESK_H_
#define FIREBREAK_AGENT_MAPPINGS_MAPPING_DESK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "agent/answer/reply.h"
#include "agent/events/event_spool.h"
#include "agent/loop/event_loop.h"
#include "agent/loop/poster.h"
#include "agent/mappings/holder.h"
#include "agent/revision/revision_keeper.h"
#include "agent/state/state_directory.h"
#include "agent/switch/consent.h"
#include "agent/switch/record_budget.h"
#include "firebreak/v1/host.pb.h"

namespace firebreak::agent {

// Answers LocalMappingQuestion: programs of this host open ports on top of the policy, within its
// `local_control`. Root adds, removes and decides; where the policy says `confirm`, a person at
// root's terminal must agree. Other users' programs only ask, and nothing is opened by asking. An
// administrator of the fleet decides and removes too, and needs no terminal.
//
// A mapping ends with its time, with what it is held by (agent/mappings/holder.h), by hand, or when
// the policy no longer permits it. What happens to it becomes an event for the controller's audit
// trail, and what cannot be recorded is not opened. A user who asks too often is refused without a
// record, so that no user can fill the trail.
//
// Threading: on the loop's thread. The constructor's arguments must outlive this object.
class MappingDesk {
 public:
  // `units_changed` is called when Units returns others than before.
  MappingDesk(EventLoop& loop, StateDirectory& disk, RevisionKeeper& keeper, EventSpool& events,
              std::function<void()> units_changed);
  ~MappingDesk();
  MappingDesk(const MappingDesk&) = delete;
  MappingDesk& operator=(const MappingDesk&) = delete;

  // Reads the mappings from the disk, and ends those whose time or holder is over. To be called
  // once, before the keeper starts, so that nothing is opened for a program that is gone.
  void Load();

  void Answer(std::shared_ptr<Reply> reply);

  // Ends what the policy in force no longer permits, or what is over for another reason.
  void Follow();
  // Ends all that is open, because the policy cannot be enforced with it.
  void LeftOut(const std::string& why);

  // The units with which mappings end.
  const std::set<std::string>& Units() const { return units_; }

 private:
  struct Wish {
    std::shared_ptr<Reply> reply;
    v1::LocalMappingEvent event;  // `what`: what is wanted, `by`: who decides
    std::string wanted = "";      // described, if `what` cannot say it
    std::shared_ptr<Holder> holder = nullptr;
    uint64_t number = 0;   // of the request that is to be granted; 0: the mapping is to be added
    uint64_t seconds = 0;  // of a grant
  };
  struct Ended {
    v1::LocalMapping mapping;
    std::string why;
  };

  // What is asked, each a part of Answer.
  void List(std::shared_ptr<Reply> reply) const;
  void Add(Wish wish, const v1::LocalMapping& asked);
  void Ask(Wish wish, const v1::LocalMapping& asked);
  void Decide(Wish wish, const v1::LocalMappingDecision& decision);
  void Remove(const Wish& wish, uint64_t number);

  // Fills in who the caller is.
  static absl::Status Identify(Wish& wish);
  // Checks what is wanted, and fills it in as the caller's.
  absl::Status TakeIn(const v1::LocalMapping& asked, Wish& wish) const;
  absl::Status CheckPlace(const v1::LocalMapping& wanted) const;
  policy::LocalPermission PermissionFor(const v1::LocalMapping& wanted) const;
  // Opens it as far as the policy permits, or refuses.
  void OpenIfPermitted(Wish wish);
  void Confirm(Wish wish);
  void Open(const Wish& wish);
  void Refuse(const Wish& wish, const std::string& why);
  static void Done(Reply& reply, uint64_t number);

  // Takes over the table, in which these have ended, and tells of them.
  void End(v1::LocalMappings table, const std::vector<Ended>& ended);
  // Takes the mappings and requests that have ended by themselves out of the table.
  std::vector<Ended> TakeEnded(v1::LocalMappings& table) const;
  // Takes out those for which `why` has a reason, and those whose time is over.
  static void TakeOut(const std::function<std::optional<std::string>(const v1::LocalMapping&)>& why,
                      v1::LocalMappings& table, std::vector<Ended>& ended);
  static void TakeOverdue(v1::LocalMappings& table, std::vector<Ended>& ended);
  void Tell(v1::LocalMappingEvent::Kind kind, const v1::LocalMapping& what, const std::string& by,
            const std::string& reason);
  void Hold(uint64_t number, Holder holder);
  // Follows the table as it is now: lets go of holders whose mapping is gone, and sets the timer.
  void FollowTable();
  void SetTimer(absl::Duration least);

  EventLoop& loop_;
  StateDirectory& disk_;
  RevisionKeeper& keeper_;
  EventSpool& events_;
  const std::function<void()> units_changed_;
  std::map<uint64_t, Holder> holders_;  // by the mapping's number
  std::set<std::string> units_;
  std::set<uint64_t> told_;  // have ended and are told of, but are still open in the kernel
  RecordBudget records_;
  Consent consent_;
  EventLoop::Timer timer_ = 0;
  Poster poster_;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_MAPPINGS_MAPPING_DESK_H_
