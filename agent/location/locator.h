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

// Where each of this host's interfaces is, and that the kernel knows it.
//
// An interface is elsewhere until it is proven to be at a location; its proof is a lease, which is
// an element with a timeout of the kernel's set for that location. So trust ends by itself when
// this process dies or hangs, or the host's clock does what it likes. Whatever happens to the link
// takes the element away before anything else is done about it; then proof is looked for anew.
//
// Threading: on the loop's thread. A failure to tell the kernel leaves the
// interface elsewhere.
class Locator : public InterfaceLocations {
 public:
  struct Move {
    std::string interface_name;
    uint32_t interface_index = 0;
    std::vector<std::string> addresses;  // as they were before
    std::string before, now;             // locations
    std::string reason;
  };
  // Told from within the locator's own calls, and calls none of them but those that are const.
  class Listener {
   public:
    virtual ~Listener() = default;
    // The kernel has it already.
    virtual void Moved(const Move& move) = 0;
    // Something answered that is no proof. Once for each reason in a row.
    virtual void LocationRefused(const v1::LocationEvent& event) = 0;
  };

  // Attempts under way at once.
  static constexpr int kMaxProbes = 32;

  // All of them must outlive it.
  Locator(EventLoop& loop, Leases& leases, Listener& listener);
  ~Locator() override;
  Locator(const Locator&) = delete;
  Locator& operator=(const Locator&) = delete;

  // The rules of this policy are in the kernel now, perhaps made anew: writes the leases that hold.
  void SetPolicy(const v1::EffectivePolicy& policy);

  // First what was lost, then, when it has been read, what there is.
  void Lose(const Links::Losses& losses);
  void SetLinks(const std::vector<Link>& links);

  void Describe(v1::InterfaceState& state) const override;
  // "elsewhere" if there is none of this name.
  std::string At(const std::string& interface_name) const;

  // What a test of locations needs to know.
  struct Surroundings {
    Link link;
    policy::NetworkFacts facts;
    std::vector<v1::Location> locations;
  };
  std::vector<Surroundings> Look();

 private:
  using Clock = EventLoop::Clock;

  // The way of one interface to one location.
  struct Attempt {
    std::unique_ptr<Probe> probe;
    int beacon = 0;          // of the location's, that is asked or asked next
    int beacons_failed = 0;  // in a row
    std::optional<std::string> ruled_out;
    v1::LocationRefusal refusal;  // the last; without a reason if there was none
    std::string told;             // of the last refusal that was told
    std::string evidence;
  };
  struct Place {
    Link link;
    std::vector<Gateway> gateways;
    policy::Whereabouts where;
    std::string at = policy::kElsewhere;  // as it was last told
    std::set<std::string> leases;         // locations whose lease the kernel may still have
    std::map<std::string, Attempt> attempts;
  };

  // Loses all that is known of these interfaces: the kernel first, all of them, then the rest.
  void Disturb(const std::vector<uint32_t>& interfaces, const std::string& reason);
  void NoticeSleep();
  void OnGateways();
  void OnDns();
  void ReadGateways();
  policy::NetworkFacts FactsOf(const Place& place);

  void Tick();
  bool Probable(const Place& place) const;
  // Whether the next attempt only waits for its time.
  bool Waits(const Place& place, const policy::Whereabouts::Entry& entry) const;
  void StopAsking(Attempt& attempt);
  void Begin(Place& place, const policy::Whereabouts::Entry& entry);
  void Ended(uint32_t interface_index, const std::string& location, ProbeResult result);
  void Refuse(Place& place, const std::string& location, Attempt& attempt, std::string beacon,
              const std::string& reason, bool suspicious);
  void Drop(Place& place, const std::string& location);
  // The kernel's clock ends a lease up to a tick later than ours.
  void DropEnded(Place& place, Clock::time_point now);
  // Or the claim begins anew.
  void PutLease(Place& place, const std::string& location, policy::Claim& claim,
                Clock::time_point now);
  void Tell(Place& place, const std::string& reason);
  void Schedule();

  EventLoop& loop_;
  Leases& leases_;
  Listener& listener_;
  v1::EffectivePolicy policy_;  // its locations' proofs only
  std::map<uint32_t, Place> places_;
  std::optional<Gateways> gateways_;  // while there are locations
  std::optional<Wireless> wireless_;  // … and the kernel has any such
  std::unique_ptr<DnsWatch> dns_;
  ResumableTimer timer_;
  int probing_ = 0;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_LOCATION_LOCATOR_H_
