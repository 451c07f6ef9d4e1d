#ifndef FIREBREAK_AGENT_KERNEL_NFTABLES_ELEMENTS_H_
#define FIREBREAK_AGENT_KERNEL_NFTABLES_ELEMENTS_H_

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "policy/ruleset/ruleset.h"

struct nlmsghdr;

namespace firebreak::agent {

// The elements of NEWSETELEM and DELSETELEM messages. Written and read here without libnftnl: a
// policy has a handful of rules but tens of thousands of elements, and an object for each costs
// more than the kernel's own work.

// The bytes that the element takes in a message, netlink header and list excluded; without its
// value, as a deletion wants it, unless `with_value`. `key_length` is the KeyLength of its set.
size_t EncodedBytes(const ruleset::Element& element, size_t key_length, bool with_value);

// Writes the element at `to`, which has room for EncodedBytes, and returns the end.
char* EncodeElement(const ruleset::Element& element, size_t key_length, bool with_value, char* to);

// Appends the elements that a message carries. False if it is malformed or holds what we never
// write, so that the set it belongs to must be taken as foreign.
bool DecodeElements(const nlmsghdr& message, std::vector<ruleset::Element>& elements);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_ELEMENTS_H_
