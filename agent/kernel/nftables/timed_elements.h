// SPDX-License-Identifier: Apache-2.0
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

// A set whose elements are state: the agent adds and removes them one by one, each with a timeout,
// while the rules stay unchanged.
struct StateSet {
  uint8_t family = 0;  // ruleset::kInet or ruleset::kNetdev
  std::string name;

  friend bool operator==(const StateSet&, const StateSet&) = default;
};

// Returns the sets of a ruleset that the agent fills; other sets are filled by packets.
std::vector<StateSet> StateSetsOf(const ruleset::Ruleset& ruleset);

// Transactions, each encoded as one datagram. The last message that changes something asks for an
// acknowledgement and has the sequence number kTimedSequence; the message before it, if any, does
// so too.
inline constexpr uint32_t kTimedSequence = 1;

// Adds the element for a limited time. An element that exists must be `replaced`, because older
// kernels would keep its old timeout.
std::vector<char> PutElementBatch(const StateSet& set, const ruleset::Bytes& key,
                                  std::chrono::milliseconds timeout, bool replaced);
std::vector<char> DeleteElementBatch(const StateSet& set, const ruleset::Bytes& key);
// Removes all elements.
std::vector<char> FlushBatch(const StateSet& set);

struct TimedElement {
  ruleset::Bytes key;
  std::optional<std::chrono::milliseconds> left;  // nullopt: the element does not expire

  friend bool operator==(const TimedElement&, const TimedElement&) = default;
};

// Appends the elements in a message of the kernel. Returns false if the message is malformed or
// holds something that is never put into such a set.
bool DecodeTimedElements(const nlmsghdr& message, std::vector<TimedElement>& elements);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_TIMED_ELEMENTS_H_
