#ifndef FIREBREAK_CLI_OUTPUT_FORMAT_H_
#define FIREBREAK_CLI_OUTPUT_FORMAT_H_

namespace firebreak::cli {

// How data is printed: for people, or exactly and for programs; kW3c is of the log only.
enum class Format { kTable, kJson, kYaml, kW3c };

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_OUTPUT_FORMAT_H_
