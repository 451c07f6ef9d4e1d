// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_UPLINK_CONTROLLER_ADDRESS_H_
#define FIREBREAK_AGENT_UPLINK_CONTROLLER_ADDRESS_H_

#include <functional>
#include <string>

namespace firebreak::agent {

// The controller's address: the name that the operator gave, and the IP address that last worked.
// If the name cannot be resolved, perhaps because the host's own policy blocks the name servers,
// the IP address still works. Attempts alternate between the two until one succeeds. The controller
// is recognized by its certificate, not by its address.
//
// Threading: on the event loop's thread.
class ControllerAddress {
 public:
  // `last` is the address that Reached was told last, perhaps by an earlier agent; empty if there
  // is none. `remember` is called with each different address that Reached is told.
  ControllerAddress(std::string name, std::string last,
                    std::function<void(const std::string&)> remember);

  // Returns the address that the operator gave.
  const std::string& name() const { return name_; }
  // Returns the IP address that last worked, as gRPC names it; empty: none is known.
  const std::string& last() const { return last_; }
  // Returns the address for the next attempt, in the form that gRPC's channels take.
  const std::string& target() const { return by_name_ ? name_ : last_; }

  // Must be called when an attempt reached the controller; `peer` is the address as gRPC names it.
  void Reached(const std::string& peer);
  // Must be called when an attempt did not reach the controller.
  void Failed();

 private:
  const std::string name_;
  std::string last_;
  const std::function<void(const std::string&)> remember_;
  bool by_name_ = true;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_UPLINK_CONTROLLER_ADDRESS_H_
