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

size_t CountElements(const Table& table) {
  size_t count = 0;
  for (const auto& [name, set] : table.sets) {
    if (!set.dynamic) count += set.elements.size();
  }
  return count;
}

}  // namespace firebreak::ruleset
