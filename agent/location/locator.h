// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_LOCATION_LOCATOR_H_
#define FIREBREAK_AGENT_LOCATION_LOCATOR_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "agent/kernel/gateways/gateways.h"
#include "agent/kernel/links/links.h"
#include "agent/kernel/wireless/wireless.h"
#include "agent/location/dns_facts.h"
#include "agent/location/interface_locations.h"
#include "agent/location/leases.h"
#include "agent/location/probe.h"
#include "agent/location/resumable_timer.h"
#include "agent/loop/event_loop.h"
#include "firebreak/v1/effective.pb.h"
#include "firebreak/v1/fleet.pb.h"
#include "firebreak/v1/location.pb.h"
#include "policy/location/hints.h"
#include "policy/location/whereabouts.h"

namespace firebreak::agent {

// Determines the location of each of this host's interfaces and tells the kernel.
//
// An interface is elsewhere until a proof shows that it is at a location. A proof gives it a lease:
// an element with a timeout in the kernel's set for that location. So trust expires even if this
// process dies or hangs, or somebody sets the host's clock. Any change of the link removes the
// element before anything else happens; then the locator looks for proof again.
//
// If the kernel cannot be told, the interface stays elsewhere.
//
// Threading: on the loop's thread.
class Locator : public InterfaceLocations {
 public:
  struct Move {
    std::string interface_name;
    uint32_t interface_index = 0;
    std::vector<std::string> addresses;  // the interface's addresses before the move
    std::string before, now;             // names of locations
    std::string reason;
  };
  // Called from within the locator's methods; may call only its const methods.
  class Listener {
   public:
    virtual ~Listener() = default;
    // The interface has moved, and the kernel's leases already say so.
    virtual void Moved(const Move& move) = 0;
    // A beacon gave an answer that is not a proof. Called once for consecutive refusals with the
    // same reason.
    virtual void LocationRefused(const v1::LocationEvent& event) = 0;
  };

  // The number of attempts that may run at once.
  static constexpr int kMaxProbes = 32;

  // All arguments must outlive the locator.
  Locator(EventLoop& loop, Leases& leases, Listener& listener);
  ~Locator() override;
  Locator(const Locator&) = delete;
  Locator& operator=(const Locator&) = delete;

  // Call this whenever the rules of this policy are in the kernel, also after they were written
  // again. Writes the valid leases to the kernel.
  void SetPolicy(const v1::EffectivePolicy& policy);

  // Call Lose first, with the losses, and then SetLinks, with the links read after that.
  void Lose(const Links::Losses& losses);
  void SetLinks(const std::vector<Link>& links);

  void Describe(v1::InterfaceState& state) const override;
  std::string At(const std::string& interface_name) const override;

  // The facts that a test of locations needs.
  struct Surroundings {
    Link link;
    policy::NetworkFacts facts;
    std::vector<v1::Location> locations;
  };
  std::vector<Surroundings> Look();

 private:
  using Clock = EventLoop::Clock;

  // The attempts to prove that one interface is at one location.
  struct Attempt {
    std::unique_ptr<Probe> probe;
    int beacon = 0;          // index of the location's beacon that is asked now or next
    int beacons_failed = 0;  // how many failed in a row
    std::optional<std::string> ruled_out;
    v1::LocationRefusal refusal;  // the last refusal; without a reason if there was none
    std::string told;             // the last reported refusal, without numbers
    std::string evidence;
  };
  struct Place {
    Link link;
    std::vector<Gateway> gateways;
    policy::Whereabouts where;
    std::string at = policy::kElsewhere;  // the location last reported to the listener
    std::set<std::string> leases;         // locations whose lease the kernel may still have
    std::map<std::string, Attempt> attempts;
  };

  // Forgets everything about these interfaces; first removes the leases of all of them from the
  // kernel.
  void Disturb(const std::vector<uint32_t>& interfaces, const std::string& reason);
  void NoticeSleep();
  void OnGateways();
  void OnDns();
  void ReadGateways();
  policy::NetworkFacts FactsOf(const Place& place);

  void Tick();
  bool Probable(const Place& place) const;
  // Whether the next attempt only waits until its time comes.
  bool Waits(const Place& place, const policy::Whereabouts::Entry& entry) const;
  void StopAsking(Attempt& attempt);
  void Begin(Place& place, const policy::Whereabouts::Entry& entry);
  void Ended(uint32_t interface_index, const std::string& location, ProbeResult result);
  void Refuse(Place& place, const std::string& location, Attempt& attempt, std::string beacon,
              const std::string& reason, bool suspicious);
  void Drop(Place& place, const std::string& location);
  // Removes ended leases from the kernel, whose clock may end them up to a tick later than ours.
  void DropEnded(Place& place, Clock::time_point now);
  // Writes the lease to the kernel; if that fails, resets the claim.
  void PutLease(Place& place, const std::string& location, policy::Claim& claim,
                Clock::time_point now);
  void Tell(Place& place, const std::string& reason);
  void Schedule();

  EventLoop& loop_;
  Leases& leases_;
  Listener& listener_;
  v1::EffectivePolicy policy_;  // holds only the locations and their proofs
  std::map<uint32_t, Place> places_;
  std::optional<Gateways> gateways_;  // set while the policy has locations
  // Set while the policy has locations, if the kernel supports wireless networks.
  std::optional<Wireless> wireless_;
  std::unique_ptr<DnsWatch> dns_;
  ResumableTimer timer_;
  int probing_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_LOCATOR_H_
