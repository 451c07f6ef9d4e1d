// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_KERNEL_NFTABLES_ELEMENTS_H_
#define FIREBREAK_AGENT_KERNEL_NFTABLES_ELEMENTS_H_

#include <cstddef>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "policy/ruleset/ruleset.h"

struct nlmsghdr;

namespace firebreak::agent {

// The elements of NEWSETELEM and DELSETELEM messages. They are encoded and decoded here without
// libnftnl: a policy has a handful of rules but tens of thousands of elements, and one libnftnl
// object for each would cost more than the kernel's own work.

// How messages encode the elements of a set. An interval over several fields is one element with
// two keys. An interval over a single field is kept in a tree and encoded as two elements: its
// start, and the key behind its end.
struct ElementLayout {
  size_t key_length = 0;
  bool tree = false;
  bool metered = false;  // elements have the meters of the rules that add them
};
ElementLayout LayoutOf(const ruleset::Set& set);

// The size of the encoded element, without the netlink header and the list header. The value is
// included only if `with_value` is set; a deletion has none.
size_t EncodedBytes(const ruleset::Element& element, const ElementLayout& layout, bool with_value);

// Writes the element to `to`, which has room for EncodedBytes, and returns the end of the written
// bytes.
char* EncodeElement(const ruleset::Element& element, const ElementLayout& layout, bool with_value,
                    char* to);

// Decodes the elements of one set, message by message.
class ElementReader {
 public:
  explicit ElementReader(const ElementLayout& layout) : layout_(layout) {}

  void Read(const nlmsghdr& message);

  // Sets `elements` to all elements, sorted. Returns false if a message was malformed or held
  // something that Firebreak never writes, so that the set must be treated as foreign.
  bool Finish(std::vector<ruleset::Element>& elements) &&;

 private:
  bool ReadElement(std::span<const char> bytes);
  void JoinIntervals();

  const ElementLayout layout_;
  bool whole_ = true;
  std::vector<ruleset::Element> elements_;
  std::set<ruleset::Bytes> ends_;  // interval sets: the keys behind the ends
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_ELEMENTS_H_
