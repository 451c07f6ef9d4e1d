#include "policy/ruleset/ruleset.h"

namespace firebreak::ruleset {

uint32_t Length(Field field) {
  switch (field) {
    case Field::kIpv4Address: return 4;
    case Field::kIpv6Address: return 16;
    case Field::kProtocol: return 1;
    case Field::kPort: return 2;
    case Field::kInterfaceIndex: return 4;
    case Field::kInterfaceName: return 16;
  }
  return 0;
}

uint32_t KeyLength(const std::vector<Field>& key) {
  if (key.size() == 1) return Length(key.front());
  uint32_t length = 0;
  for (Field field : key) length += PaddedLength(field);
  return length;
}

size_t CountElements(const Table& table) {
  size_t count = 0;
  for (const auto& [name, set] : table.sets) {
    if (!set.dynamic) count += set.elements.size();
  }
  return count;
}

}  // namespace firebreak::ruleset
