#ifndef FIREBREAK_CLI_VERSION_H_
#define FIREBREAK_CLI_VERSION_H_

namespace firebreak::cli {

inline constexpr char kVersion[] = "0.1.0";

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_VERSION_H_
