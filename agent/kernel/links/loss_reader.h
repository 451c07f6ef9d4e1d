// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_LINKS_LOSS_READER_H_
#define FIREBREAK_AGENT_KERNEL_LINKS_LOSS_READER_H_

#include <cstdint>
#include <map>
#include <set>

struct nlmsghdr;

namespace firebreak::agent {

// Learns from events which interfaces may lead to another network now, or did for a moment. Some
// events are about the interface itself: it is gone, lost its carrier or an address, or was
// attached to something else. But an interface may also keep its carrier while the interfaces that
// it stands on change: a bridge and a bond stand on their ports, a VLAN on the interface below it.
// A port that is added, or whose carrier comes up, is such a change too, because the port may lead
// anywhere.
//
// Threading: one thread at a time.
class LossReader {
 public:
  // Forgets which interface stands on which. Learn sets that again, from the messages of a dump.
  void Forget();
  void Learn(const nlmsghdr& message);

  void Hear(const nlmsghdr& event);
  // Returns the indices of the interfaces that lost something since the last call, and of all
  // interfaces that stand on them.
  std::set<uint32_t> Take();

 private:
  struct Standing {
    bool up = false;
    uint32_t carrier_changes = 0;
    uint32_t master = 0;  // the bridge or bond of which this is a port
    uint32_t below = 0;   // the interface that this one is stacked on

    friend bool operator==(const Standing&, const Standing&) = default;
  };
  struct LinkMessage;

  static LinkMessage ReadLink(const nlmsghdr& message);
  void Lose(uint32_t index);

  std::map<uint32_t, Standing> known_;
  std::set<uint32_t> lost_;
  std::set<uint32_t> changed_;  // interfaces that changed; whatever stands on them loses
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_LINKS_LOSS_READER_H_
