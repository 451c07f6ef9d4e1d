// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_CLICKHOUSE_H_
#define FIREBREAK_TESTS_BENCH_CLICKHOUSE_H_

#include <memory>
#include <string>

#include "tests/bench/namespace_pair.h"
#include "tests/bench/programs.h"

namespace firebreak::bench {

// A ClickHouse server of its own in the host's namespace, as long as this object lives.
class ClickHouse {
 public:
  // Keeps its files in `directory`, which must not exist. Returns null if the packages are not
  // installed.
  static std::unique_ptr<ClickHouse> Start(const NamespacePair& pair, const std::string& directory);

  // Loads a log that was exported with `firebreak logs -o csv`, sorted by host and time.
  void Load(const std::string& csv) const;
  // Runs a query and discards its result.
  void Query(const std::string& sql) const;
  // Returns the command that runs the query.
  std::string Command(const std::string& sql) const;

 private:
  ClickHouse(const NamespacePair& pair, const std::string& directory);

  const NamespacePair& pair_;
  std::unique_ptr<RunningProgram> server_;
};

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_CLICKHOUSE_H_
