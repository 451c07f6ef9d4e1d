#ifndef FIREBREAK_CONTROLLER_FLEET_INSTANCES_H_
#define FIREBREAK_CONTROLLER_FLEET_INSTANCES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace firebreak::controller {

// Tells a host that connects again from a second machine with a copy of its state directory. Each
// run of an agent has a random number, its instance. A run that ends never comes back, so one that
// comes back after another one was here proves that both run.
//
// Of two that run, the one that was here first stays connected, and the other is refused for as
// long as it does: neither takes the other's place every few seconds.
//
// A value; not thread-safe. Remembers the last kMaxInstances of each host.
class Instances {
 public:
  static constexpr size_t kMaxInstances = 16;

  enum class Verdict {
    kLetIn,         // the only one, as far as is known; it takes the place of the connected one
    kLetInAsFirst,  // two machines run; it was here first and takes the place of the connected one
    kRefuse,        // two machines run; the connected one was here first
  };

  // `instance` says hello while `connected` is connected, if there is one. 0: an agent that has
  // no such number.
  Verdict OnHello(const std::string& host, uint64_t instance, std::optional<uint64_t> connected);

 private:
  std::map<std::string, std::vector<uint64_t>> seen_;  // in the order in which they first came
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_INSTANCES_H_
