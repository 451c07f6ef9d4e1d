#ifndef FIREBREAK_CLI_OUTPUT_FORMAT_H_
#define FIREBREAK_CLI_OUTPUT_FORMAT_H_

namespace firebreak::cli {

// How data is printed: for people, or exactly and for programs; those from kW3c on are of the log
// only.
enum class Format { kTable, kJson, kYaml, kW3c, kCsv, kJsonLines };

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_OUTPUT_FORMAT_H_
