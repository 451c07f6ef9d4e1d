#ifndef FIREBREAK_AGENT_KERNEL_LINKS_LOSS_READER_H_
#define FIREBREAK_AGENT_KERNEL_LINKS_LOSS_READER_H_

#include <cstdint>
#include <map>
#include <set>

struct nlmsghdr;

namespace firebreak::agent {

// Reads from events which interfaces may lead elsewhere now, if only for a moment. Some say so
// themselves: they are gone, are without carrier, lost an address, were attached to something else.
// Others keep their carrier while what they stand on changes: a bridge and a bond stand on their
// ports, a VLAN on the interface below it. A port that comes, or whose carrier comes, is such a
// change too, as it may lead anywhere.
//
// Threading: one thread at a time.
class LossReader {
 public:
  // What stands on what, from the messages of a dump.
  void Forget();
  void Learn(const nlmsghdr& message);

  void Hear(const nlmsghdr& event);
  // The indices of those that lost something since the last call, and of those that stand on them.
  std::set<uint32_t> Take();

 private:
  struct Standing {
    bool up = false;
    uint32_t carrier_changes = 0;
    uint32_t master = 0;  // the bridge or bond of which it is a port
    uint32_t below = 0;   // what it is stacked on

    friend bool operator==(const Standing&, const Standing&) = default;
  };
  struct LinkMessage;

  static LinkMessage ReadLink(const nlmsghdr& message);
  void Lose(uint32_t index);

  std::map<uint32_t, Standing> known_;
  std::set<uint32_t> lost_;
  std::set<uint32_t> changed_;  // what stands on these loses
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_LINKS_LOSS_READER_H_
