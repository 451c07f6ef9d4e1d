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

// The nf_tables objects of one table, as values: what the compiler makes, what the kernel is sent,
// what is read back from it, and what a trace evaluates are all of this type.

struct Rule {
  std::vector<Expression> expressions;
  friend bool operator==(const Rule&, const Rule&) = default;
};

struct Hook {
  uint32_t number = 0;  // NF_INET_*, NF_NETDEV_*
  int32_t priority = 0;
  uint32_t policy = 0;  // NF_ACCEPT or NF_DROP
  std::string type;     // "filter", "nat"
  std::string device;   // the interface that a chain of a netdev table hangs on
  friend bool operator==(const Hook&, const Hook&) = default;
};

struct Chain {
  std::optional<Hook> hook;  // of a base chain
  std::vector<Rule> rules;
  friend bool operator==(const Chain&, const Chain&) = default;
};

// What a name in a table stands for beside chains and sets.
struct Counter {
  friend bool operator==(const Counter&, const Counter&) = default;
};
struct ConntrackHelper {
  std::string module;    // as the kernel calls it: "ftp", "RAS"
  uint8_t protocol = 0;  // IPPROTO_*
  friend bool operator==(const ConntrackHelper&, const ConntrackHelper&) = default;
};
struct ConntrackTimeouts {
  uint8_t protocol = 0;           // IPPROTO_*
  std::vector<uint32_t> seconds;  // all of CTA_TIMEOUT_*, from the first
  friend bool operator==(const ConntrackTimeouts&, const ConntrackTimeouts&) = default;
};
using Object = std::variant<Counter, ConntrackHelper, ConntrackTimeouts>;
uint32_t ObjectType(const Object& object);  // NFT_OBJECT_*

// One field of a set's key or data, by the number that nft(8) knows the data type by; the kernel
// only stores it. In a key of several fields each is padded to a multiple of four bytes.
enum class Field : uint32_t {
  kIpv4Address = 7,
  kIpv6Address = 8,
  kRawPair = 4,  // two bytes of a packet, wherever they are
  kEtherType = 10,
  kProtocol = 12,
  kPort = 13,
  kTcpFlags = 15,
  kInterfaceIndex = 20,
  kAddressType = 38,  // RTN_*
  kInterfaceName = 41,
};

// In bytes, without padding; 0 for a type that we do not use.
uint32_t Length(Field field);
inline uint32_t PaddedLength(Field field) { return (Length(field) + 3) / 4 * 4; }
// A field that is the whole key is not padded.
uint32_t KeyLength(const std::vector<Field>& key);

struct Set {
  std::vector<Field> key;
  std::vector<Field> data = {};  // of a map of data
  bool interval = false;
  bool verdict_map = false;
  // Its elements are state that comes and goes by itself (a proven location), not configuration:
  // they have a timeout, are never compared and never part of a digest.
  bool dynamic = false;
  // Its elements come from packets (UpdateSet); it is dynamic too.
  bool updated = false;
  // How many elements fit, 0 for no limit. The kernel builds a faster table when it knows.
  // Not compared: a set with room for more is the same set.
  uint32_t capacity = 0;
  std::vector<Element> elements;  // sorted, keys unique

  // Equal but for elements and capacity: the kernel cannot change any of this in place.
  bool SameDefinition(const Set& other) const {
    return key == other.key && data == other.data && interval == other.interval &&
           verdict_map == other.verdict_map && dynamic == other.dynamic && updated == other.updated;
  }
};

struct Table {
  std::map<std::string, Object> objects;
  std::map<std::string, Chain> chains;
  std::map<std::string, Set> sets;
  // Read back from the kernel, but with something that we never write and that no operation on what
  // is above mends: the flag that switches the whole table off, an object of another kind, a set or
  // chain without a name of its own. Such a table is made anew.
  bool foreign = false;
};

// The name of Firebreak's tables.
inline constexpr char kTableName[] = "firebreak";

// Firebreak's tables. None of them: the host is unmanaged, there are no rules.
struct Ruleset {
  std::optional<Table> inet;    // table inet firebreak: what comes from and goes to IP
  std::optional<Table> netdev;  // table netdev firebreak: what passes by IP, at the interfaces

  bool empty() const { return !inet.has_value() && !netdev.has_value(); }
};

// The families of the two, as the kernel numbers them.
inline constexpr uint8_t kInet = 1;    // NFPROTO_INET
inline constexpr uint8_t kNetdev = 5;  // NFPROTO_NETDEV

// The number of elements of all sets that are configuration.
size_t CountElements(const Ruleset& ruleset);

}  // namespace firebreak::ruleset

#endif  // FIREBREAK_POLICY_RULESET_RULESET_H_
