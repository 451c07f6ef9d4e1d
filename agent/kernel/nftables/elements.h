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

// The elements of NEWSETELEM and DELSETELEM messages. Written and read here without libnftnl: a
// policy has a handful of rules but tens of thousands of elements, and an object for each costs
// more than the kernel's own work.

// How the elements of a set stand in messages. An interval of several fields is one element with
// two keys. For a single field the kernel keeps a tree, in which an interval is two elements: where
// it begins, and what follows its end.
struct ElementLayout {
  size_t key_length = 0;
  bool tree = false;
};
ElementLayout LayoutOf(const ruleset::Set& set);

// The bytes that the element takes in a message, netlink header and list excluded; without its
// value, as a deletion wants it, unless `with_value`.
size_t EncodedBytes(const ruleset::Element& element, const ElementLayout& layout, bool with_value);

// Writes the element at `to`, which has room for EncodedBytes, and returns the end.
char* EncodeElement(const ruleset::Element& element, const ElementLayout& layout, bool with_value,
                    char* to);

// Reads the elements of one set, message by message.
class ElementReader {
 public:
  explicit ElementReader(const ElementLayout& layout) : layout_(layout) {}

  void Read(const nlmsghdr& message);

  // What the messages carried, sorted. False if one is malformed or holds what we never write, so
  // that the set it belongs to must be taken as foreign.
  bool Finish(std::vector<ruleset::Element>& elements) &&;

 private:
  bool ReadElement(std::span<const char> bytes);
  void JoinIntervals();

  const ElementLayout layout_;
  bool whole_ = true;
  std::vector<ruleset::Element> elements_;
  std::set<ruleset::Bytes> ends_;  // of a tree: keys behind the ends
};

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_KERNEL_NFTABLES_ELEMENTS_H_
