#ifndef FIREBREAK_AGENT_UPLINK_CONTROLLER_ADDRESS_H_
#define FIREBREAK_AGENT_UPLINK_CONTROLLER_ADDRESS_H_

#include <functional>
#include <string>

namespace firebreak::agent {

// Where the controller is: the name that the operator gave, and the address that it last had. A
// name is no way to the controller while it cannot be resolved, be it that the host's own policy
// keeps it from the name servers; the address then is. Attempts go to the one and to the other in
// turns until one succeeds. The controller is recognised by its certificate, not by where it is.
//
// Threading: on the event loop's thread.
class ControllerAddress {
 public:
  // `last` is what Reached was told last, perhaps by an agent before this one; empty: nothing.
  // `remember` is called with each other address that it is told.
  ControllerAddress(std::string name, std::string last,
                    std::function<void(const std::string&)> remember);

  // The address that the operator gave.
  const std::string& name() const { return name_; }
  // What the next attempt is to connect to, as gRPC's channels take it.
  const std::string& target() const { return by_name_ ? name_ : last_; }

  // An attempt reached the controller at this address, as gRPC names a peer.
  void Reached(const std::string& peer);
  // An attempt did not.
  void Failed();

 private:
  const std::string name_;
  std::string last_;
  const std::function<void(const std::string&)> remember_;
  bool by_name_ = true;
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_UPLINK_CONTROLLER_ADDRESS_H_
