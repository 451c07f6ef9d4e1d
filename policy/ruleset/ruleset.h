// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_POLICY_RULESET_RULESET_H_
#define FIREBREAK_POLICY_RULESET_RULESET_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "policy/ruleset/element.h"
#include "policy/ruleset/expression.h"

namespace firebreak::ruleset {

// The nf_tables objects of one table, as values. The compiler makes them, they are sent to the
// kernel and read back from it, and traces evaluate them.

struct Rule {
  std::vector<Expression> expressions;
  friend bool operator==(const Rule&, const Rule&) = default;
};

struct Hook {
  uint32_t number = 0;  // NF_INET_*, NF_NETDEV_*
  int32_t priority = 0;
  uint32_t policy = 0;  // NF_ACCEPT or NF_DROP
  std::string type;     // "filter", "nat"
  std::string device;   // the interface of a chain in a netdev table
  friend bool operator==(const Hook&, const Hook&) = default;
};

struct Chain {
  std::optional<Hook> hook;  // set for a base chain
  std::vector<Rule> rules;
  friend bool operator==(const Chain&, const Chain&) = default;
};

// The objects of a table besides chains and sets, which are referred to by name.
struct Counter {
  friend bool operator==(const Counter&, const Counter&) = default;
};
struct ConntrackHelper {
  std::string module;    // the kernel's name: "ftp", "RAS"
  uint8_t protocol = 0;  // IPPROTO_*
  friend bool operator==(const ConntrackHelper&, const ConntrackHelper&) = default;
};
struct ConntrackTimeouts {
  uint8_t protocol = 0;           // IPPROTO_*
  std::vector<uint32_t> seconds;  // all of CTA_TIMEOUT_*, starting with the first
  friend bool operator==(const ConntrackTimeouts&, const ConntrackTimeouts&) = default;
};
using Object = std::variant<Counter, ConntrackHelper, ConntrackTimeouts>;
uint32_t ObjectType(const Object& object);  // NFT_OBJECT_*

// One field of a set's key or data, as nft(8)'s number of the data type; the kernel only stores
// that number. In a key of several fields each field is padded to a multiple of four bytes.
enum class Field : uint32_t {
  kIpv4Address = 7,
  kIpv6Address = 8,
  kRawPair = 4,  // two bytes at any place in a packet
  kEtherType = 10,
  kProtocol = 12,
  kPort = 13,
  kTcpFlags = 15,
  kInterfaceIndex = 20,
  kUser = 24,         // a user's number
  kUserGroup = 25,    // a group's
  kAddressType = 38,  // RTN_*
  kInterfaceName = 41,
  kControlGroup = 46,  // a control group's number (cgroup v2)
};

// The length in bytes without padding; 0 for a type that Firebreak does not use.
uint32_t Length(Field field);
inline uint32_t PaddedLength(Field field) { return (Length(field) + 3) / 4 * 4; }
// The length of a whole key. A field that is the whole key is not padded.
uint32_t KeyLength(const std::vector<Field>& key);

struct Set {
  std::vector<Field> key;
  std::vector<Field> data = {};  // for a map of data
  bool interval = false;
  bool verdict_map = false;
  // Whether the elements are state that comes and goes (a proven location) rather than
  // configuration. Such elements have a timeout; they are never compared and never part of a
  // digest.
  bool dynamic = false;
  // Whether packets add the elements (UpdateSet). They are state, too. Such a set is dynamic as
  // well, unless its elements count flows (Connlimit): these stay for as long as the flows do.
  bool updated = false;
  // The number of elements for which there is room; 0 for no limit. The kernel builds a faster
  // table if it knows the number. Not compared: a set with more room is the same set.
  uint32_t capacity = 0;
  std::vector<Element> elements;  // sorted, keys unique

  // Whether the elements are state rather than configuration.
  bool HoldsState() const { return dynamic || updated; }

  // Whether two sets are equal except for their elements and capacity. The kernel cannot change any
  // of the other fields of an existing set.
  bool SameDefinition(const Set& other) const {
    return key == other.key && data == other.data && interval == other.interval &&
           verdict_map == other.verdict_map && dynamic == other.dynamic && updated == other.updated;
  }
};

struct Table {
  std::map<std::string, Object> objects;
  std::map<std::string, Chain> chains;
  std::map<std::string, Set> sets;
  // Whether the table, as read from the kernel, has something that Firebreak never writes and that
  // none of the operations on the fields above can undo: the flag that switches the whole table
  // off, an object of another kind, a set or chain without a name of its own. Such a table is
  // deleted and made anew.
  bool foreign = false;
};

// The name of Firebreak's tables.
inline constexpr char kTableName[] = "firebreak";

// Firebreak's tables. If both are absent, the host is unmanaged and there are no rules.
struct Ruleset {
  std::optional<Table> inet;    // table inet firebreak: packets that IP receives or sends
  std::optional<Table> netdev;  // table netdev firebreak: packets that bypass IP, at the interfaces

  bool empty() const { return !inet.has_value() && !netdev.has_value(); }
};

// The families of the two tables, as the kernel numbers them.
inline constexpr uint8_t kInet = 1;    // NFPROTO_INET
inline constexpr uint8_t kNetdev = 5;  // NFPROTO_NETDEV

// The number of elements in all sets that are configuration.
size_t CountElements(const Ruleset& ruleset);

}  // namespace firebreak::ruleset

#endif  // FIREBREAK_POLICY_RULESET_RULESET_H_
