// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/interface_types.h"

#include <algorithm>
#include <iterator>

namespace firebreak::policy {
namespace {

constexpr absl::string_view kTypes[] = {"ethernet", "wireless",  "ppp",    "vpn",  "bridge",
                                        "vlan",     "container", "tunnel", "other"};

}  // namespace

std::span<const absl::string_view> InterfaceTypes() { return kTypes; }

bool IsInterfaceType(absl::string_view type) {
  return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
}

}  // namespace firebreak::policy
