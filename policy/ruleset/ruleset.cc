// SPDX-License-Identifier: Apache-2.0
#include "policy/ruleset/ruleset.h"

#include <linux/netfilter/nf_tables.h>

namespace firebreak::ruleset {

uint32_t Length(Field field) {
  switch (field) {
    case Field::kIpv4Address: return 4;
    case Field::kIpv6Address: return 16;
    case Field::kRawPair:
    case Field::kEtherType: return 2;
    case Field::kProtocol: return 1;
    case Field::kPort: return 2;
    case Field::kTcpFlags: return 1;
    case Field::kInterfaceIndex:
    case Field::kUser:
    case Field::kUserGroup: return 4;
    case Field::kAddressType: return 4;
    case Field::kInterfaceName: return 16;
    case Field::kControlGroup: return 8;
  }
  return 0;
}

uint32_t KeyLength(const std::vector<Field>& key) {
  if (key.size() == 1) return Length(key.front());
  uint32_t length = 0;
  for (Field field : key) length += PaddedLength(field);
  return length;
}

uint32_t ObjectType(const Object& object) {
  struct Types {
    uint32_t operator()(const Counter&) const { return NFT_OBJECT_COUNTER; }
    uint32_t operator()(const ConntrackHelper&) const { return NFT_OBJECT_CT_HELPER; }
    uint32_t operator()(const ConntrackTimeouts&) const { return NFT_OBJECT_CT_TIMEOUT; }
  };
  return std::visit(Types(), object);
}

size_t CountElements(const Ruleset& ruleset) {
  size_t count = 0;
  for (const std::optional<Table>* table : {&ruleset.inet, &ruleset.netdev}) {
    if (!table->has_value()) continue;
    for (const auto& [name, set] : (*table)->sets) {
      if (!set.HoldsState()) count += set.elements.size();
    }
  }
  return count;
}

}  // namespace firebreak::ruleset
