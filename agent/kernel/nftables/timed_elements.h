#ifndef FIREBREAK_AGENT_KERNEL_NFTABLES_TIMED_ELEMENTS_H_
#define FIREBREAK_AGENT_KERNEL_NFTABLES_TIMED_ELEMENTS_H_

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "policy/ruleset/ruleset.h"

struct nlmsghdr;

namespace firebreak::agent {

// A set whose elements are state: they come and go one by one, with a timeout each, while the rules
// stay as they are.
struct StateSet {
  uint8_t family = 0;  // ruleset::kInet or kNetdev
  std::string name;

  friend bool operator==(const StateSet&, const StateSet&) = default;
};

// The sets of a ruleset that the agent fills, not packets.
std::vector<StateSet> StateSetsOf(const ruleset::Ruleset& ruleset);

// Transactions as the bytes of one datagram. The message of each that changes something wants an
// acknowledgement and has the sequence number kTimedSequence, and the one before it, if any, too.
inline constexpr uint32_t kTimedSequence = 1;

// Puts the element there for that long; an element that is there already must be `replaced`, as
// older kernels keep its old timeout otherwise.
std::vector<char> PutElementBatch(const StateSet& set, const ruleset::Bytes& key,
                                  std::chrono::milliseconds timeout, bool replaced);
std::vector<char> DeleteElementBatch(const StateSet& set, const ruleset::Bytes& key);
// All elements.
std::vector<char> FlushBatch(const StateSet& set);

struct TimedElement {
  ruleset::Bytes key;
  std::optional<std::chrono::milliseconds> left;  // none: it does not end by itself

  friend bool operator==(const TimedElement&, const TimedElement&) = default;
};

// Appends the elements that a message of the kernel's carries. False if it is malformed or holds
// what is never put into such a set.
bool DecodeTimedElements(const nlmsghdr& message, std::vector<TimedElement>& elements);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_TIMED_ELEMENTS_H_
