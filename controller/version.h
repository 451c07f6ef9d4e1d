#ifndef FIREBREAK_CONTROLLER_VERSION_H_
#define FIREBREAK_CONTROLLER_VERSION_H_

namespace firebreak::controller {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_VERSION_H_
