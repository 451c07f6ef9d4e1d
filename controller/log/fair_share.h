// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_LOG_FAIR_SHARE_H_
#define FIREBREAK_CONTROLLER_LOG_FAIR_SHARE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace firebreak::controller {

using HostBytes = std::map<std::string, uint64_t, std::less<>>;

// Returns how many bytes each host holds beyond its share of `limit`, by max-min fairness: hosts
// that hold little keep all, and the others get equal shares of the rest. The result adds up to the
// bytes held beyond the limit, and is empty if there are none.
HostBytes ExcessOf(const HostBytes& held, uint64_t limit);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_FAIR_SHARE_H_
