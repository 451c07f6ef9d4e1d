// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_TESTS_BENCH_LOG_FLEET_H_
#define FIREBREAK_TESTS_BENCH_LOG_FLEET_H_

#include <cstdint>
#include <functional>
#include <string>

#include "tests/bench/namespace_pair.h"
#include "tests/bench/programs.h"

namespace firebreak::bench {

// A controller without hosts in DIRECTORY/controller, where a log and a database may exist already.
// The constructor returns once the controller has answered a request.
class LogController {
 public:
  LogController(const NamespacePair& pair, const std::string& directory);

  // The command of the CLI with this controller's context.
  const std::string& Cli() const { return cli_; }
  // The largest amount of memory that the controller has used, in MiB.
  long PeakMemory() const { return program_.PeakMemory(); }
  double Cpu() const { return program_.Cpu(); }

 private:
  const RunningProgram program_;
  const std::string cli_;
};

// The fate of dropped packets on their way from the kernel to the controller's log.
struct Delivered {
  uint64_t counted = 0;  // packets counted by the kernel
  uint64_t records = 0;  // records in the controller's store
  uint64_t lost = 0;     // packets declared as lost
  double agent_cpu = 0;  // in seconds
  double controller_cpu = 0;
};

// Starts a controller and an agent below `directory`, connected by mutual TLS, has `flood` send to
// a closed port at an IPv4 address, and waits until all records are delivered.
Delivered DeliverToController(const std::string& directory,
                              const std::function<void(const char* address)>& flood);

}  // namespace firebreak::bench

#endif  // FIREBREAK_TESTS_BENCH_LOG_FLEET_H_
