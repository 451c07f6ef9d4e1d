// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CLI_OUTPUT_FORMAT_H_
#define FIREBREAK_CLI_OUTPUT_FORMAT_H_

namespace firebreak::cli {

// How data is printed: as a table for people, or complete and exact for programs. The formats from
// kW3c on are only for the log.
enum class Format { kTable, kJson, kYaml, kW3c, kCsv, kJsonLines };

}  // namespace firebreak::cli

#endif  // FIREBREAK_CLI_OUTPUT_FORMAT_H_
