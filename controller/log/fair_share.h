#ifndef FIREBREAK_CONTROLLER_LOG_FAIR_SHARE_H_
#define FIREBREAK_CONTROLLER_LOG_FAIR_SHARE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>

namespace firebreak::controller {

using HostBytes = std::map<std::string, uint64_t, std::less<>>;

// What hosts hold beyond their shares of `limit`: those who hold little keep it, and the others
// have equal shares of the rest (max-min fairness). Together it is what they hold beyond the limit;
// empty if that is nothing.
HostBytes ExcessOf(const HostBytes& held, uint64_t limit);

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_LOG_FAIR_SHARE_H_
