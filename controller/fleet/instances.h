// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FLEET_INSTANCES_H_
#define FIREBREAK_CONTROLLER_FLEET_INSTANCES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace firebreak::controller {

// Detects a second machine that runs with a copy of a host's state directory. Each run of an agent
// has a random number, its instance. A run that has ended never comes back, so an instance that
// comes back after another one was connected proves that both run.
//
// The instance that came first stays connected, and the other is refused as long as the first is
// connected. So the two do not replace each other every few seconds.
//
// A value; not thread-safe. Remembers the last kMaxInstances instances of each host.
class Instances {
 public:
  static constexpr size_t kMaxInstances = 16;

  enum class Verdict {
    // No second machine is known; the new instance replaces the connected one.
    kLetIn,
    // Two machines run. The new instance came first, and replaces the connected one.
    kLetInAsFirst,
    // Two machines run. The connected one came first.
    kRefuse,
  };

  // Decides about `instance`, which says hello while `connected` is connected, if any is. 0 stands
  // for an agent without such a number.
  Verdict OnHello(const std::string& host, uint64_t instance, std::optional<uint64_t> connected);

 private:
  std::map<std::string, std::vector<uint64_t>> seen_;  // in the order of their first hello
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FLEET_INSTANCES_H_
